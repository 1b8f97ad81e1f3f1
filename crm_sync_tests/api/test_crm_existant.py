"""The API over an existing CRM: integer ids, their words, rows marked as deleted, services in one database or in four."""

from collections.abc import Iterator

import pytest

from crm_sync.crm import kpi, kpi_pour
from crm_sync.crm.mapping import analyser
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.api.service import Appelant, service
from crm_sync_tests.crm_existant import CrmExistant, creer

Monde = tuple[CrmExistant, Appelant, dict[str, int]]


def peupler(crm: CrmExistant) -> dict[str, int]:
    """An admin, a manager above a manager above a sales rep, all with a contract; one more contract of nobody."""
    ids: dict[str, int] = {}
    superieur = None
    for nom, role, statut in (
        ("Admin", "ADMIN", "ENABLED"),
        ("Chef", "MANAGER", "ENABLED"),
        ("Sous", "MANAGER", "DISABLED"),
        ("Vendeur", "SALES", "ENABLED"),
        (None, None, None),
    ):
        cle = nom or "Personne"
        if nom:
            ids[nom] = crm.valeur(
                'insert into users ("emailAddress", "lastName", "firstName", role, status, "managerId", "tenantId", "updatedAt") '
                "values (%s, %s, 'Jo', %s, %s, %s, 'acme', now()) returning id",
                f"{nom}@x.example",
                nom,
                role,
                statut,
                superieur if nom != "Chef" else None,
            )
            superieur = ids[nom]
        broker = crm.valeur(
            'insert into brokers ("userId", "displayName") values (%s, %s) returning id', ids.get(cle), f"B {cle}"
        )
        client = crm.valeur(
            'insert into customers ("lastName", "organizationId") values (%s, gen_random_uuid()) returning id',
            f"C {cle}",
        )
        for suffixe, etat, supprime in (("a", "ACTIVE", None), ("b", "CLOSED", None), ("c", "DRAFT", "2025-01-01")):
            crm.lire(
                'insert into contracts ("contractReference", status, amount, "signedOn", "customerId", "brokerId", imported, '
                "tags, meta, \"deletedAt\") values (%s, %s, 12.5, '2025-01-31', %s, %s, false, '{}', '{}', %s)",
                f"{cle}{suffixe}",
                etat,
                client,
                broker,
                supprime,
            )
        ids |= {f"broker {cle}": broker, f"client {cle}": client}
    return ids


@pytest.fixture(params=[False, True], ids=["une_base", "quatre_bases"])
def monde(postgres: ServeurEmbarque, request: pytest.FixtureRequest) -> Iterator[Monde]:
    with creer(postgres, separes=request.param) as crm:
        ids = peupler(crm)
        with crm.bases() as bases:
            kpi.recalculer(bases)
            assert kpi_pour.possible(bases) is not request.param
        with service(crm.urls, correspondance=analyser(crm.mapping)) as api:
            yield crm, api, ids


def test_each_sees_theirs_through_an_inactive_manager_and_nothing_that_is_deleted(monde: Monde) -> None:
    crm, api, ids = monde
    attendus = {
        "Admin": {"Admin", "Chef", "Sous", "Vendeur", "Personne"},
        "Chef": {"Chef", "Sous", "Vendeur"},
        "Vendeur": {"Vendeur"},
    }
    for nom, vus in attendus.items():
        moi = ids[nom]
        lignes = api.lire("/kpi/contrats-par-commercial", moi)["lignes"]
        assert {ligne["commercial_id"] for ligne in lignes} == {str(ids[f"broker {un}"]) for un in vus}
        assert {ligne["nb_contrats"] for ligne in lignes} == {2}
        if crm.urls["core"] == crm.urls["commercial"]:
            requete = "select commercial_id, nb_contrats from crm_sync.kpi_pour(%s)"
            assert set(crm.notre(requete, moi)) == {(ids[f"broker {un}"], 2) for un in vus}
        for un in attendus["Admin"]:
            vue = api.lire(f"/clients/{ids[f'client {un}']}", moi)
            if un not in vus:
                assert vue == 404
                continue
            assert {c["reference"] for c in vue["contrats"]} == {f"{un}a", f"{un}b"}
            assert {c["montant"] for c in vue["contrats"]} == {"12.50"}
            page = api.lire(f"/commerciaux/{ids[f'broker {un}']}/contrats", moi, limite=1)
            suite = api.lire(f"/commerciaux/{ids[f'broker {un}']}/contrats", moi, curseur=page["suite"])
            assert [len(page["lignes"]), len(suite["lignes"]), suite["suite"]] == [1, 1, None]
    assert api.lire("/moi", ids["Sous"]) == 403
    supprime = crm.valeur("select id from contracts where \"contractReference\" = 'Vendeurc'")
    assert api.lire(f"/contrats/{supprime}", ids["Admin"]) == 404


def test_their_words_are_ours_and_a_period_is_of_their_days(monde: Monde) -> None:
    _, api, ids = monde
    total = api.lire("/kpi/contrats-par-commercial", ids["Admin"], du="2025-01-31", au="2025-01-31")["total"]
    assert (total["nb_contrats"], total["nb_valides"], total["nb_autres"]) == (10, 5, 0)
    assert api.lire("/kpi/contrats-par-commercial", ids["Admin"], au="2025-01-30")["total"]["nb_contrats"] == 0
    moi = api.lire("/moi", ids["Vendeur"])
    assert (moi["nom"], moi["role"], moi["commercial_id"]) == ("Jo Vendeur", "commercial", str(ids["broker Vendeur"]))
    for ident in ("0", "-1", "1e3", "99999999999999999999", "x"):
        assert api.lire(f"/clients/{ident}", ids["Admin"]) == 404

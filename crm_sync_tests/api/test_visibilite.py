"""The leak test: every address, every user of invented organisations, every row - none too many, none too few."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from crm_sync.crm import kpi
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.api.organisation import Organisation, organisation, ranger
from crm_sync_tests.api.service import Appelant, service
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, une_base

GRAINES = (0, *(pytest.param(graine, marks=pytest.mark.longue) for graine in range(1, 4)))
"""One in every run of the suite, more of them in the long one."""


@pytest.fixture(scope="module", params=GRAINES)
def monde(postgres: ServeurEmbarque, request: pytest.FixtureRequest) -> Iterator[tuple[Organisation, Appelant]]:
    """One organisation, counted, and the API over it."""
    tout = organisation(request.param)
    with base_neuve(postgres) as base:
        ranger(base.url, tout)
        with base.bases() as bases:
            kpi.recalculer(bases)
        with service(une_base(base.url)) as api:
            yield tout, api


Monde = tuple[Organisation, Appelant]


def pages(api: Appelant, adresse: str, utilisateur_id: str, **parametres: Any) -> list[dict[str, Any]] | int:
    """Read every page of a list; a status where it is none."""
    lignes: list[dict[str, Any]] = []
    curseur = None
    while True:
        page = api.lire(adresse, utilisateur_id, limite=3, **({"curseur": curseur} if curseur else {}), **parametres)
        if isinstance(page, int):
            return page
        lignes += page["lignes"]
        curseur = page["suite"]
        assert len(page["lignes"]) == 3 or curseur is None
        if curseur is None:
            return lignes


def actifs(tout: Organisation) -> list[str]:
    return [u for u in tout.utilisateurs if tout.role(u)]


def test_who_has_no_rights_gets_403_everywhere_and_nothing_else(monde: Monde) -> None:
    tout, api = monde
    sans = [u for u in tout.utilisateurs if not tout.role(u)]
    assert sans
    adresses = [
        *("/kpi/contrats-par-commercial", "/kpi/contrats-par-mois", "/moi", "/synchronisations/derniere"),
        *(f"/clients/{c}" for c in list(tout.clients)[:3]),
        *(f"/contrats/{c}" for c in list(tout.contrats)[:3]),
        *(f"/commerciaux/{a}/contrats" for a in list(tout.apporteurs)[:3]),
        "/synchronisations/00000000-0000-4000-8000-000000000000",
    ]
    for utilisateur_id in (*sans, "00000000-0000-4000-8000-000000000000"):
        for adresse in adresses:
            reponse = api.client.get(adresse, headers=api.en_tetes(utilisateur_id))
            assert (reponse.status_code, set(reponse.json())) == (403, {"type", "title", "status", "detail"})
        assert api.client.post("/synchronisations", headers=api.en_tetes(utilisateur_id)).status_code == 403


def test_the_kpi_has_a_row_for_each_sales_rep_that_the_viewer_sees_and_adds_up(monde: Monde) -> None:
    tout, api = monde
    for utilisateur_id in actifs(tout):
        vus = tout.apporteurs_vus(utilisateur_id)
        for filtre in ({}, {"du": "2025-01-01"}, {"statut": ["valide", "autre"]}, {"lecture": "vendu"}):
            kpi_vu = api.lire("/kpi/contrats-par-commercial", utilisateur_id, **filtre)
            lignes = kpi_vu["lignes"]
            assert {ligne["commercial_id"] for ligne in lignes} == vus
            assert len(lignes) == len(vus)
            assert kpi_vu["total"]["nb_contrats"] == sum(ligne["nb_contrats"] for ligne in lignes)
            assert kpi_vu["total"]["nb_vendus"] == sum(ligne["nb_vendus"] for ligne in lignes)
        entier = api.lire("/kpi/contrats-par-commercial", utilisateur_id)
        comptes = {ligne["commercial_id"]: ligne["nb_contrats"] for ligne in entier["lignes"]}
        assert comptes == {a: sum(c["commercial_id"] == a for c in tout.contrats.values()) for a in vus}


def test_the_months_are_those_of_the_sales_reps_that_the_viewer_sees(monde: Monde) -> None:
    tout, api = monde
    for utilisateur_id in actifs(tout):
        vus = tout.apporteurs_vus(utilisateur_id)
        attendus = [c for c in tout.contrats.values() if c["commercial_id"] in vus]
        lignes = api.lire("/kpi/contrats-par-mois", utilisateur_id)["lignes"]
        assert {ligne["commercial_id"] for ligne in lignes} == {c["commercial_id"] for c in attendus}
        assert sum(ligne["nb_contrats"] for ligne in lignes) == len(attendus)
        for autre in set(tout.apporteurs) - vus:
            assert api.lire("/kpi/contrats-par-mois", utilisateur_id, commercial_id=autre)["lignes"] == []
        fevrier = api.lire("/kpi/contrats-par-mois", utilisateur_id, du="2025-02-01", au="2025-02-01")["lignes"]
        assert sum(ligne["nb_contrats"] for ligne in fevrier) == sum(
            c["date_signature"] == "2025-01-31T23:00:00Z" for c in attendus
        )


def test_the_months_of_each_reading_add_up_to_the_rows_that_the_viewer_sees(monde: Monde) -> None:
    tout, api = monde
    for utilisateur_id in actifs(tout):
        for filtre in ({}, {"du": "2025-02-01"}, {"au": "2025-01-31"}, {"statut": ["valide", "autre"]}):
            for lecture, compte, somme in (
                ("portefeuille", "nb_contrats", "montant_total"),
                ("vendu", "nb_vendus", "montant_vendu"),
            ):
                demande = {**filtre, "lecture": lecture}
                lignes = api.lire("/kpi/contrats-par-commercial", utilisateur_id, **demande)["lignes"]
                attendus = {un["commercial_id"]: (un[compte], Decimal(un[somme])) for un in lignes if un[compte]}
                comptes: dict[str, tuple[int, Decimal]] = {}
                for mois in api.lire("/kpi/contrats-par-mois", utilisateur_id, **demande)["lignes"]:
                    nombre, montant = comptes.get(mois["commercial_id"], (0, Decimal(0)))
                    comptes[mois["commercial_id"]] = (
                        nombre + mois["nb_contrats"],
                        montant + Decimal(mois["montant"]),
                    )
                assert comptes == attendus


def test_a_client_is_seen_whole_or_not_at_all(monde: Monde) -> None:
    tout, api = monde
    for utilisateur_id in actifs(tout):
        vus = tout.clients_vus(utilisateur_id)
        encadre = tout.role(utilisateur_id) != "commercial"
        for client_id, client in tout.clients.items():
            vue = api.lire(f"/clients/{client_id}", utilisateur_id)
            if client_id not in vus:
                assert vue == 404
                continue
            assert vue["client"]["nom"] == client["nom"]
            siens = {cle for cle, c in tout.contrats.items() if c["client_id"] == client_id}
            assert {c["id"] for c in vue["contrats"]} == siens
            assert {c["portefeuille"]["id"] for c in vue["contrats"]} == {
                tout.contrats[c]["commercial_id"] for c in siens
            }
            ibans = [p["iban"][-4:] for p in tout.paiements.values() if p["client_id"] == client_id]
            assert [p["fin"] for p in vue["paiements"]] == (ibans if encadre else [None] * len(ibans))
            carte = (
                {"presente": True, "expire_le": "2032-11-26"}
                if client["identity_card"]
                else {
                    "presente": False,
                    "expire_le": None,
                }
            )
            assert vue["carte_identite"] == carte


def test_a_contract_is_seen_by_who_sees_its_client_or_its_holder(monde: Monde) -> None:
    tout, api = monde
    for utilisateur_id in actifs(tout):
        vus = {
            contrat_id
            for contrat_id in tout.contrats
            if isinstance(api.lire(f"/contrats/{contrat_id}", utilisateur_id), dict)
        }
        assert vus == tout.contrats_vus(utilisateur_id)


def test_the_contracts_of_a_sales_rep_are_all_there_page_by_page(monde: Monde) -> None:
    tout, api = monde
    for utilisateur_id in actifs(tout):
        vus = tout.apporteurs_vus(utilisateur_id)
        ses_contrats = tout.contrats_vus(utilisateur_id)
        for commercial_id in tout.apporteurs:
            adresse = f"/commerciaux/{commercial_id}/contrats"
            tenus = pages(api, adresse, utilisateur_id)
            vendus = pages(api, adresse, utilisateur_id, lecture="vendu")
            if commercial_id not in vus:
                assert (tenus, vendus) == (404, 404)
                continue
            assert not isinstance(tenus, int)
            assert not isinstance(vendus, int)
            assert sorted(c["id"] for c in tenus) == sorted(
                cle for cle, c in tout.contrats.items() if c["commercial_id"] == commercial_id
            )
            assert {c["id"] for c in vendus} <= ses_contrats


def test_no_answer_holds_a_whole_iban_a_bic_or_an_identity_card(monde: Monde) -> None:
    tout, api = monde
    secrets = {p["iban"] for p in tout.paiements.values()} | {"BNPAFRPPXXX", "X92"}
    fins = {p["iban"][-4:] for p in tout.paiements.values()}
    for utilisateur_id in actifs(tout):
        listes = [
            api.lire("/kpi/contrats-par-commercial", utilisateur_id),
            api.lire("/kpi/contrats-par-mois", utilisateur_id),
            *(api.lire(f"/commerciaux/{a}/contrats", utilisateur_id) for a in tout.apporteurs),
            *(api.lire(f"/contrats/{c}", utilisateur_id) for c in list(tout.contrats)[:5]),
        ]
        vues = [api.lire(f"/clients/{c}", utilisateur_id) for c in list(tout.clients)]
        assert not any(secret in json.dumps([*listes, *vues]) for secret in secrets)
        assert not any(f'"{fin}"' in json.dumps(listes) for fin in fins)


def test_a_contract_sold_and_gone_elsewhere_is_shown_only_to_who_sees_it(base: Base) -> None:
    tout = organisation(4)
    ranger(base.url, tout)
    seuls = [u for u in actifs(tout) if tout.role(u) == "commercial" and tout.apporteurs_vus(u)]
    moi = seuls[0]
    (mien,) = tout.apporteurs_vus(moi)
    ailleurs = next(
        cle for cle, c in tout.contrats.items() if c["commercial_id"] != mien and cle not in tout.contrats_vus(moi)
    )
    admin = next(u for u in actifs(tout) if tout.role(u) == "admin")
    base.lire("insert into crm_sync.contrat_vente values (%s, %s, now())", ailleurs, mien)
    with base.bases() as bases:
        kpi.recalculer(bases)
    with service(une_base(base.url)) as api:
        adresse = f"/commerciaux/{mien}/contrats"
        vendus = pages(api, adresse, moi, lecture="vendu")
        tous = pages(api, adresse, admin, lecture="vendu")
        ligne = api.lire("/kpi/contrats-par-commercial", moi)["lignes"][0]
    assert not isinstance(vendus, int)
    assert not isinstance(tous, int)
    assert ailleurs not in {c["id"] for c in vendus}
    assert ailleurs in {c["id"] for c in tous}
    assert len(tous) == ligne["nb_vendus"]


def test_ids_of_any_shape_are_404_or_unreadable_never_an_error(monde: Monde) -> None:
    tout, api = monde
    admin = next(u for u in actifs(tout) if tout.role(u) in {"admin", "manager", "commercial"})
    for ident in ("x", "%00", "'", "00000000-0000-4000-8000-000000000000", "é", "1" * 100, "..", "%2e%2e%2f"):
        for adresse in (
            f"/clients/{ident}",
            f"/contrats/{ident}",
            f"/commerciaux/{ident}/contrats",
            f"/synchronisations/{ident}",
        ):
            assert api.lire(adresse, admin) in {404, 422}
    assert api.lire("/clients/" + "1" * 101, admin) == 422
    majuscules = next(iter(tout.clients_vus(admin))).upper()
    assert isinstance(api.lire(f"/clients/{majuscules}", admin), dict)

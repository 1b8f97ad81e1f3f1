"""Contracts of an existing CRM that name no sales rep, or one who is not there: *Non attribué* in every filter."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from crm_sync.crm import kpi
from crm_sync.crm.mapping import analyser
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.api.service import Appelant, service
from crm_sync_tests.crm_existant import CrmExistant, creer
from crm_sync_tests.gens import lecture, prospect
from crm_sync_tests.synchro import enchainer

STATUTS = {"DRAFT": "en_attente", "SIGNED": "signe", "ACTIVE": "valide", "CLOSED": "resilie", "OTHER": "autre"}
DATES = (None, "2025-01-31", "2025-02-01", "infinity")
PERIODES: tuple[dict[str, str], ...] = (
    {},
    {"du": "2025-02-01"},
    {"au": "2025-01-31"},
    {"du": "2025-01-31", "au": "2025-01-31"},
)
CHOIX: tuple[list[str], ...] = ([], ["valide"], ["signe", "autre"])


@pytest.fixture(scope="module", params=[False, True], ids=["une_base", "quatre_bases"])
def crm(postgres: ServeurEmbarque, request: pytest.FixtureRequest) -> Iterator[CrmExistant]:
    """A sales rep, nobody and somebody who is gone, each with a contract of each status and date; and one deleted."""
    with creer(postgres, separes=request.param) as crm:
        crm.lire(
            'insert into users ("emailAddress", role, status, "tenantId", "updatedAt") '
            "values ('admin@x.example', 'ADMIN', 'ENABLED', 'acme', now()), ('v@x.example', 'SALES', 'ENABLED', 'acme', now())"
        )
        crm.lire('alter table contracts drop constraint "contracts_brokerId_fkey"')
        vendeur = crm.valeur('insert into brokers ("userId", "displayName") values (2, \'Vendeur\') returning id')
        client = crm.valeur(
            'insert into customers ("lastName", "organizationId") values (\'Client\', gen_random_uuid()) returning id'
        )
        numeros = iter(range(1000))
        for qui, statut, jour in product((vendeur, None, 999_999), STATUTS, DATES):
            _contrat(crm, f"X{next(numeros)}", qui, statut, jour, client, None)
        _contrat(crm, "X-efface", None, "ACTIVE", "2025-02-01", client, "2025-03-01")
        yield crm


def _contrat(crm: CrmExistant, reference: str, *valeurs: Any) -> None:
    crm.lire(
        'insert into contracts ("contractReference", "brokerId", status, "signedOn", "customerId", "deletedAt", amount, '
        "imported, tags, meta) values (%s, %s, %s, %s, %s, %s, 10, false, '{}', '{}')",
        reference,
        *valeurs,
    )


def _attendus(
    crm: CrmExistant, periode: dict[str, str], choix: list[str], reserve: int | None
) -> dict[str | None, int]:
    """Count by hand: who holds how many of the contracts that are meant; None is nobody."""
    connus = {ligne[0] for ligne in crm.lire("select id from brokers")}
    comptes: dict[str | None, int] = {}
    for qui, statut, jour in crm.lire(
        'select "brokerId", status::text, nullif("signedOn", \'infinity\')::text from contracts where "deletedAt" is null'
    ):
        dedans = not periode or (jour and periode.get("du", "") <= jour <= periode.get("au", "9"))
        if dedans and (not choix or STATUTS[statut] in choix):
            cle = str(qui) if qui in connus - {reserve} else None
            comptes[cle] = comptes.get(cle, 0) + 1
    return comptes


def _verifier(crm: CrmExistant, api: Appelant, reserve: str | None) -> None:
    for periode, choix in product(PERIODES, CHOIX):
        attendus = _attendus(crm, periode, choix, reserve and int(reserve))
        vu = api.lire("/kpi/contrats-par-commercial", 1, **periode, statut=choix)
        mois = api.lire("/kpi/contrats-par-mois", 1, **periode, statut=choix)["lignes"]
        sans = 0 if reserve else attendus.pop(None, 0)
        comptes = {ligne["commercial_id"]: ligne["nb_contrats"] for ligne in vu["lignes"] if ligne["nb_contrats"]}
        assert comptes == {qui or reserve: n for qui, n in attendus.items()}
        assert vu["sans_commercial"] == sans
        assert vu["total"]["nb_contrats"] == sum(attendus.values()) == sum(ligne["nb_contrats"] for ligne in mois)
        assert Decimal(vu["total"]["montant_total"]) == sum(Decimal(ligne["montant_total"]) for ligne in vu["lignes"])
        sien = api.lire("/kpi/contrats-par-commercial", 2, **periode, statut=choix)
        assert [ligne["utilisateur_id"] for ligne in sien["lignes"]] == ["2"]
        assert sien["sans_commercial"] == 0  # how many there are is not theirs to know


def test_before_there_is_a_reserved_one_their_number_is_told_beside_the_rows_then_they_are_its_rows(
    crm: CrmExistant,
) -> None:
    with crm.bases() as bases:
        kpi.recalculer(bases)
    with service(crm.urls, correspondance=analyser(crm.mapping)) as api:
        _verifier(crm, api, None)
        with crm.bases() as bases:
            enchainer(bases, lecture(prospect(1, commercial=None)), "s1")
        reserve = crm.notre("select crm_id from crm_sync.lien where source_id = 'non_attribue'")[0][0]
        _verifier(crm, api, reserve)
        page = api.lire(f"/commerciaux/{reserve}/contrats", 1, limite=200, du="2025-01-31")["lignes"]
        assert len(page) == 2 * 2 * len(STATUTS)
    if crm.urls["core"] == crm.urls["commercial"]:
        vues = dict(crm.notre("select commercial_id::text, nb_contrats from crm_sync.kpi_pour(1)"))
        assert vues[reserve] == 41  # two of three contracts, and the one that the sync brought
        assert sum(vues.values()) == 61

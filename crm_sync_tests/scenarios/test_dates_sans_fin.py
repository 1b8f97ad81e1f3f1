"""Dates that Postgres has and calendars do not - infinity, before Christ, the year 12000 - in a CRM that was there before us."""

import json

import pytest

from crm_sync.crm import kpi
from crm_sync_tests.api.service import service
from crm_sync_tests.commandes.conftest import Ops, ops
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import contrat, lecture, prospect, une_base
from crm_sync_tests.synchro import enchainer

__all__ = ["ops"]
ETRANGES = ("infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "12000-01-01", "294276-12-31 23:59:59+00")
SANS_FIN = "9999-12-31 23:59:59+00"
"""What a system writes for *for ever*; in Paris it is of the year 10000."""


@pytest.fixture
def etrange(base: Base) -> Base:
    """A CRM with a sales rep, a client, and a contract of each strange date, one without, and one of January 2025."""
    base.lire("insert into service_core.utilisateur (email, role, actif) values ('a@b.example', 'admin', true)")
    base.lire(
        "insert into service_commercial.apporteur (nom, email, created_at, updated_at) "
        "values ('Vendeur', 'v@ventes.example', 'infinity', '-infinity')"
    )
    base.lire(
        "insert into service_core.client_base (nom, email, created_at, updated_at) "
        "values ('NomB', 'personne1@exemple.example.org', '-infinity', 'infinity')"
    )
    for numero, signature in enumerate((*ETRANGES, SANS_FIN, None, "2025-01-31 23:30:00+00")):
        base.lire(
            "insert into service_commercial.contrat "
            "(reference, statut, montant, date_signature, date_validation, created_at, updated_at, client_id, commercial_id) "
            "select %s, 'valide', 10, %s::timestamptz, %s::timestamptz, coalesce(%s, 'infinity')::timestamptz, "
            "coalesce(%s, '-infinity')::timestamptz, c.id, a.id "
            "from service_core.client_base as c, service_commercial.apporteur as a",
            f"E{numero}",
            *[signature] * 4,
        )
    return base


def test_a_sync_over_them_ends_well_and_the_months_are_those_that_a_calendar_has(etrange: Base) -> None:
    recus = [contrat(f"E{numero}", montant="11", statut="Résilié") for numero in range(8)]
    for tour in range(2):
        with etrange.bases() as bases:
            enchainer(bases, lecture(prospect(1, *recus)), f"s{tour}")
    mois = etrange.lire(
        "select mois::text, sum(nb_contrats) from service_commercial.kpi_contrats_par_mois group by 1 order by 1"
    )
    assert mois == [("2025-01-01", 1), ("2025-02-01", 1), (None, 6)]
    assert etrange.valeur("select count(*) from service_commercial.contrat") == 8
    etrange.lire("update service_commercial.contrat set updated_at = 'infinity', montant = 12")
    with etrange.bases() as bases:
        enchainer(bases, lecture(prospect(1, *[{**un, "montant": "13"} for un in recus])), "s2")


def test_the_command_line_shows_them_without_a_date(etrange: Base, ops: Ops) -> None:
    with etrange.bases() as bases:
        enchainer(bases, lecture(prospect(2)), "s1")
    document = ops("kpi", "--json").document
    vendeur = next(ligne for ligne in document["lignes"] if ligne["nom"] == "Vendeur")
    assert vendeur["nb_contrats"] == 8
    assert vendeur["dernier_contrat_le"].startswith("2025-01-31T23:30")
    assert ops("kpi").code == 0
    client_id = etrange.valeur("select id::text from service_core.client_base where nom = 'NomB'")
    for commande in (("client", f"client:{client_id}"), ("client", "contrat:E0"), ("why", "contrat:E1"), ("journal",)):
        dit = ops(*commande)
        assert (dit.code, dit.erreur) == (0, ""), commande
        assert "infinity" not in dit.sortie
    assert json.loads(ops("client", "contrat:E0", "--json").sortie)["clients"]


def test_the_api_shows_no_date_and_counts_them_in_no_period(etrange: Base) -> None:
    admin = etrange.valeur("select id::text from service_core.utilisateur where role = 'admin'")
    with etrange.bases() as bases:
        enchainer(bases, lecture(prospect(2)), "s1")
    vendeur = etrange.valeur("select id::text from service_commercial.apporteur where nom = 'Vendeur'")
    client_id = etrange.valeur("select id::text from service_core.client_base where nom = 'NomB'")
    with service(une_base(etrange.url)) as api:
        entier = api.lire("/kpi/contrats-par-commercial", admin)
        for filtre in ({"du": "0001-01-01"}, {"au": "9999-12-31"}, {"du": "2025-02-01"}):
            assert api.lire("/kpi/contrats-par-commercial", admin, **filtre)["total"]["nb_valides"] == 1 + (
                "du" not in filtre or filtre["du"] == "0001-01-01"
            )
            mois = api.lire("/kpi/contrats-par-mois", admin, commercial_id=vendeur, **filtre)["lignes"]
            assert [(m["mois"], m["nb_contrats"]) for m in mois] == [("2025-02-01", 1)]
        page = api.lire(f"/commerciaux/{vendeur}/contrats", admin, limite=3)
        lus = page["lignes"]
        while page["suite"]:
            page = api.lire(f"/commerciaux/{vendeur}/contrats", admin, limite=3, curseur=page["suite"])
            lus += page["lignes"]
        vue = api.lire(f"/clients/{client_id}", admin)
    assert next(ligne for ligne in entier["lignes"] if ligne["nom"] == "Vendeur")["nb_contrats"] == 8
    assert len({un["id"] for un in lus}) == 8
    assert [un["date_signature"] for un in lus] == ["2025-01-31T23:30:00+00:00", *[None] * 7]
    assert len(vue["contrats"]) == 8
    assert (vue["client"]["created_at"], vue["client"]["updated_at"]) == (None, None)


def test_what_is_no_amount_adds_nothing_and_stops_nothing(base: Base) -> None:
    """A column of theirs without a precision holds NaN, infinity and more than the KPI can."""
    admin = base.valeur(
        "insert into service_core.utilisateur (email, role, actif) values ('a@b.example', 'admin', true) returning id::text"
    )
    base.lire("alter table service_commercial.contrat alter montant type numeric")
    base.lire("insert into service_commercial.apporteur (nom) values ('Vendeur')")
    base.lire("insert into service_core.client_base (nom) values ('Client')")
    for montant in ("NaN", "Infinity", "-Infinity", "1e30", "12.50", None):
        base.lire(
            "insert into service_commercial.contrat (reference, statut, montant, date_signature, client_id, commercial_id) "
            "select gen_random_uuid()::text, 'valide', %s::numeric, '2025-01-01', c.id, a.id "
            "from service_core.client_base as c, service_commercial.apporteur as a",
            montant,
        )
    with base.bases() as bases:
        kpi.recalculer(bases)
    with service(une_base(base.url)) as api:
        for filtre in ({}, {"du": "2025-01-01"}):
            total = api.lire("/kpi/contrats-par-commercial", admin, **filtre)["total"]
            assert [total[cle] for cle in ("montant_total", "montant_valide", "montant_vendu")] == ["12.50"] * 3
            assert (total["nb_contrats"], total["nb_vendus"]) == (6, 6)
            (mois,) = api.lire("/kpi/contrats-par-mois", admin, **filtre)["lignes"]
            assert (mois["nb_contrats"], mois["montant"]) == (6, "12.50")

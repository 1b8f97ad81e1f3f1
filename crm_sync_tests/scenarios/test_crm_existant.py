"""A CRM that existed before us, met through its mapping: the same results as in the built-in tables, nothing else touched."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_sync.chaine import planifier
from crm_sync.crm import kpi
from crm_sync.crm.connexion import Bases
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.conftest import Base
from crm_sync_tests.crm_existant import CrmExistant, contenu, creer, sans_les_colonnes_d_ici
from crm_sync_tests.gens import commercial, contrat, lecture, passer, prospect

AVANT = [
    prospect(1),
    prospect(2, commercial=None),
    prospect(3, contrat("R3", statut="Résilié"), contrat("R3bis", statut="Annulé", montant="12.5")),
    prospect(4, contrat("R4", statut="Chose inconnue"), identityCard={"numero": "X1", "lieu": "Paris"}),
]
APRES = [
    prospect(1, contrat("R1", statut="Signé", montant="31"), prenom="Autre", commercial=commercial("Durand")),
    *AVANT[1:3],
    prospect(5, contrat("R5", dateSignature=None)),
]


@pytest.fixture
def crm(postgres: ServeurEmbarque) -> Iterator[CrmExistant]:
    with creer(postgres) as existant:
        yield existant


def test_nothing_is_made_outside_our_own_schema(crm: CrmExistant) -> None:
    noms = crm.notre(
        "select nspname::text from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1"
    )
    assert noms == [("crm_sync",), ("public",)]
    assert crm.notre("select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'") == [
        (5,)
    ]


@pytest.mark.parametrize("separes", [False, True], ids=["one database", "four databases"])
def test_syncs_say_the_same_as_in_the_built_in_tables_and_a_repeated_one_writes_nothing(
    postgres: ServeurEmbarque, base: Base, separes: bool
) -> None:
    with creer(postgres, separes=separes) as crm:
        for reponse in (AVANT, APRES):
            crm.passer(lecture(*reponse))
            passer(base, *reponse)
            attendu = sans_les_colonnes_d_ici(base)
            # What this CRM has one word for is one word of ours.
            attendu["contrat"] = sorted(
                (ref, "resilie" if statut == "annule" else statut, *reste) for ref, statut, *reste in attendu["contrat"]
            )
            assert contenu(crm.bases()) == attendu
            versions = crm.versions()
            session = crm.passer(lecture(*reponse[::-1]))
            assert crm.versions() == versions
            assert all(bilan.conflits == 0 for bilan in session.bilans.values())
            assert _kpi(crm.bases()) == _kpi(base.bases())


def _kpi(bases: Bases) -> list[tuple[Any, ...]]:
    # Brokers have one name there, and one word stands for two of ours: of the counts those that this leaves the same.
    with bases:
        lignes = kpi.tableau(bases)
    return sorted(
        (ligne["nom"], ligne["nb_contrats"], ligne["nb_clients"], ligne["montant_total"], ligne["nb_vendus"])
        for ligne in lignes
    )


def test_their_required_columns_counters_and_local_times_are_kept(crm: CrmExistant) -> None:
    crm.passer(lecture(*AVANT))
    assert crm.lire("select distinct imported, tags, meta, version from contracts") == [
        (True, ["sync", "a b"], {"par": "crm_sync", "n": 1}, 1)
    ]
    assert crm.lire('select distinct role::text, status, "tenantId" from users') == [("SALES", "DISABLED", "acme")]
    assert crm.valeur("select count(*) from customers where notes = 'à rappeler'") == 4
    assert crm.valeur("""
        select bool_and("createdAt" between (now() at time zone 'Europe/Paris') - interval '5 min'
            and (now() at time zone 'Europe/Paris')) from customers
    """)
    crm.passer(lecture(*APRES))
    assert crm.lire('select "lastName", version from customers where version > 1') == [("NomB", 2)]
    assert crm.lire('select "contractReference", version, status::text from contracts where version > 1') == [
        ("R1", 2, "SIGNED")
    ]


def test_ids_come_from_the_sequences_and_theirs_go_on_after_ours(crm: CrmExistant) -> None:
    crm.passer(lecture(*AVANT))
    ids = [ligne[0] for ligne in crm.lire("select id from customers")]
    suivant = crm.valeur(
        """insert into customers ("lastName", "organizationId") values ('Autre', gen_random_uuid()) returning id"""
    )
    assert suivant == max(ids) + 1
    assert crm.valeur("""select nextval(pg_get_serial_sequence('bank_details', 'id'))""", service="finance") == 5


def test_a_plan_reserves_no_id_and_gives_the_counts_of_the_sync(crm: CrmExistant) -> None:
    avant = crm.valeur("select last_value from customers_id_seq", service="core")
    plan = planifier(crm.bases(), lecture(*AVANT))
    assert crm.valeur("select last_value from customers_id_seq", service="core") == avant
    assert crm.versions() == []
    session = crm.passer(lecture(*AVANT))
    fait = crm.notre(
        "select comptes from crm_sync.synchronisation where synchronisation_id = %s", session.synchronisation_id
    )[0][0]
    assert plan["statut"] == "reussie"
    for entite in ("commerciaux", "clients", "contrats", "informations_paiement"):
        assert plan[entite] == fait[entite]


def test_contracts_of_their_importer_are_found_by_reference_and_get_client_and_sales_rep(crm: CrmExistant) -> None:
    crm.lire("""
        insert into contracts ("contractReference", status, "customerId", imported, tags, meta)
        values ('r1 ', 'DRAFT', 4711, false, '{}', '{}'), ('R2', 'OTHER', null, false, '{}', '{}')
    """)
    crm.passer(lecture(prospect(1), prospect(2)))
    assert crm.lire("""
        select "contractReference", imported, c."customerId" = 4711, c."brokerId" is not null from contracts as c order by id
    """) == [("r1 ", False, False, True), ("R2", False, False, True)]
    versions = crm.versions()
    crm.passer(lecture(prospect(2), prospect(1)))
    assert crm.versions() == versions


def test_a_signed_contract_of_their_importer_that_nobody_holds_was_sold_by_nobody(crm: CrmExistant) -> None:
    crm.lire("""
        insert into contracts ("contractReference", status, "customerId", imported, tags, meta)
        values ('R1', 'SIGNED', null, false, '{}', '{}')
    """)
    sans = prospect(1, contrat("R1", statut="Signé"), commercial=None)
    crm.passer(lecture(sans))
    assert crm.lire('select c."customerId" is not null, c."brokerId" from contracts as c') == [(True, None)]
    assert crm.notre("select count(*) from crm_sync.contrat_vente") == [(0,)]
    assert crm.notre("select nom, nb_contrats from crm_sync.kpi_contrats_par_commercial") == [("Non attribué", 1)]
    crm.passer(lecture(prospect(1, contrat("R1", statut="Signé"))))
    assert crm.notre("select count(*) from crm_sync.contrat_vente") == [(1,)]


def test_a_client_marked_as_deleted_gets_the_contracts_and_no_field_and_is_reported(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1)))
    crm.lire('update customers set "deletedAt" = now()')
    ligne = crm.lire("select * from customers")
    contrats = (contrat("R1"), contrat("R1bis"))
    for _ in range(2):
        crm.passer(lecture(prospect(1, *contrats, prenom="Nouveau", telephone="0639980099")))
        assert crm.lire("select * from customers") == ligne
        assert crm.valeur("select count(*) from contracts") == 2
        assert crm.notre("select motif, noeuds from crm_sync.rejet where ferme_le is null") == [("ligne_retiree", 0)]
    crm.lire('update customers set "deletedAt" = null')
    crm.passer(lecture(prospect(1, *contrats, prenom="Nouveau", telephone="0639980098")))
    assert crm.lire('select "firstName", phone from customers') == [("Nouveau", "0639980098")]
    assert crm.notre("select motif from crm_sync.rejet where ferme_le is null") == []


def test_a_new_prospect_who_is_a_deleted_client_makes_no_second_one_and_the_living_come_first(crm: CrmExistant) -> None:
    crm.lire("""
        insert into customers ("lastName", "firstName", email, "organizationId", "deletedAt")
        values ('NomB', 'PrenomB', 'personne1@exemple.example.org', gen_random_uuid(), now()),
            ('NomC', 'PrenomC', 'personne2@exemple.example.org', gen_random_uuid(), now()),
            ('NomC', 'PrenomC', 'personne2@exemple.example.org', gen_random_uuid(), null)
    """)
    crm.passer(lecture(prospect(1), prospect(2)))
    assert crm.lire("""
        select "lastName", c."deletedAt" is null, phone, k."contractReference"
        from customers as c left join contracts as k on k."customerId" = c.id order by c.id
    """) == [("NomB", False, None, "R1"), ("NomC", False, None, None), ("NomC", True, "0639980002", "R2")]


def test_a_deleted_contract_gets_no_second_row_no_field_and_does_not_count(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1), prospect(2)))
    crm.lire("""update contracts set "deletedAt" = now() where "contractReference" = 'R1'""")
    ligne = crm.lire("""select * from contracts where "contractReference" = 'R1'""")
    for montant in ("31", "32"):
        crm.passer(lecture(prospect(1, contrat("R1", montant=montant)), prospect(2)))
        assert crm.lire("""select * from contracts where "contractReference" = 'R1'""") == ligne
        assert crm.notre("select motif, noeuds from crm_sync.rejet where ferme_le is null") == [("ligne_retiree", 1)]
    assert sum(nb_contrats for _, nb_contrats, *_ in _kpi(crm.bases())) == 1
    crm.lire('update contracts set "deletedAt" = null')
    crm.passer(lecture(prospect(1, contrat("R1", montant="32")), prospect(2)))
    assert crm.valeur("""select amount::text from contracts where "contractReference" = 'R1'""") == "32.0000"


def test_a_sales_rep_marked_as_deleted_gets_the_contracts_and_no_field_and_is_reported(crm: CrmExistant) -> None:
    crm.lire('alter table brokers add "deletedAt" timestamptz')
    crm.mapping = crm.mapping.replace('"public.brokers"', '"public.brokers"\ndeleted_at = "deletedAt"')
    crm.lire("""
        insert into brokers ("displayName", email, "deletedAt") values ('Parti', 'martin@ventes.example', now()),
            ('Durand', 'durand@ventes.example', now()), ('Durand', 'Durand@ventes.example', null)
    """)
    reponse = lecture(prospect(1), prospect(2, commercial=commercial("Durand")))
    crm.passer(reponse)
    tenus = 'select b."displayName", b."deletedAt" is null, count(c.id) from brokers as b '
    tenus += 'left join contracts as c on c."brokerId" = b.id group by b.id order by b.id'
    assert crm.lire(tenus) == [("Parti", False, 1), ("Durand", False, 0), ("Durand", True, 1)]
    assert crm.notre("select entite, motif from crm_sync.rejet where ferme_le is null") == [
        ("commerciaux", "ligne_retiree")
    ]
    versions = crm.versions()
    crm.passer(reponse)
    assert crm.versions() == versions
    # Somebody has contracts of theirs: they count; who has none is left out.
    assert [(nom, nombre) for nom, nombre, *_ in _kpi(crm.bases())] == [("Durand", 1), ("Parti", 1)]


def test_a_living_contract_comes_before_a_deleted_one_that_was_linked(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1)))
    crm.lire('update contracts set "deletedAt" = now()')
    crm.lire("""
        insert into contracts ("contractReference", status, imported, tags, meta) values ('R1', 'DRAFT', false, '{}', '{}')
    """)
    crm.passer(lecture(prospect(1, contrat("R1", montant="40"))))
    assert crm.lire(
        'select "deletedAt" is null, trim_scale(amount)::text, "customerId" is null from contracts order by id'
    ) == [
        (False, "29.9", False),
        (True, "40", False),
    ]
    assert crm.notre("select motif from crm_sync.rejet where ferme_le is null") == []

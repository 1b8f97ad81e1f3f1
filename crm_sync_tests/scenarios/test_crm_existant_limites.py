"""An existing CRM that is not as the file says, hides rows, or can hold less than we know; and what is told of its rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from crm_sync.chaine import annuler, restaurer
from crm_sync.crm import explication, fiche, schema
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import ConfigurationError, WriteError
from crm_sync_tests.conftest import Base
from crm_sync_tests.crm_existant import DDL, MAPPING, CrmExistant, creer
from crm_sync_tests.gens import contrat, lecture, passer, prospect


@pytest.fixture
def crm(postgres: ServeurEmbarque) -> Iterator[CrmExistant]:
    with creer(postgres) as existant:
        yield existant


@pytest.fixture
def role(crm: CrmExistant) -> Iterator[str]:
    """A role that may read and write everything and owns nothing."""
    nom = "sync_sans_privilege"
    crm.notre(f"""
        create role {nom} login;
        grant usage, create on schema public, crm_sync to {nom};
        grant all on all tables in schema public, crm_sync to {nom};
        grant all on all sequences in schema public, crm_sync to {nom};
    """)
    yield nom
    crm.notre(f"drop owned by {nom}; drop role {nom}")


def en_tant_que(crm: CrmExistant, role: str) -> CrmExistant:
    return CrmExistant(
        {s: f"{url}{'&' if '?' in url else '?'}options=-crole%3D{role}" for s, url in crm.urls.items()}, crm.mapping
    )


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ('"public.contracts"', '"public.contrats"', "la table public.contrats n'existe pas"),
        ('montant = "amount"', 'montant = "total"', "public.contracts n'a pas la colonne « total »"),
        ("imported = true", "imported = true, foo = 1", "n'a pas la colonne « foo »"),
        ('"deletedAt"\nincrement', '"removedAt"\nincrement', "n'a pas la colonne « removedAt »"),
        ('"public.brokers"\nid = "int"', '"public.brokers"\nid = "uuid"', "est de type integer, pas « uuid »"),
    ],
)
def test_a_crm_that_is_not_as_the_file_says_is_refused_before_anything_is_read(
    crm: CrmExistant, avant: str, apres: str, dit: str
) -> None:
    assert avant in MAPPING
    autre = CrmExistant(crm.urls, MAPPING.replace(avant, apres))
    with autre.bases() as bases, pytest.raises(ConfigurationError) as leve:
        schema.mettre_a_jour(bases)
    assert dit in str(leve.value)
    assert leve.value.exit_code == 2


def test_all_that_is_missing_is_said_together(crm: CrmExistant) -> None:
    crm.lire('alter table contracts drop column amount, drop column "signedOn"; drop table bank_details')
    with crm.bases() as bases, pytest.raises(ConfigurationError) as leve:
        _ = bases.crm
    assert "les colonnes « amount », « signedOn »" in str(leve.value)
    assert "public.bank_details n'existe pas" in str(leve.value)


def test_rows_that_a_policy_may_hide_are_an_error_and_no_reason_for_a_twin(crm: CrmExistant, role: str) -> None:
    crm.lire(
        "alter table customers enable row level security; create policy une on customers using (\"lastName\" = 'X')"
    )
    with en_tant_que(crm, role).bases() as bases, pytest.raises(ConfigurationError) as leve:
        _ = bases.crm
    assert "peut cacher des lignes de public.customers" in str(leve.value)
    crm.lire("create policy toutes on customers using (true)")
    en_tant_que(crm, role).passer(lecture(prospect(1)))
    assert crm.valeur("select count(*) from customers") == 1
    crm.lire("create policy moins on customers as restrictive using (id > 10)")
    with en_tant_que(crm, role).bases() as bases, pytest.raises(ConfigurationError):
        _ = bases.crm


def test_a_trigger_that_swallows_our_rows_stops_the_lot_and_a_unique_key_does_not(crm: CrmExistant) -> None:
    crm.lire("""
        create function avaler() returns trigger language plpgsql as $$
        begin
            return case when new."lastName" = 'NomC' then null else new end;
        end $$;
        create trigger avaler before insert on customers for each row execute function avaler();
    """)
    with pytest.raises(WriteError, match=r"public\.customers disparaît à l'insertion"):
        crm.passer(lecture(prospect(1), prospect(2)))
    assert crm.valeur("select count(*) from customers") == 0
    crm.lire("drop trigger avaler on customers; create unique index on customers (email)")
    meme = "partage@exemple.example.org"
    crm.passer(lecture(prospect(1, email=meme, prenom="Jean"), prospect(2, email=meme, prenom="Marie")))
    assert crm.valeur("select count(*) from customers") == 1
    assert crm.notre("select entite, motif from crm_sync.rejet where ferme_le is null order by 1") == [
        ("clients", "unicite_du_crm"),
        ("contrats", "client_ecarte"),
        ("informations_paiement", "client_ecarte"),
    ]


def test_a_row_without_what_the_crm_demands_is_put_aside_alone_and_a_default_of_theirs_stands_in(
    crm: CrmExistant,
) -> None:
    crm.lire("""
        alter table customers alter column phone set not null, alter column email set default 'sans{%}@exemple',
            alter column email set not null
    """)
    crm.passer(lecture(prospect(1, telephone=None), prospect(2, email=None), prospect(3)))
    assert crm.lire('select "lastName", email from customers order by 1') == [
        ("NomC", "sans{%}@exemple"),
        ("NomD", "personne3@exemple.example.org"),
    ]
    assert ("clients", "valeur_exigee") in crm.notre("select entite, motif from crm_sync.rejet where ferme_le is null")
    crm.passer(lecture(prospect(1), prospect(2, email=None), prospect(3)))
    assert crm.valeur("select count(*) from customers") == 3
    assert crm.notre("select motif from crm_sync.rejet where ferme_le is null") == []


def test_only_what_write_names_is_changed_and_new_rows_are_made_whole(postgres: ServeurEmbarque) -> None:
    mapping = MAPPING.replace(
        'increment = ["version"]\ntimezone = "Europe/Paris"\n\n[information', 'write = ["statut"]\n\n[information'
    )
    with creer(postgres, mapping=mapping) as crm:
        crm.passer(lecture(prospect(1)))
        crm.passer(lecture(prospect(1, contrat("R1", statut="Signé", montant="99"))))
        assert crm.lire("select status::text, trim_scale(amount)::text, version from contracts") == [
            ("SIGNED", "29.9", 1)
        ]
        assert crm.notre("select champs ->> 'montant' from crm_sync.journal where action = 'modification'") == [(None,)]
        versions = crm.versions()
        crm.passer(
            lecture(
                prospect(1, contrat("R1", statut="Signé", montant="99")),
            )
        )
        assert crm.versions() == versions


def test_what_a_column_cannot_hold_whole_is_no_difference_at_the_next_sync(crm: CrmExistant) -> None:
    crm.lire("alter table contracts alter column amount type numeric(8, 1)")
    gens = [
        prospect(1, contrat("R1", montant="29.96", statut="Chose inconnue")),
        prospect(2, contrat("R2", montant="1e-7")),
    ]
    crm.passer(lecture(*gens))
    versions = crm.versions()
    crm.passer(lecture(*[p | {"adresse": "autre"} for p in gens]))
    assert crm.versions() == versions
    assert crm.lire("select amount::text, status::text from contracts order by id") == [
        ("30.0", "OTHER"),
        ("0.0", "ACTIVE"),
    ]
    crm.passer(lecture(prospect(1, contrat("R1", montant="35", statut="Chose inconnue")), gens[1]))
    assert crm.lire("select amount::text from contracts order by id") == [("35.0",), ("0.0",)]


def test_a_person_s_edit_wins_or_loses_by_the_row_s_local_time(crm: CrmExistant) -> None:
    hier, demain = (datetime.now(UTC) + timedelta(hours=h) for h in (-2, 0))
    crm.passer(lecture(prospect(1, updatedAt="2025-01-01T00:00:00Z")))
    edite = (
        """update customers set "firstName" = 'Saisi', "updatedAt" = (%s::timestamptz at time zone 'Europe/Paris')"""
    )
    crm.lire(edite, hier)
    avant = (hier - timedelta(minutes=30)).isoformat()
    crm.passer(lecture(prospect(1, prenom="Ancien", updatedAt=avant)))
    assert crm.valeur('select "firstName" from customers') == "Saisi"
    apres = (demain - timedelta(minutes=30)).isoformat()
    crm.passer(lecture(prospect(1, prenom="Recent", updatedAt=apres)))
    assert crm.valeur('select "firstName" from customers') == "Recent"


def test_without_a_time_of_theirs_a_value_counts_from_when_it_was_first_seen(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1, contrat("R1", updatedAt="2025-01-01T00:00:00Z"))))
    crm.lire("update contracts set amount = 50")
    # The sync that has reason to look sees the CRM's value now: it is later than what the source says of an hour ago.
    il_y_a = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    crm.passer(lecture(prospect(1, contrat("R1", montant="60", updatedAt=il_y_a))))
    assert crm.valeur("select trim_scale(amount)::text from contracts") == "50"


def test_a_run_is_undone_and_a_lost_value_put_back_through_the_mapping(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1), prospect(2)))
    session = crm.passer(lecture(prospect(1, contrat("R1", montant="77"), prenom="Autre"), prospect(2), prospect(3)))
    assert crm.valeur("""select amount::int from contracts where "contractReference" = 'R1'""") == 77
    with crm.bases() as bases:
        _, sorts = annuler(bases, session.synchronisation_id, montrer=False)
    assert {sort["sort"] for sort in sorts} == {"restaure"}, sorts
    assert crm.lire('select "lastName", "firstName", version from customers order by id') == [
        ("NomB", "PrenomB", 3),
        ("NomC", "PrenomC", 1),
    ]
    assert crm.lire("select trim_scale(amount)::text, version from contracts order by id") == [("29.9", 3), ("29.9", 1)]
    entree = crm.notre(
        "select journal_id from crm_sync.journal where entite = 'contrat' and action = 'modification' order by 1 limit 1"
    )[0][0]
    with crm.bases() as bases:
        restaurer(bases, entree, None)
    assert crm.valeur("select trim_scale(amount)::text from contracts order by id limit 1") == "29.9"


def test_a_client_and_why_are_told_through_the_mapping(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1, identityCard={"numero": "X"}), prospect(2)))
    with crm.bases() as bases:
        (client,) = fiche.trouver(bases, "personne1@exemple.example.org")
        vue = fiche.fiche(bases, client)
        assert vue is not None
        assert (vue["client"]["nom"], vue["client"]["carte_identite"], vue["client"]["statut"]) == ("NomB", True, None)
        assert [(c["reference"], c["statut"], c["commercial"], c["produit"]) for c in vue["contrats"]] == [
            ("R1", "valide", "Martin", None)
        ]
        assert fiche.trouver(bases, client) == fiche.trouver(bases, "contrat:R1") == [client]
        assert fiche.trouver(bases, "pas un identifiant") == []
        (contrat_id,) = fiche.contrats_de_reference(bases, "r1")
        pourquoi = explication.pourquoi(bases, "contrat", contrat_id, "statut")
        assert pourquoi is not None
        assert [(c["valeur"], c["cote"]) for c in pourquoi["champs"]] == [("valide", "source")]
        assert explication.pourquoi(bases, "contrat", "pas-un-id") is None


def test_a_lost_value_that_the_mapping_no_longer_lets_us_write_is_said_to_be_impossible(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1)))
    session = crm.passer(lecture(prospect(1, contrat("R1", montant="77"))))
    etroit = CrmExistant(crm.urls, crm.mapping.replace("[contrat]", '[contrat]\nwrite = ["statut"]'))
    versions = crm.versions()
    with etroit.bases() as bases:
        _, sorts = annuler(bases, session.synchronisation_id, montrer=False)
    assert [(s["champ"], s["sort"]) for s in sorts] == [("montant", "impossible")]
    journal_id = crm.notre("select max(journal_id) from crm_sync.journal")[0][0]
    with etroit.bases() as bases:
        _, sorts = restaurer(bases, journal_id, None)
    assert [(s["champ"], s["sort"]) for s in sorts] == [("montant", "impossible")]
    assert crm.versions() == versions


def test_links_of_another_crm_are_refused_and_a_new_one_may_begin(crm: CrmExistant, base: Base) -> None:
    passer(base, prospect(1), prospect(2))
    # The built-in tables were tried first; then the mapping of a CRM in the same database comes.
    for ddl in DDL.values():
        base.lire(ddl)
    ici = CrmExistant(dict.fromkeys(SERVICES, base.url))
    with ici.bases() as bases, pytest.raises(ConfigurationError, match="un autre CRM"):
        schema.mettre_a_jour(bases)
    assert ici.versions() == []
    with base.bases() as bases:  # the CRM that the links are of is still welcome
        schema.mettre_a_jour(bases)
    base.lire("delete from service_core.client_base")
    with base.bases() as bases:  # and so it is when a person deleted all clients
        schema.mettre_a_jour(bases)


def test_ids_that_are_text_are_met_as_they_are(postgres: ServeurEmbarque) -> None:
    """UUIDs in columns of text, and a `client_id` beside them that is none at all."""
    mapping = MAPPING.replace('"public.customers"\nid = "int"', '"public.customers"\nid = "uuid"').replace(
        '"public.contracts"\nid = "int"', '"public.contracts"\nid = "uuid"'
    )
    with creer(postgres) as crm:
        crm.lire("""
            alter table customers alter column id drop default, alter column id type varchar(36);
            alter table contracts alter column id drop default, alter column id type uuid using gen_random_uuid(),
                alter column "customerId" type text;
            alter table bank_details alter column "customerId" type text;
            insert into contracts (id, "contractReference", status, "customerId", imported, tags, meta)
            values (gen_random_uuid(), 'R1', 'OTHER', 'importé', false, '{}', '{}');
        """)
        texte = CrmExistant(crm.urls, mapping)
        for _ in range(2):
            texte.passer(lecture(prospect(1), prospect(2)))
            assert texte.lire("""
                select count(*), count(distinct c.id) from contracts as k join customers as c on c.id = k."customerId"
            """) == [(2, 2)]


def test_their_writer_waits_for_moments_and_our_lock_is_no_table_lock(crm: CrmExistant) -> None:
    crm.passer(lecture(prospect(1), prospect(2)))
    with psycopg.connect(crm.urls["core"]) as autre:
        autre.execute("select * from customers where \"lastName\" = 'NomC' for update")
        crm.passer(lecture(prospect(1, prenom="Autre"), prospect(2)))
    assert crm.valeur("""select "firstName" from customers where "lastName" = 'NomB'""") == "Autre"


def test_two_installations_of_bases_read_the_catalogue_anew(crm: CrmExistant) -> None:
    with crm.bases() as bases:
        assert bases.crm["contrat"].type("montant") == "numeric(14,4)"
        assert bases.crm["contrat"].type("statut") == 'public."ContractStatus"'
        assert bases.crm["contrat"].libelles["status"][0] == "DRAFT"
        assert bases.crm["utilisateur"].type("created_at") == "timestamp(3) without time zone"
    crm.lire("alter table contracts alter column amount type numeric(20, 2)")
    with crm.bases() as bases:
        assert isinstance(bases, Bases)
        assert bases.crm["contrat"].type("montant") == "numeric(20,2)"

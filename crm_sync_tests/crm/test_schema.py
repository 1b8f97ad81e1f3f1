"""Our tables in a database: made from nothing, beside what is there, by two at once, and said where they cannot be."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import psycopg
import pytest
from psycopg import sql

from crm_sync.crm import kpi, schema
from crm_sync.crm.connexion import SERVICES, Bases, lieu
from crm_sync.crm.correspondance import INTEGREE
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import ConfigurationError, DatabaseUnavailableError
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, lecture, passer, prospect
from crm_sync_tests.synchro import enchainer

CATALOGUE = (
    "select table_schema, table_name, column_name, data_type, is_nullable, column_default "
    "from information_schema.columns where table_schema ~ '^(crm_sync|service_)' order by 1, 2, ordinal_position"
)
EXISTANT = """
create schema service_core;
create table service_core.utilisateur (
    id uuid primary key default gen_random_uuid(), email text not null, nom text, prenom text, telephone text,
    role text not null, manager_id uuid, actif boolean, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), derniere_connexion timestamptz
);
create unique index on service_core.utilisateur (lower(email));
create table service_core.client_base (
    id uuid primary key default gen_random_uuid(), nom text not null, prenom text, email text, telephone text,
    statut text, identity_card jsonb, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), notes text default 'à rappeler'
);
create index client_base_email_idx on service_core.client_base (email);
insert into service_core.client_base (nom, prenom, email) values ('Moreau', 'Inès', 'personne1@exemple.example.org');
"""


@pytest.fixture
def vide(postgres: ServeurEmbarque) -> Iterator[Base]:
    """A database with nothing of ours."""
    with base_neuve(postgres, "template1") as neuve:
        yield neuve


def _migrer(base: Base) -> list[str]:
    with base.bases() as bases:
        return schema.mettre_a_jour(bases)


def test_from_an_empty_database_and_again(vide: Base, base: Base) -> None:
    assert _migrer(vide) == list(SERVICES)
    assert vide.lire(CATALOGUE) == base.lire(CATALOGUE)
    assert _migrer(vide) == []
    assert sorted(vide.lire("select version_num from crm_sync.alembic_version")) == sorted(
        (revisions[-1],) for revisions in schema.revisions().values()
    )


def test_the_tables_that_a_crm_has_are_kept_with_what_is_in_them(vide: Base) -> None:
    vide.lire(EXISTANT)
    avant = vide.lire("select * from service_core.client_base")
    assert _migrer(vide) == list(SERVICES)
    assert vide.lire("select * from service_core.client_base") == avant
    passer(vide, prospect(1, nom="Moreau", prenom="Inès"), prospect(2))
    assert vide.lire("select nom, telephone, notes from service_core.client_base order by nom") == [
        ("Moreau", "0639980001", "à rappeler"),
        ("NomC", "0639980002", "à rappeler"),
    ]


def test_two_at_once_take_turns(vide: Base) -> None:
    ensemble = Barrier(2)

    def migrer(_: int) -> list[str]:
        with vide.bases() as bases:
            ensemble.wait(30)
            return schema.mettre_a_jour(bases)

    with ThreadPoolExecutor(2) as fils:
        list(fils.map(migrer, range(2)))
    assert _migrer(vide) == []
    passer(vide, prospect(1))


@pytest.mark.parametrize("revision", [revisions[-1] for revisions in schema.revisions().values()])
def test_a_database_ahead_of_the_code_is_said_before_anything_is_read_or_written(base: Base, revision: str) -> None:
    partie = revision.rsplit("_", 1)[0]
    base.lire("update crm_sync.alembic_version set version_num = %s where version_num = %s", f"{partie}_9999", revision)
    with base.bases() as bases, pytest.raises(ConfigurationError) as leve:
        schema.mettre_a_jour(bases)
    message = str(leve.value)
    assert leve.value.exit_code == 2
    assert f"{partie}_9999" in message
    assert "Mettre crm_sync à jour" in message
    assert (f"{partie}_9999",) in base.lire("select version_num from crm_sync.alembic_version")


@pytest.fixture
def role(postgres: ServeurEmbarque, base: Base) -> Iterator[str]:
    """A role that may connect and see, and nothing else."""
    nom, droits = "ops_sans_droit", psycopg.connect(base.url, autocommit=True)
    with droits:
        droits.execute(sql.SQL("create role {} login").format(sql.Identifier(nom)))
        yield nom
        droits.execute(sql.SQL("drop owned by {0}; drop role {0}").format(sql.Identifier(nom)))


def _bases_de(url: str, role: str) -> Bases:
    return Bases(dict.fromkeys(SERVICES, f"{url}{'&' if '?' in url else '?'}options=-crole%3D{role}"))


def test_a_role_that_may_make_nothing_is_told_which_right_it_lacks(vide: Base, role: str) -> None:
    with _bases_de(vide.url, role) as bases, pytest.raises(DatabaseUnavailableError) as leve:
        schema.mettre_a_jour(bases)
    _dit_le_droit(leve.value, vide, "base de données")
    assert vide.lire(CATALOGUE) == []


@pytest.mark.parametrize(
    ("accordes", "objet"),
    [
        ((), "schéma crm_sync"),
        (("usage on schema crm_sync",), "table alembic_version"),
        (
            (
                "usage on schema crm_sync, service_core, service_commercial, service_finance",
                "all on all tables in schema crm_sync",
                "all on all sequences in schema crm_sync",
                "select on all tables in schema service_commercial",
            ),
            "table client_base",
        ),
        (
            (
                "usage on schema crm_sync, service_core, service_commercial, service_finance",
                "all on all tables in schema crm_sync",
                "all on all sequences in schema crm_sync",
                "select on all tables in schema service_core, service_commercial",
            ),
            "table client_base",
        ),
    ],
    ids=["nothing", "the schema only", "no reading of clients", "no writing of clients"],
)
def test_a_missing_right_is_named_in_one_sentence(base: Base, role: str, accordes: tuple[str, ...], objet: str) -> None:
    for droits in accordes:
        base.lire(f"grant {droits} to {role}")
    with _bases_de(base.url, role) as bases, pytest.raises(DatabaseUnavailableError) as leve:
        _mettre_a_jour_puis_synchroniser(bases)
    _dit_le_droit(leve.value, base, objet)
    assert base.empreinte_crm() == []


def _mettre_a_jour_puis_synchroniser(bases: Bases) -> None:
    schema.mettre_a_jour(bases)
    enchainer(bases, lecture(prospect(1)), "sans droit")


def _dit_le_droit(erreur: ConfigurationError, base: Base, objet: str) -> None:
    message = str(erreur)
    assert erreur.exit_code == 2
    assert message.startswith("Droit insuffisant sur la base")
    assert lieu(base.url) in message
    assert objet in message
    assert "permission denied" not in message


def test_a_password_never_shows(vide: Base) -> None:
    url = "postgresql://crm:tres-secret@127.0.0.1:1/crm"
    with Bases(dict.fromkeys(SERVICES, url)) as bases:
        with pytest.raises(DatabaseUnavailableError) as leve:
            bases.connexion("core")
        assert "tres-secret" not in f"{leve.value}{bases}{bases!r}{leve.value.__cause__}{leve.value.__context__}"


@pytest.mark.parametrize("url", ["mysql://a:secret@hote/b", "hote/base", "postgresql://[::1", "", "postgresql:/a"])
def test_a_malformed_url_is_said_without_its_secret(url: str) -> None:
    with Bases(dict.fromkeys(SERVICES, url)) as bases, pytest.raises(ConfigurationError) as leve:
        bases.connexion("core")
    assert "mal formée" in str(leve.value)
    assert "secret" not in str(leve.value)


@pytest.mark.parametrize("table", ["kpi_contrats_par_commercial", "kpi_contrats_par_mois"])
def test_the_kpi_of_an_existing_crm_has_the_columns_of_the_built_in_one(base: Base, table: str) -> None:
    with Bases(dict.fromkeys(SERVICES, base.url), replace(INTEGREE, integree=False)) as bases:
        kpi.creer(bases)
    colonnes = (
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute "
        "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attname"
    )
    integrees = base.lire(colonnes, f"service_commercial.{table}")
    assert integrees
    assert base.lire(colonnes, f"crm_sync.{table}") == integrees

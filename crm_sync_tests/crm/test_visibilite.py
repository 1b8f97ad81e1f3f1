"""Who may see what, against the slow obvious rule: every viewer of invented organisations, in one database and in several."""

import psycopg
import pytest

from crm_sync.crm import kpi, kpi_pour, schema, visibilite
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.crm.lecture import BasesEnLecture
from crm_sync.crm.visibilite import Spectateur
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.api.organisation import Organisation, organisation, ranger
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, une_base

INCONNUS = ("00000000-0000-4000-8000-000000000000", "pas un uuid", "", "\0", "1; drop table", "é" * 50)


def _verifier(bases: Bases, tout: Organisation) -> None:
    for utilisateur_id in tout.utilisateurs:
        qui = visibilite.spectateur(bases, utilisateur_id)
        assert (qui and qui.role) == tout.role(utilisateur_id)
        if qui is None:
            continue
        vus = tout.apporteurs_vus(utilisateur_id)
        assert {a for a in tout.apporteurs if qui.voit_apporteur(a)} == vus
        assert qui.apporteurs in (None, vus)
        assert {a for a in tout.apporteurs if visibilite.voit_commercial(bases, qui, a)} == vus
        assert visibilite.clients_vus(bases, qui, list(tout.clients)) == tout.clients_vus(utilisateur_id)
        un_par_un = {c for c in tout.clients if visibilite.voit_client(bases, qui, c)}
        assert un_par_un == tout.clients_vus(utilisateur_id)


@pytest.mark.parametrize("graine", range(6))
def test_each_viewer_sees_what_the_slow_rule_says(base: Base, graine: int) -> None:
    tout = organisation(graine)
    ranger(base.url, tout)
    with BasesEnLecture(une_base(base.url)) as bases:
        _verifier(bases, tout)


def test_users_and_contracts_in_two_databases_make_no_difference(postgres: ServeurEmbarque, base: Base) -> None:
    tout = organisation(7)
    with base_neuve(postgres) as autre:
        ranger(base.url, tout)
        ranger(autre.url, tout)
        base.lire("truncate service_core.utilisateur")
        autre.lire("truncate service_commercial.apporteur, service_commercial.contrat")
        with BasesEnLecture({**une_base(base.url), "core": autre.url}) as bases:
            _verifier(bases, tout)
            assert not kpi_pour.possible(bases)


def test_an_id_that_is_none_is_nobody(base: Base) -> None:
    with BasesEnLecture(une_base(base.url)) as bases:
        assert [visibilite.spectateur(bases, inconnu) for inconnu in INCONNUS] == [None] * len(INCONNUS)


def test_an_id_in_capitals_is_the_same_user(base: Base) -> None:
    tout = organisation(1)
    ranger(base.url, tout)
    connu = next(u for u in tout.utilisateurs if tout.role(u))
    with BasesEnLecture(une_base(base.url)) as bases:
        qui = visibilite.spectateur(bases, connu.upper())
    assert isinstance(qui, Spectateur)
    assert qui.utilisateur_id == connu


@pytest.mark.parametrize("graine", range(4))
def test_the_sql_function_gives_each_viewer_the_same_rows(base: Base, graine: int) -> None:
    tout = organisation(graine)
    ranger(base.url, tout)
    with base.bases() as bases:
        kpi.recalculer(bases)
    for utilisateur_id in (*tout.utilisateurs, INCONNUS[0]):
        vues = base.lire("select commercial_id::text from crm_sync.kpi_pour(%s)", utilisateur_id)
        assert {ligne[0] for ligne in vues} == tout.apporteurs_vus(utilisateur_id)
        assert len(vues) == len({ligne[0] for ligne in vues})
    entiere = base.lire("select k::text from service_commercial.kpi_contrats_par_commercial as k order by 1")
    admins = [u for u in tout.utilisateurs if tout.role(u) == "admin"]
    for admin in admins:
        assert base.lire("select k::text from crm_sync.kpi_pour(%s) as k order by 1", admin) == entiere


def test_the_sql_function_never_stands_in_the_way_of_a_migration_of_theirs(base: Base) -> None:
    base.lire("alter table service_core.utilisateur drop column actif")
    base.lire("alter table service_commercial.kpi_contrats_par_commercial drop column part")
    base.lire("drop table service_commercial.kpi_contrats_par_commercial")


def test_the_sql_function_is_made_again_where_it_is_gone_or_another(base: Base) -> None:
    with base.bases() as bases:
        assert schema.a_jour(bases)
        base.lire("drop function crm_sync.kpi_pour(uuid)")
        base.lire("create function crm_sync.kpi_pour(bigint) returns table (a text) language sql as 'select 1::text'")
        base.lire("create function crm_sync.kpi_pour(uuid) returns table (a text) language sql as 'select 1::text'")
        assert not schema.a_jour(bases)
        schema.mettre_a_jour(bases)
        assert schema.a_jour(bases)
    assert base.lire("select count(*) from pg_proc where proname = 'kpi_pour'") == [(1,)]
    assert base.lire("select * from crm_sync.kpi_pour(%s)", INCONNUS[0]) == []


def test_connections_of_readers_cannot_write_and_come_back_after_the_server_ended_them(base: Base) -> None:
    with BasesEnLecture(une_base(base.url)) as bases:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            bases.connexion("core").execute("delete from service_core.utilisateur")
        premiere = bases.connexion("core")
        base.lire("select pg_terminate_backend(%s, 5000)", premiere.info.backend_pid)
        assert bases.connexion("commercial").execute("select 1").fetchone() == (1,)
        assert {service: bases.connexion(service) is premiere for service in SERVICES} == dict.fromkeys(SERVICES, False)

"""Services with a database each: a crash between two of them, and one of them away."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from crm_sync.crm import apply, journal, kpi, schema
from crm_sync.crm.connexion import SERVICES, Bases, Service
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import DatabaseUnavailableError
from crm_sync.instance import instance_prete
from crm_sync.settings import Settings
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, commercial, contrat, etat_crm, lecture, prospect, rejets
from crm_sync_tests.synchro import enchainer

pytestmark = pytest.mark.longue

AVANT = [prospect(1), prospect(2, commercial=None)]
APRES = [
    prospect(1, contrat("R1", statut="Résilié"), prenom="Autre", commercial=commercial("Durand")),
    prospect(2),
    prospect(3, contrat("R3"), contrat("R3bis"), commercial=commercial("Petit")),
]
Quatre = dict[Service, Base]


def _urls(quatre: Quatre) -> dict[Service, str]:
    return {service: base.url for service, base in quatre.items()}


def _passer(quatre: Quatre, prospects: list[dict[str, Any]], sync: str) -> None:
    enchainer(Bases(_urls(quatre)), lecture(*prospects), sync)


def _liens(quatre: Quatre) -> set[tuple[Any, ...]]:
    return set(quatre["sync"].lire("select entite, source_id, crm_id from crm_sync.lien_externe"))


@pytest.fixture(scope="module")
def modeles(postgres: ServeurEmbarque) -> Iterator[Quatre]:
    """Four databases, made from nothing, with one sync behind them."""
    with ExitStack() as pile:
        quatre = {service: pile.enter_context(base_neuve(postgres, "template1")) for service in SERVICES}
        with Bases(_urls(quatre)) as bases:
            assert schema.mettre_a_jour(bases) == list(SERVICES)
        _passer(quatre, AVANT, "avant")
        yield quatre


def _copies(postgres: ServeurEmbarque, modeles: Quatre, pile: ExitStack) -> Quatre:
    noms = {service: base.url.split("?")[0].rsplit("/", 1)[1] for service, base in modeles.items()}
    return {service: pile.enter_context(base_neuve(postgres, nom)) for service, nom in noms.items()}


@pytest.fixture
def quatre(postgres: ServeurEmbarque, modeles: Quatre) -> Iterator[Quatre]:
    """Copies of the four for one story."""
    with ExitStack() as pile:
        yield _copies(postgres, modeles, pile)


@pytest.fixture(scope="module")
def jumelle(postgres: ServeurEmbarque, modeles: Quatre) -> Iterator[dict[str, Any]]:
    """What the CRM says after one clean sync of the same answer."""
    with ExitStack() as pile:
        propre = _copies(postgres, modeles, pile)
        _passer(propre, APRES, "propre")
        yield etat_crm(_urls(propre))


def test_each_database_holds_its_own_part_and_no_other(quatre: Quatre) -> None:
    schemas = "select array_agg(nspname::text order by 1) from pg_namespace where nspname ~ '^(crm_sync|service_)'"
    assert {service: base.valeur(schemas) for service, base in quatre.items()} == {
        "sync": ["crm_sync"],
        "core": ["crm_sync", "service_core"],
        "commercial": ["crm_sync", "service_commercial"],
        "finance": ["crm_sync", "service_finance"],
    }


@pytest.mark.parametrize(
    ("ou", "nom", "entite"),
    [
        (journal, "prevoir", "contrat"),
        *((apply, "appliquer", e) for e in ("client", "apporteur", "contrat", "information_paiement")),
        (kpi, "recalculer", None),
    ],
    ids=lambda valeur: getattr(valeur, "__name__", str(valeur)).rsplit(".", 1)[-1],
)
def test_a_crash_between_two_databases_is_made_good_with_the_same_ids(
    quatre: Quatre, jumelle: dict[str, Any], monkeypatch: pytest.MonkeyPatch, ou: Any, nom: str, entite: str | None
) -> None:
    class Coupure(BaseException):
        pass

    vraie = getattr(ou, nom)

    def mortelle(*args: Any, **kwargs: Any) -> Any:
        rendu = vraie(*args, **kwargs)
        if entite is None or any(isinstance(argument, str) and argument == entite for argument in args):
            raise Coupure
        return rendu

    with monkeypatch.context() as coupure:
        coupure.setattr(ou, nom, mortelle)
        with pytest.raises(Coupure):
            _passer(quatre, APRES, "coupée")
    ids = _liens(quatre)
    _passer(quatre, APRES, "reprise")
    assert etat_crm(_urls(quatre)) == jumelle
    assert ids <= _liens(quatre)
    assert quatre["sync"].lire("select * from crm_sync.lot where etat = 'prevu'") == []
    assert quatre["sync"].lire("select * from crm_sync.lien where etat <> 'ecrit'") == []

    avant = {service: _versions(base) for service, base in quatre.items()}
    _passer(quatre, APRES, "encore")
    assert {service: _versions(base) for service, base in quatre.items()} == avant


def _versions(base: Base) -> list[tuple[Any, ...]]:
    tables = base.lire(
        "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
        "where schemaname like 'service%%' and tablename <> 'kpi_contrats_par_commercial' order by 1"
    )
    return [ligne for (table,) in tables for ligne in base.lire(f"select xmin::text, ctid::text from {table}")]  # noqa: S608


def test_a_client_that_a_person_deleted_is_told_although_the_links_are_elsewhere(quatre: Quatre) -> None:
    quatre["core"].lire("delete from service_core.client_base where nom = 'NomB'")
    _passer(quatre, [AVANT[0], prospect(2, commercial=None, prenom="Autre")], "encore")
    assert ("clients", "/", "client_supprime") in rejets(quatre["sync"])
    assert quatre["core"].lire("select nom from service_core.client_base") == [("NomC",)]


@pytest.mark.parametrize("absente", SERVICES)
def test_a_database_that_is_away_is_named_before_anything_is_read_or_made(
    postgres: ServeurEmbarque, absente: Service
) -> None:
    with ExitStack() as pile:
        trois = {s: pile.enter_context(base_neuve(postgres, "template1")) for s in SERVICES if s != absente}
        urls = {**_urls(trois), absente: "postgresql://crm:tres-secret@127.0.0.1:1/la_base_absente"}
        with Bases(urls) as bases, pytest.raises(DatabaseUnavailableError) as leve:
            schema.mettre_a_jour(bases)
        assert leve.value.exit_code == 2
        assert "127.0.0.1/la_base_absente" in str(leve.value)
        assert "tres-secret" not in f"{leve.value} {bases!r}"
        for base in trois.values():
            assert base.lire("select 1 from pg_namespace where nspname ~ '^(crm_sync|service_)'") == []


@pytest.mark.parametrize(
    ("absente", "apres"),
    [("core", "client"), ("commercial", "apporteur"), ("finance", "contrat")],
)
def test_a_database_that_goes_away_in_the_middle_is_named_and_the_next_sync_completes(
    quatre: Quatre,
    jumelle: dict[str, Any],
    postgres: ServeurEmbarque,
    monkeypatch: pytest.MonkeyPatch,
    absente: Service,
    apres: str,
) -> None:
    nom = quatre[absente].url.split("?")[0].rsplit("/", 1)[1]
    outils = Base(postgres.url("outils"))
    vraie = journal.regler

    def puis_tomber(bases: Bases, entite: str, *reste: Any) -> None:
        vraie(bases, entite, *reste)
        if entite == apres:
            outils.lire(f"alter database {nom} allow_connections false")
            outils.lire("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", nom)

    with monkeypatch.context() as panne:
        panne.setattr(journal, "regler", puis_tomber)
        with pytest.raises(DatabaseUnavailableError) as leve:
            _passer(quatre, APRES, "en panne")
    outils.lire(f"alter database {nom} allow_connections true")
    assert f"/{nom} " in str(leve.value)
    assert quatre["sync"].lire(
        "select statut, message from crm_sync.synchronisation where synchronisation_id = 'en panne'"
    ) == [("echouee", str(leve.value))]
    _passer(quatre, APRES, "reprise")
    assert etat_crm(_urls(quatre)) == jumelle


@pytest.mark.parametrize("absente", ["personne n'écoute", "base inconnue"])
def test_dagster_s_own_database_away_is_named_before_anything_is_read(
    base: Base, postgres: ServeurEmbarque, tmp_path: Path, absente: str
) -> None:
    url = (
        "postgresql://crm:tres-secret@127.0.0.1:1/dagster"
        if absente == "personne n'écoute"
        else postgres.url("dagster")
    )
    reglages = Settings(
        crm_database_url=SecretStr(base.url), dagster_postgres_url=SecretStr(url), crm_sync_home=tmp_path / "home"
    )
    with pytest.raises(DatabaseUnavailableError) as leve, instance_prete(reglages):
        pytest.fail("Dagster has no database")
    assert "/dagster " in str(leve.value)
    assert "tres-secret" not in str(leve.value)
    assert leve.value.exit_code == 2

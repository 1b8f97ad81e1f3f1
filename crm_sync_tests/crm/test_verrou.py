"""One sync at a time: who comes second waits, who sleeps too long has lost, who dies frees the lock."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import dagster as dg
import httpx
import pytest

from crm_sync import execution, resources
from crm_sync.crm import apply, journal, snapshot, verrou
from crm_sync.crm.session import Session
from crm_sync.crm.verrou import Verrou
from crm_sync.errors import RefusedError
from crm_sync.source.client import Endpoint
from crm_sync_tests.commande import attendre
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import comptes, contrat, lecture, passer, prospect
from crm_sync_tests.synchro import enchainer, synchroniser

TITULAIRE = "select titulaire from crm_sync.verrou"


@pytest.fixture(autouse=True)
def sans_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that tests wait little."""
    monkeypatch.setattr(verrou, "PAUSE_S", 0.01)


@contextmanager
def _tenu_par(base: Base, qui: str) -> Iterator[None]:
    """Let a sync of this process hold the lock during a block."""
    with base.bases() as bases:
        titulaire = Verrou(bases, qui)
        titulaire.prendre()
        yield
        titulaire.rendre()


def test_two_syncs_at_once_never_overlap_and_the_second_works_after_the_first(base: Base) -> None:
    lit, continuer = Event(), Event()

    def repondre(_: httpx.Request) -> httpx.Response:
        lit.set()
        assert continuer.wait(30)
        return httpx.Response(200, json=[prospect(1)])

    lente = Endpoint("http://source.example/", transport=httpx.MockTransport(repondre))
    with ThreadPoolExecutor(2) as fils:
        premiere = fils.submit(enchainer, base.bases(), lente, "première")
        assert lit.wait(30)
        base.lire("insert into crm_sync.demande_sync (demande_par) values ('pendant la première')")
        seconde = fils.submit(enchainer, base.bases(), lecture(prospect(1), prospect(2)), "seconde")
        attendre(
            lambda: base.lire(
                "select 1 from pg_stat_activity where datname = current_database() and query like '%%pris_le = now()%%'"
            )
        )
        assert base.lire("select synchronisation_id from crm_sync.synchronisation") == [("première",)]
        continuer.set()
        assert comptes(base, premiere.result())["clients"]["crees"] == 1
        assert comptes(base, seconde.result())["clients"]["crees"] == 1
    assert base.lire(
        "select b.commence_le >= a.termine_le from crm_sync.synchronisation a, crm_sync.synchronisation b "
        "where a.synchronisation_id = 'première' and b.synchronisation_id = 'seconde'"
    ) == [(True,)]
    # A request made while a sync runs is served by the next one.
    assert base.lire("select statut, run_id from crm_sync.demande_sync") == [("reussie", "seconde")]
    assert base.valeur(TITULAIRE) is None


def test_many_who_want_it_hold_it_one_at_a_time(base: Base) -> None:
    dedans: list[str] = []

    def tenir(qui: str) -> int:
        with _tenu_par(base, qui):
            dedans.append(qui)
            ensemble = len(dedans)
            assert base.valeur(TITULAIRE) == qui
            dedans.remove(qui)
        return ensemble

    with ThreadPoolExecutor(6) as fils:
        assert set(fils.map(tenir, [f"sync {i}" for i in range(12)])) == {1}


def test_who_waited_long_enough_is_refused_and_has_written_nothing(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    base.lire("insert into crm_sync.demande_sync (demande_par) values ('bouton')")
    with _tenu_par(base, "l'autre"):
        session = Session(base.bases(), "refusée", attente_s=0.05)
        with pytest.raises(RefusedError) as leve, session.etape("lecture"):
            pytest.fail("the lock is not ours")
        session.clore()
        assert base.valeur(TITULAIRE) == "l'autre"
    assert leve.value.exit_code == 3
    assert "rien n'a été écrit" in str(leve.value)
    assert base.lire("select * from crm_sync.synchronisation") == []
    assert base.valeur("select statut from crm_sync.demande_sync") == "en_attente"


def test_a_refused_run_is_shown_so_in_dagster_and_ends_with_code_3(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pressee(Session):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, attente_s=0.05)

    monkeypatch.setattr(resources, "Session", Pressee)
    monkeypatch.setattr(dg.DagsterInstance, "get", dg.DagsterInstance.ephemeral)
    monkeypatch.setenv("EXTERNAL_API_URL", "http://127.0.0.1:1/")
    with _tenu_par(base, "l'autre"):
        issue = synchroniser(base.url, monkeypatch)
        with base.bases() as bases:
            donnees, code = execution.synchroniser(bases)
    assert not issue.reussie
    assert "Une autre synchronisation est en cours" in (issue.message or "")
    assert code == 3
    assert donnees["statut"] == "refusee"
    assert donnees["message"] == issue.message


def test_a_holder_gives_signs_of_life_and_none_once_it_is_done(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verrou, "BATTEMENT_S", 0.01)
    with _tenu_par(base, "vivante"):
        base.lire("update crm_sync.verrou set battement = now() - interval '44 seconds'")
        attendre(lambda: base.valeur("select battement > now() - interval '5 seconds' from crm_sync.verrou"))
    assert base.lire("select titulaire, battement from crm_sync.verrou") == [(None, None)]


def test_the_heart_goes_on_after_the_server_ended_its_connection(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verrou, "BATTEMENT_S", 0.01)
    coeur = "from pg_stat_activity where datname = current_database() and application_name = 'crm_sync verrou'"
    with _tenu_par(base, "vivante"):
        attendre(lambda: base.lire(f"select pg_terminate_backend(pid) {coeur}"))
        base.lire("update crm_sync.verrou set battement = now() - interval '44 seconds'")
        attendre(lambda: base.valeur("select battement > now() - interval '5 seconds' from crm_sync.verrou"))


@pytest.mark.parametrize(
    ("hote", "age_s", "libre"),
    [("ailleurs", 0, False), ("ailleurs", 44, False), ("ailleurs", 46, True), ("ici", 0, True), ("ici", 46, True)],
    ids=str,
)
def test_a_dead_holder_here_loses_the_lock_at_once_and_a_silent_one_elsewhere_after_45_seconds(
    base: Base, hote: str, age_s: int, libre: bool
) -> None:
    with subprocess.Popen(["true"]) as mort:
        pass
    with base.bases() as bases:
        nouveau = Verrou(bases, "nouveau")
        base.lire(
            "update crm_sync.verrou set titulaire = 'ancien', hote = %s, pid = %s, "
            "battement = now() - make_interval(secs => %s)",
            nouveau._moi["hote"] if hote == "ici" else hote,
            mort.pid,
            age_s,
        )
        if libre:
            nouveau.prendre(5)
            assert base.valeur(TITULAIRE) == "nouveau"
            nouveau.rendre()
        else:
            with pytest.raises(RefusedError):
                nouveau.prendre(0.05)
            assert base.valeur(TITULAIRE) == "ancien"


VOLER = "update crm_sync.verrou set titulaire = 'voleuse', battement = now()"


@pytest.mark.parametrize(
    ("ou", "nom", "ecrits"), [(journal, "prevoir", 0), (apply, "appliquer", 0), (journal, "regler", 2)]
)
def test_a_sleeper_whose_lock_was_taken_over_writes_nothing_more(
    base: Base, monkeypatch: pytest.MonkeyPatch, ou: Any, nom: str, ecrits: int
) -> None:
    vraie = getattr(ou, nom)

    def apres_un_somme(*args: Any, **kwargs: Any) -> Any:
        base.lire(VOLER)
        return vraie(*args, **kwargs)

    with monkeypatch.context() as sommeil:
        sommeil.setattr(ou, nom, apres_un_somme)
        with pytest.raises(RefusedError) as leve:
            enchainer(base.bases(), lecture(prospect(1), prospect(2)), "endormie")
    assert "une autre a pris la suite" in str(leve.value)
    assert base.valeur("select count(*) from service_core.client_base") == ecrits
    assert base.valeur(TITULAIRE) == "voleuse"
    assert base.lire("select statut from crm_sync.synchronisation") == [("refusee",)]
    if nom == "prevoir":
        assert base.lire("select * from crm_sync.lien_externe") == []

    base.lire("update crm_sync.verrou set titulaire = null")
    passer(base, prospect(1), prospect(2))
    assert base.valeur("select count(*) from service_core.client_base") == 2


@pytest.mark.parametrize(("ou", "nom"), [(snapshot, "lire_lignes"), (apply, "appliquer"), (journal, "regler")])
def test_a_sync_that_was_overtaken_in_its_sleep_leaves_no_twin_behind(
    base: Base, monkeypatch: pytest.MonkeyPatch, ou: Any, nom: str
) -> None:
    vraie, somme = getattr(ou, nom), []
    # Without e-mail and phone nothing but the link tells that they are known.
    gens = [prospect(n, contrat(f"R{n}"), email=None, telephone=None) for n in (1, 2)]

    def pendant_ce_temps(*args: Any, **kwargs: Any) -> Any:
        if not somme:
            somme.append(True)
            base.lire("update crm_sync.verrou set battement = now() - interval '1 minute'")
            passer(base, *gens, sync="suivante")
        return vraie(*args, **kwargs)

    with monkeypatch.context() as sommeil:
        sommeil.setattr(ou, nom, pendant_ce_temps)
        with pytest.raises(RefusedError):
            enchainer(base.bases(), lecture(*gens), "endormie")
    avant = base.empreinte_crm()
    passer(base, *gens)
    passer(base, *[{**un, "prenom": "Autre"} for un in gens])
    assert [ligne[:2] for ligne in base.empreinte_crm()] == [ligne[:2] for ligne in avant]
    assert base.lire("select prenom from service_core.client_base") == [("Autre",), ("Autre",)]

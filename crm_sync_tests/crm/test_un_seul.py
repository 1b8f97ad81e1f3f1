"""One sync at a time, whoever starts it; and the same rows with one database or four."""

from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from crm_sync.crm import apply, schema
from crm_sync.crm.connexion import SERVICES, Bases, connecter
from crm_sync.crm.session import Session
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import ConfigurationError, DatabaseUnavailableError, RefusedError
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, commercial, contrat, etat_crm, lecture, passer, prospect, une_base
from crm_sync_tests.synchro import enchainer

GENS = (prospect(1), prospect(2, contrat("AB12"), commercial=None), prospect(3, commercial=commercial("Durand")))


def test_a_second_sync_is_refused_after_its_wait_and_writes_nothing(base: Base) -> None:
    premiere, seconde = Session(base.bases(), "une"), Session(base.bases(), "deux", attente_s=0)
    with premiere.etape("lecture"):
        with pytest.raises(RefusedError, match="Une autre synchronisation"), seconde.etape("lecture"):
            pytest.fail("two at once")
        seconde.clore()
    premiere.clore()
    assert base.lire("select synchronisation_id, statut from crm_sync.synchronisation") == [("une", "reussie")]


def test_a_second_sync_waits_for_the_first_and_then_runs(base: Base) -> None:
    premiere = Session(base.bases(), "une")
    with premiere.etape("lecture"):
        fil = Thread(target=enchainer, args=(base.bases(), lecture(*GENS), "deux"))
        fil.start()
        assert base.lire("select synchronisation_id from crm_sync.synchronisation") == [("une",)]
    premiere.clore()
    fil.join(60)
    assert base.lire("select statut from crm_sync.synchronisation where synchronisation_id = 'deux'") == [("reussie",)]


def test_a_sleeper_whose_lock_was_taken_over_writes_nothing_when_it_wakes(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecrire = apply.appliquer

    def endormie(*args: Any, **kwargs: Any) -> set[str]:
        base.lire("update crm_sync.verrou set titulaire = 'une autre'")
        return ecrire(*args, **kwargs)

    monkeypatch.setattr(apply, "appliquer", endormie)
    with pytest.raises(RefusedError, match="une autre a pris la suite"):
        passer(base, *GENS)
    assert base.valeur("select count(*) from service_core.client_base") == 0
    assert base.valeur("select titulaire from crm_sync.verrou") == "une autre"


def test_a_dead_holder_on_this_machine_loses_the_lock_at_once(base: Base) -> None:
    import socket
    import subprocess
    import sys

    mort = subprocess.Popen([sys.executable, "-c", ""])
    mort.wait()
    base.lire(
        "update crm_sync.verrou set titulaire = 'mort', hote = %s, pid = %s, pris_le = now(), battement = now()",
        socket.gethostname(),
        mort.pid,
    )
    base.lire("insert into crm_sync.synchronisation (synchronisation_id) values ('mort')")
    base.lire("insert into crm_sync.demande_sync (demande_par, statut, run_id) values ('bouton', 'en_cours', 'mort')")
    passer(base, *GENS)
    assert base.valeur("select statut from crm_sync.synchronisation where synchronisation_id = 'mort'") == "echouee"
    assert base.valeur("select statut from crm_sync.demande_sync") == "echouee"


def test_four_databases_give_what_one_gives(base: Base, postgres: ServeurEmbarque) -> None:
    passer(base, *GENS)
    with (
        base_neuve(postgres, "template1") as sync,
        base_neuve(postgres, "template1") as core,
        base_neuve(postgres, "template1") as commerciale,
        base_neuve(postgres, "template1") as finance,
    ):
        urls = dict(zip(SERVICES, (sync.url, core.url, commerciale.url, finance.url), strict=True))
        with Bases(urls) as quatre:
            schema.mettre_a_jour(quatre)
        enchainer(Bases(urls), lecture(*GENS), str(uuid4()))
        assert etat_crm(urls) == etat_crm(une_base(base.url))
        autres = (prospect(1, prenom="Autre"), *GENS[1:])
        enchainer(Bases(urls), lecture(*autres), str(uuid4()))
        passer(base, *autres)
        assert etat_crm(urls) == etat_crm(une_base(base.url))
        assert commerciale.valeur("select sum(nb_contrats) from service_commercial.kpi_contrats_par_commercial") == 3


def test_a_database_that_is_away_is_said_before_anything_is_read(base: Base) -> None:
    with pytest.raises(DatabaseUnavailableError, match="ne répond pas"):
        connecter("postgresql://quelquun:secret@127.0.0.1:1/crm")
    with pytest.raises(ConfigurationError, match="mal formée") as erreur:
        connecter("mysql://quelquun:secret@hote/crm")
    assert "secret" not in str(erreur.value)


def test_a_database_ahead_of_the_code_is_refused(base: Base) -> None:
    base.lire("update crm_sync.alembic_version set version_num = 'core_9999' where version_num = 'core_0001'")
    with base.bases() as bases, pytest.raises(ConfigurationError, match="plus récente que ce programme"):
        schema.mettre_a_jour(bases)


def test_migrating_twice_moves_nothing(base: Base) -> None:
    with base.bases() as bases:
        assert schema.mettre_a_jour(bases) == []

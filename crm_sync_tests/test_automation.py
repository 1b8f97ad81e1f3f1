"""When a sync is asked for: the schedule, the sensor tick by tick, and what the launcher says of a run's worker."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread, Timer
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import dagster as dg
import pytest
from dagster._core.launcher.base import WorkerStatus
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import GRPC_INFO_TAG

from crm_sync import automation, lanceur
from crm_sync.automation import ABANDON, demandes_de_synchronisation, synchronisation, synchronisation_horaire
from crm_sync.crm.session import INTERROMPUE
from crm_sync.definitions import defs
from crm_sync.lanceur import marque
from crm_sync_tests.conftest import Base

EN_FILE = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING]


# Cuts the connection of a tick that waits; gives a row where there was one.
COUPER = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and state = 'idle' and query like '%update crm_sync.demande_sync%'
"""

# Where a run comes from: Dagster queues none without.
ORIGINE = RemoteJobOrigin(
    RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("crm_sync"), "__repository__"), synchronisation.name
)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def crm(base: Base, monkeypatch: pytest.MonkeyPatch) -> Base:
    monkeypatch.setenv("CRM_DATABASE_URL", base.url)
    monkeypatch.setattr(automation, "ATTENTE_TICK_S", 0.05)
    return base


def tick(instance: dg.DagsterInstance) -> list[Any]:
    with dg.build_sensor_context(instance=instance) as context:
        resultat = demandes_de_synchronisation(context)
        assert isinstance(resultat, Iterator)
        return list(resultat)


def raison(instance: dg.DagsterInstance) -> str:
    (rien,) = tick(instance)
    assert isinstance(rien, dg.SkipReason)
    assert rien.skip_message is not None
    return rien.skip_message


def lance(instance: dg.DagsterInstance) -> bool:
    (resultat,) = tick(instance)
    return isinstance(resultat, dg.RunRequest)


def demander(base: Base, nombre: int = 1) -> None:
    for _ in range(nombre):
        base.lire("insert into crm_sync.demande_sync (id, demande_par) values (%s, 'essai')", uuid4())


def demandes(base: Base) -> list[tuple[Any, ...]]:
    return base.lire("select statut, etape, message from crm_sync.demande_sync")


def execution(instance: dg.DagsterInstance, statut: dg.DagsterRunStatus, **reste: Any) -> str:
    run = dg.DagsterRun(synchronisation.name, str(uuid4()), status=statut, remote_job_origin=ORIGINE, **reste)
    return instance.add_run(run).run_id


def prise_par(base: Base, run_id: str) -> None:
    base.lire(
        "insert into crm_sync.demande_sync (demande_par, statut, run_id) values ('essai', 'en_cours', %s)", run_id
    )


def test_every_hour_in_paris_and_on_by_default() -> None:
    horaire = defs.get_repository_def().get_schedule_def("synchronisation_horaire")
    assert horaire is not None
    assert synchronisation_horaire.cron_schedule == "0 * * * *"
    assert synchronisation_horaire.execution_timezone == "Europe/Paris"
    assert synchronisation_horaire.default_status is dg.DefaultScheduleStatus.RUNNING
    assert demandes_de_synchronisation.default_status is dg.DefaultSensorStatus.RUNNING


def test_several_requests_ask_for_one_run_and_say_at_once_that_they_are_seen(
    crm: Base, instance: dg.DagsterInstance
) -> None:
    demander(crm, 3)
    assert lance(instance)
    assert demandes(crm) == [("en_cours", "file d'attente", None)] * 3


def test_nothing_is_asked_for_where_nobody_asks(crm: Base, instance: dg.DagsterInstance) -> None:
    assert raison(instance) == "Aucune demande n'attend."


def test_a_request_made_during_the_wait_ends_it(
    crm: Base, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "ATTENTE_TICK_S", 30.0)
    debut = monotonic()
    Timer(0.5, demander, (crm,)).start()
    assert lance(instance)
    assert monotonic() - debut < 10


@pytest.mark.parametrize("statut", EN_FILE)
def test_a_run_in_the_queue_will_take_the_requests(
    crm: Base, instance: dg.DagsterInstance, statut: dg.DagsterRunStatus
) -> None:
    execution(instance, statut)
    demander(crm, 2)
    assert "prendra les demandes" in raison(instance)
    assert demandes(crm) == [("en_cours", "file d'attente", None)] * 2


def test_a_run_that_started_but_did_not_begin_will_take_them_too(crm: Base, instance: dg.DagsterInstance) -> None:
    execution(instance, dg.DagsterRunStatus.STARTED)
    demander(crm)
    assert "prendra les demandes" in raison(instance)


def test_a_request_made_during_a_sync_asks_for_the_next_one(crm: Base, instance: dg.DagsterInstance) -> None:
    run_id = execution(instance, dg.DagsterRunStatus.STARTED)
    crm.lire("insert into crm_sync.synchronisation (synchronisation_id) values (%s)", run_id)
    demander(crm)
    assert lance(instance)


def test_after_three_failed_runs_the_request_gets_its_answer(crm: Base, instance: dg.DagsterInstance) -> None:
    execution(instance, dg.DagsterRunStatus.FAILURE)  # before the request: none of its tries
    demander(crm)
    for _ in range(3):
        assert lance(instance)
        execution(instance, dg.DagsterRunStatus.FAILURE)
    assert raison(instance) == ABANDON
    assert demandes(crm) == [("echouee", "terminé", ABANDON)]
    assert raison(instance) == "Aucune demande n'attend."


def test_a_run_that_ended_without_a_word_has_its_requests_answered(crm: Base, instance: dg.DagsterInstance) -> None:
    prise_par(crm, execution(instance, dg.DagsterRunStatus.FAILURE))
    raison(instance)
    assert demandes(crm) == [("echouee", "terminé", INTERROMPUE)]


def test_a_run_that_lives_or_that_another_instance_has_keeps_its_requests(
    crm: Base, instance: dg.DagsterInstance
) -> None:
    prise_par(crm, execution(instance, dg.DagsterRunStatus.STARTED))
    prise_par(crm, str(uuid4()))
    raison(instance)
    assert {ligne[0] for ligne in demandes(crm)} == {"en_cours"}


def test_a_database_that_is_away_is_said_in_a_sentence(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DATABASE_URL", "postgresql://crm@127.0.0.1:1/crm")
    assert raison(instance).startswith("La base de données 127.0.0.1/crm ne répond pas")


def test_a_connection_that_breaks_during_the_wait_is_said_in_a_sentence(
    crm: Base, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "ATTENTE_TICK_S", 30.0)

    def couper() -> None:
        limite = monotonic() + 10
        while not crm.lire(COUPER) and monotonic() < limite:
            sleep(0.02)

    fil = Thread(target=couper)
    fil.start()
    assert "s'est interrompue" in raison(instance)
    fil.join()


@pytest.fixture
def surveillee() -> Iterator[dg.DagsterInstance]:
    """An instance with our launcher, as `dagster.yaml` names it."""
    ours = {"run_launcher": {"module": "crm_sync.lanceur", "class": "LanceurSurveille"}}
    with dg.instance_for_test(overrides=ours) as instance:
        yield instance


def sante(instance: dg.DagsterInstance, tags: dict[str, str]) -> WorkerStatus:
    assert instance.run_launcher.supports_check_run_worker_health
    run = instance.get_run_by_id(execution(instance, dg.DagsterRunStatus.STARTED, tags=tags))
    assert run is not None
    return instance.run_launcher.check_run_worker_health(run).status


def test_a_run_of_this_process_lives(surveillee: dg.DagsterInstance) -> None:
    assert sante(surveillee, marque()) is WorkerStatus.RUNNING


def test_a_run_whose_process_was_killed_is_dead(surveillee: dg.DagsterInstance) -> None:
    dire = "from crm_sync.lanceur import MARQUE, marque; print(marque()[MARQUE], flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", dire], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as autre:
        assert autre.stdout is not None
        marquee = {lanceur.MARQUE: autre.stdout.readline().strip()}
        assert sante(surveillee, marquee) is WorkerStatus.RUNNING
        autre.kill()
        autre.wait()
    assert sante(surveillee, marquee) is WorkerStatus.NOT_FOUND


def test_a_run_with_the_number_of_another_process_is_dead(surveillee: dg.DagsterInstance) -> None:
    hote, pid, _ = marque()[lanceur.MARQUE].split(" ")
    assert sante(surveillee, {lanceur.MARQUE: f"{hote} {pid} 1.0"}) is WorkerStatus.NOT_FOUND


@pytest.mark.parametrize("tags", [{}, {lanceur.MARQUE: "ailleurs 1 1.0"}, {lanceur.MARQUE: "illisible"}])
def test_a_run_of_which_nothing_can_be_known_counts_as_alive(
    surveillee: dg.DagsterInstance, tags: dict[str, str]
) -> None:
    assert sante(surveillee, tags) is WorkerStatus.RUNNING


def test_a_code_server_may_be_away_for_a_while_and_not_for_ever(
    surveillee: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tags = {GRPC_INFO_TAG: json.dumps({"host": "localhost", "socket": str(tmp_path / "personne.sock")})}
    assert sante(surveillee, tags) is WorkerStatus.RUNNING
    monkeypatch.setattr(lanceur, "INJOIGNABLE_S", 0.0)
    assert sante(surveillee, tags) is WorkerStatus.NOT_FOUND

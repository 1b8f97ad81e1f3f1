"""The run launcher that `dagster.yaml` names: Dagster's default one, that also knows when a worker is dead.

With the default launcher a run whose worker and code server died together stays *started* for ever, and keeps
every later run in the queue. What is said here, `run_monitoring` acts upon: it marks such a run failed.

Dagster's storage opens a connection for nearly each statement, some 240 in one sync: four fifths of its time with
Dagster. `garder_connexions` is for the processes where that counts: who launches runs, and who executes one.
"""

import os
import socket
from time import monotonic

import dagster as dg
import psutil  # type: ignore[import-untyped]
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._grpc.types import GetCurrentRunsResult
from dagster._serdes import ConfigurableClassData, deserialize_value

INJOIGNABLE_S = 60.0
"""How long a code server may be away before its runs are given up; no other could start there meanwhile."""

MARQUE = "crm_sync/processus"
"""The tag of a run that no code server started: which process runs it."""

RENOUVELLEMENT_S = 300
CONNEXIONS_EN_PLUS = 20


class LanceurSurveille(dg.DefaultRunLauncher):
    """Launches runs as the default launcher does, and answers whether a run's worker lives."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._injoignable_depuis: dict[str, float] = {}
        self._connexions_gardees = False

    def launch_run(self, context: LaunchRunContext) -> None:
        """Launch a run; the process that does (the daemon) keeps its connections from then on."""
        if not self._connexions_gardees:
            garder_connexions(self._instance)
            self._connexions_gardees = True
        super().launch_run(context)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes, for `run_monitoring`."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Ask the code server that started the run; where none did, look at the process that its tag names.

        A run of which nothing can be known counts as running: better a queue that waits than a sync that is
        taken for dead.
        """
        if MARQUE in run.tags:
            return _resultat(vivant=_vivant(run.tags[MARQUE]))
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        if client is None:
            return _resultat(vivant=True)
        try:
            reponse = deserialize_value(client.get_current_runs(), GetCurrentRunsResult)
        except DagsterUserCodeUnreachableError:
            depuis = self._injoignable_depuis.setdefault(run.run_id, monotonic())
            return _resultat(vivant=monotonic() - depuis < INJOIGNABLE_S)
        self._injoignable_depuis.pop(run.run_id, None)
        return _resultat(vivant=run.run_id in reponse.current_runs)


def garder_connexions(instance: dg.DagsterInstance) -> None:
    """Let this instance use its connections to Dagster's storage again, as Dagster's web server does with its own.

    Not for a process that makes many instances (the code server): each would keep some open.
    """
    instance.optimize_for_webserver(statement_timeout=0, pool_recycle=RENOUVELLEMENT_S, max_overflow=CONNEXIONS_EN_PLUS)


def marque() -> dict[str, str]:
    """Give the tag of a run that this process executes itself: host, pid, and its start: pids come again."""
    return {MARQUE: f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time()}"}


def _vivant(marque: str) -> bool:
    """Say whether the process of a tag lives; one of another host, or that cannot be read, is taken to."""
    hote, _, reste = marque.partition(" ")
    pid, _, debut = reste.partition(" ")
    if hote != socket.gethostname() or not pid.isdecimal():
        return True
    try:
        return str(psutil.Process(int(pid)).create_time()) == debut
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _resultat(*, vivant: bool) -> CheckRunHealthResult:
    if vivant:
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    return CheckRunHealthResult(
        WorkerStatus.NOT_FOUND, "le processus de cette exécution a disparu (arrêt brutal, redémarrage)"
    )

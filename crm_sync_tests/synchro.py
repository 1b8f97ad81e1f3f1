"""One sync in a test: the same assets as in Dagster, in process, and what they said."""

from dataclasses import dataclass
from typing import Any

import dagster as dg
import psycopg

from crm_sync.definitions import defs


@dataclass(frozen=True)
class Issue:
    """How a sync ended: `reussie`, the result's JSON, and the sentence of a failure."""

    reussie: bool
    resultat: dict[str, Any]
    message: str | None
    execution: dg.ExecuteInProcessResult


def synchroniser(url: str, monkeypatch: Any, *, instance: dg.DagsterInstance | None = None) -> Issue:
    """Run a full sync against this database; the source is what EXTERNAL_API_URL names."""
    monkeypatch.setenv("CRM_DATABASE_URL", url)
    execution = defs.resolve_job_def("synchronisation").execute_in_process(
        raise_on_error=False,
        instance=instance,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    with psycopg.connect(url) as connexion:
        ligne = connexion.execute(
            "select comptes from crm_sync.synchronisation where synchronisation_id = %s", (execution.run_id,)
        ).fetchone()
    messages = [
        event.step_failure_data.user_failure_data.description
        for event in execution.all_events
        if event.is_step_failure
        and event.step_failure_data.user_failure_data is not None
    ]
    return Issue(execution.success, ligne[0] if ligne else {}, messages[0] if messages else None, execution)

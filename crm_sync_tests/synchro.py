"""One sync in a test: as a real Dagster run in process, or its stages alone where Dagster adds nothing."""

from dataclasses import dataclass
from typing import Any

import dagster as dg
import psycopg

from crm_sync.assets.bruts import lire_source
from crm_sync.assets.crm import ecrire_entite
from crm_sync.assets.normalises import normaliser
from crm_sync.crm import clients, commerciaux, contrats, kpi, livres, paiements
from crm_sync.crm.connexion import Bases
from crm_sync.crm.session import Session
from crm_sync.definitions import defs
from crm_sync.source.client import Endpoint

ORDRE = (clients.ETAPE, commerciaux.ETAPE, contrats.ETAPE, paiements.ETAPE)


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
        if event.is_step_failure and event.step_failure_data.user_failure_data is not None
    ]
    return Issue(execution.success, ligne[0] if ligne else {}, messages[0] if messages else None, execution)


def enchainer(bases: Bases, endpoint: Endpoint, synchronisation_id: str) -> Session:
    """Run the stages of a full sync, in the order of the assets, without Dagster; closes the session."""
    session = Session(bases, synchronisation_id)
    try:
        with session.etape("lecture"):
            constat = lire_source(session, endpoint)
            session.noter_reponse(constat.reponse_id)
            recus, stockes, _ = livres.bruts(bases)
            assert recus == stockes
        with session.etape("rapprochement"):
            normaliser(session)
        for etape in ORDRE:
            with session.etape("écriture"):
                assert ecrire_entite(session, etape).equilibre, etape.entite
        with session.etape("indicateurs"):
            par_commercial, par_mois, total = kpi.recalculer(bases)
            assert par_commercial == par_mois == total
            livres.orphelins(bases)
    finally:
        session.clore()
    return session

"""When a sync runs by itself: every hour, and when the CRM's button filed a request."""

from collections.abc import Iterator

import dagster as dg

from crm_sync.crm import demandes, schema
from crm_sync.errors import CrmSyncError
from crm_sync.resources import ouvrir_bases

ATTENTE_TICK_S = 9.0
"""How long a tick waits for a request: the daemon's loop has a floor of five seconds between ticks, a wait inside the tick
has none; short enough for a stop within ten seconds."""

ESSAIS = 3
EN_FILE = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
]
ABANDON = (
    "La synchronisation demandée n'a pas pu démarrer après plusieurs essais. Voir les exécutions en échec dans Dagster."
)

synchronisation = dg.define_asset_job(
    "synchronisation",
    selection=dg.AssetSelection.all(),
    description="Une synchronisation complète : lecture de la source, rapprochement, écriture dans le CRM, indicateurs.",
)

synchronisation_horaire = dg.ScheduleDefinition(
    name="synchronisation_horaire",
    job=synchronisation,
    cron_schedule="0 * * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Toutes les heures, heure de Paris.",
)


@dg.sensor(
    name="demandes_de_synchronisation",
    job=synchronisation,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Lance une synchronisation quand le bouton du CRM a déposé une ligne dans crm_sync.demande_sync.",
)
def demandes_de_synchronisation(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for one run where requests wait and no run that will take them up stands in the queue.

    A run takes up every waiting request when it begins (`Session`), so one run serves all; whether they were served stands
    in their rows, so a lost or repeated tick loses and doubles nothing.
    """
    try:
        with ouvrir_bases() as bases:
            schema.mettre_a_jour(bases)
            connexion = bases.connexion("sync")
            attente = demandes.attendre(connexion, ATTENTE_TICK_S)
            if not attente.nombre or attente.depuis is None:
                yield dg.SkipReason("Aucune demande n'attend.")
                return
            job = [synchronisation.name]
            if context.instance.get_runs_count(dg.RunsFilter(job_name=job[0], statuses=EN_FILE)):
                yield dg.SkipReason("Une synchronisation en file d'attente prendra les demandes.")
                return
            rates = dg.RunsFilter(job_name=job[0], statuses=[dg.DagsterRunStatus.FAILURE], created_after=attente.depuis)
            if context.instance.get_runs_count(rates) >= ESSAIS:
                demandes.renoncer(connexion, ABANDON)
                yield dg.SkipReason(ABANDON)
                return
    except CrmSyncError as erreur:
        yield dg.SkipReason(str(erreur))
        return
    yield dg.RunRequest()

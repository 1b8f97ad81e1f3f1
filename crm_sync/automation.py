"""When a sync runs by itself: every hour, and when the CRM's button filed a request."""

from collections.abc import Iterator

import dagster as dg

from crm_sync.assets.descriptions import CAPTEUR, HORAIRE, JOB
from crm_sync.crm import demandes, schema
from crm_sync.crm.connexion import Connexion, erreurs_traduites
from crm_sync.crm.session import INTERROMPUE
from crm_sync.errors import CrmSyncError
from crm_sync.resources import ouvrir_bases

ATTENTE_TICK_S = 9.0
"""How long a tick waits for a request: the daemon's loop has a floor of five seconds between ticks, a wait
inside the tick has none; just under two such floors, so that the next tick follows within a second."""

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
    description=JOB,
)

synchronisation_horaire = dg.ScheduleDefinition(
    name="synchronisation_horaire",
    job=synchronisation,
    cron_schedule="0 * * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=HORAIRE,
)


@dg.sensor(
    name="demandes_de_synchronisation",
    job=synchronisation,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=CAPTEUR,
)
def demandes_de_synchronisation(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for one run where requests wait and no run is on its way that will take them up.

    A run takes up every waiting request when it begins (`Session`), so one run serves all; whether they were
    served stands in their rows, so a lost or repeated tick loses and doubles nothing.
    """
    try:
        with ouvrir_bases() as bases, erreurs_traduites(bases.lieu("sync")):
            schema.mettre_a_jour(bases)
            connexion = bases.connexion("sync")
            _repondre_pour_les_morts(context.instance, connexion)
            attente = demandes.attendre(connexion, ATTENTE_TICK_S)
            raison = _rien_a_lancer(context.instance, connexion, attente)
    except CrmSyncError as erreur:
        raison = str(erreur)
    yield dg.SkipReason(raison) if raison else dg.RunRequest()


def _repondre_pour_les_morts(instance: dg.DagsterInstance, connexion: Connexion) -> None:
    """Answer the requests of runs that ended without a word, rather than leave them to the next sync.

    A run that this instance does not know may live in another.
    """
    if prises := demandes.prises(connexion):
        connus = instance.get_runs(dg.RunsFilter(run_ids=prises))
        demandes.abandonner(connexion, [run.run_id for run in connus if run.is_finished], INTERROMPUE)


def _rien_a_lancer(instance: dg.DagsterInstance, connexion: Connexion, attente: demandes.Attente) -> str | None:
    """Say why no run is asked for; None where one is."""
    if not attente.nombre or attente.depuis is None:
        return "Aucune demande n'attend."
    en_file = dg.RunsFilter(job_name=synchronisation.name, statuses=EN_FILE)
    demarrees = dg.RunsFilter(job_name=synchronisation.name, statuses=[dg.DagsterRunStatus.STARTED])
    # Started is not begun: a worker imports for seconds, or waits for the lock, before it takes requests up.
    a_venir = [run.run_id for run in instance.get_runs(demarrees)]
    if instance.get_runs_count(en_file) or demandes.pas_commencees(connexion, a_venir):
        return "Une synchronisation déjà lancée prendra les demandes."
    rates = dg.RunsFilter(
        job_name=synchronisation.name,
        statuses=[dg.DagsterRunStatus.FAILURE],
        created_after=attente.depuis,
    )
    if instance.get_runs_count(rates) >= ESSAIS:
        demandes.renoncer(connexion, ABANDON)
        return ABANDON
    return None

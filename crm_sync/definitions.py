"""The whole code location on one screen: assets with their checks, job, schedule, sensor, resources."""

import dagster as dg

from crm_sync.assets.bruts import prospects_bruts
from crm_sync.assets.crm import crm_clients, crm_commerciaux, crm_contrats, crm_informations_paiement
from crm_sync.assets.kpi import kpi_contrats_par_commercial
from crm_sync.assets.normalises import normalisation
from crm_sync.automation import demandes_de_synchronisation, synchronisation, synchronisation_horaire
from crm_sync.resources import Source, Synchro

defs = dg.Definitions(
    assets=[
        prospects_bruts,
        normalisation,
        crm_commerciaux,
        crm_clients,
        crm_contrats,
        crm_informations_paiement,
        kpi_contrats_par_commercial,
    ],
    jobs=[synchronisation],
    schedules=[synchronisation_horaire],
    sensors=[demandes_de_synchronisation],
    resources={"source": Source(), "synchro": Synchro()},
    # Eight small steps in one process: starting a process each costs eight times as much as running them.
    executor=dg.in_process_executor,
)

"""One full sync as a real Dagster run in this process, seen in the UI afterwards."""

import logging
from typing import Any

import dagster as dg

from crm_sync.automation import synchronisation
from crm_sync.crm.connexion import Bases
from crm_sync.crm.session import CONTROLE, IMPREVU, dernier_resultat
from crm_sync.definitions import defs
from crm_sync.lanceur import garder_connexions, marque
from crm_sync.resources import CODE_SORTIE

CODES = {"reussie": 0, "echouee": 1, "refusee": 3}


def synchroniser(bases: Bases) -> tuple[dict[str, Any], int]:
    """Run the job `synchronisation` on the instance that the environment names.

    Returns the result (the JSON of the contract) and the exit code: 0 done, 1 failed, 2 wrong configuration, 3 refused.
    """
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with dg.DagsterInstance.get() as instance:
        garder_connexions(instance)
        execution = defs.resolve_job_def(synchronisation.name).execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags=marque(),
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        echec = None if execution.success else _echec(execution)
    resultat = dernier_resultat(bases, execution.run_id)
    if resultat is None:
        message, code = echec or (IMPREVU, 1)
        statut = "refusee" if code == CODES["refusee"] else "echouee"
        return {"statut": statut, "run_id": execution.run_id, "avertissements": [], "message": message}, code
    code = CODES[resultat["statut"]]
    if execution.success or resultat["statut"] != "reussie":
        return resultat, echec[1] if echec else code
    return {**resultat, "statut": "echouee", "message": (echec or (IMPREVU, 1))[0]}, 1


def _echec(execution: dg.ExecuteInProcessResult) -> tuple[str, int]:
    """Give the sentence and the exit code of the first step that failed, or of the check that stopped the line."""
    for event in execution.all_events:
        if event.is_step_failure:
            donnees = event.step_failure_data.user_failure_data
            if donnees and donnees.description:
                code = donnees.metadata.get(CODE_SORTIE)
                return donnees.description, int(str(code.value)) if code else 1
    verifications = execution.get_asset_check_evaluations()
    rates = [v for v in verifications if not v.passed and v.severity is dg.AssetCheckSeverity.ERROR]
    if rates:
        noms = ", ".join(f"{v.asset_key.to_user_string()}/{v.check_name}" for v in rates)
        return CONTROLE.format(nom=noms), 1
    return IMPREVU, 1

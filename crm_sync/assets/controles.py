"""Checks as ops read them: a French sentence with the figures, a severity, and what stops the line.

ERROR on a check that is declared `blocking` fails the run there, and nothing downstream runs; WARN lets it go on. A run that a
check stops begins with a French sentence, as any other failure: hence `arreter`, before Dagster's own English one.
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from crm_sync.crm.session import Session
from crm_sync.resources import echouer

ARRET = (
    "Un contrôle a échoué ({nom}). {constat} La suite n'a pas été exécutée. Relancer ; si cela se répète, envoyer cette phrase "
    "à qui tient crm_sync."
)
ERREUR, AVERTISSEMENT = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


def resultat(
    actif: str,
    nom: str,
    *,
    passe: bool,
    phrase: str,
    chiffres: Mapping[str, int],
    severite: dg.AssetCheckSeverity = ERREUR,
) -> dg.AssetCheckResult:
    """Give the outcome of a check, with the sentence that ops see beside it."""
    return dg.AssetCheckResult(
        asset_key=actif, check_name=nom, passed=passe, severity=severite, description=phrase, metadata=dict(chiffres)
    )


def noter(session: Session, *controles: dg.AssetCheckResult) -> None:
    """Have the sync fail with the first check that stops the line."""
    for controle in rates(controles):
        session.controler(_nom(controle), passe=False)


def rates(controles: Sequence[dg.AssetCheckResult]) -> Iterator[dg.AssetCheckResult]:
    """Give the checks that stop the line, of those that an asset declares as blocking."""
    return (controle for controle in controles if not controle.passed and controle.severity is ERREUR)


def arreter(context: dg.AssetExecutionContext, *controles: dg.AssetCheckResult) -> None:
    """Stop the run where a check failed, once its results were given to Dagster.

    Raises:
        Echec: with a French sentence.
    """
    for controle in rates(controles):
        echouer(context.log, ARRET.format(nom=_nom(controle), constat=controle.description))


def cle(controle: dg.AssetCheckResult) -> dg.AssetCheckKey:
    """Name a check as Dagster does."""
    assert controle.asset_key is not None  # noqa: S101  `resultat` gives both
    assert controle.check_name is not None  # noqa: S101
    return dg.AssetCheckKey(controle.asset_key, controle.check_name)


def _nom(controle: dg.AssetCheckResult) -> str:
    return f"{cle(controle).asset_key.to_user_string()}/{controle.check_name}"

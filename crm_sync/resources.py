"""Dagster resources: the source, and the sync in progress with its databases.

Both read the environment when a run needs them, never when the code location loads: definitions load without a database. The
docstring of a resource is what Dagster shows to ops, hence in French.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from traceback import format_tb
from types import TracebackType
from typing import NoReturn

import dagster as dg
from pydantic import PrivateAttr

from crm_sync.acces import ouvrir_bases
from crm_sync.crm import schema
from crm_sync.crm.session import IMPREVU, Session
from crm_sync.crm.verification import verifier_rapidement
from crm_sync.errors import ConfigurationError, CrmSyncError
from crm_sync.lanceur import garder_connexions
from crm_sync.settings import Settings, load_settings
from crm_sync.source.client import Endpoint

__all__ = ["Echec", "Source", "Synchro", "echouer", "endpoint", "ouvrir_bases"]


def endpoint(settings: Settings) -> Endpoint:
    """Give the endpoint that the environment names.

    Raises:
        ConfigurationError: it names none.
    """
    if not settings.external_api_url:
        raise ConfigurationError(
            "EXTERNAL_API_URL n'est pas définie : c'est l'adresse de la liste de prospects. "
            "La donner dans l'environnement ou dans .env, ou essayer « make run » avec la source de référence."
        )
    return Endpoint(
        settings.external_api_url,
        settings.external_api_token.get_secret_value() if settings.external_api_token else None,
        delai_s=settings.crm_sync_delai_s,
        essais=settings.crm_sync_essais,
        taille_max_mo=settings.crm_sync_taille_max_mo,
    )


class Source(dg.ConfigurableResource[Endpoint]):
    """L'application source, telle que `EXTERNAL_API_URL` et `EXTERNAL_API_TOKEN` la nomment. Rien à régler ici."""

    def endpoint(self) -> Endpoint:
        """Give the endpoint.

        Raises:
            ConfigurationError: none is named.
        """
        return endpoint(load_settings())


class Synchro(dg.ConfigurableResource["Synchro"]):
    """La synchronisation en cours, une seule à la fois, et les bases de données qu'elle ouvre. Rien à régler ici."""

    _pile: ExitStack = PrivateAttr(default_factory=ExitStack)
    _session: Session | None = PrivateAttr(default=None)

    @contextmanager
    def etape(self, context: dg.AssetExecutionContext, nom: str) -> Iterator[Session]:
        """Run a stage of the sync; its failure is shown to ops as one French sentence.

        Raises:
            Echec: with the sentence.
        """
        with _EchecEnFrancais(context.log):
            premiere = self._session is None
            if self._session is None:
                bases = self._pile.enter_context(ouvrir_bases())
                schema.mettre_a_jour(bases)
                self._session = Session(bases, context.run.run_id)
                self._pile.callback(self._session.clore)
            context.log.info("Étape : %s", nom)
            with self._session.etape(nom):
                if premiere:  # within the sync, so that whoever asked for it is answered
                    verifier_rapidement(self._session.bases)
                yield self._session

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Keep Dagster's own connections for the run: it opens one for nearly each statement otherwise."""
        if context.instance is not None:
            garder_connexions(context.instance)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002  Dagster's signature
        """Close the sync: write its outcome, answer its requests, give the lock back."""
        self._pile.close()


CODE_SORTIE = "Code de sortie"
"""Under what a failure tells the exit code of `crm-sync sync`."""


class Echec(dg.Failure):
    """Stops a run with a French sentence; Dagster does not try again, the next sync does."""


# Dagster begins an error with the full name of its class: this one is read by ops, before the sentence.
Echec.__module__, Echec.__qualname__ = "builtins", "Échec"


def echouer(journal: logging.Logger, phrase: str, code_sortie: int = 1) -> NoReturn:
    """Stop the run with a French sentence: the first red line of its log, alone, and again in the error that Dagster shows.

    Raises:
        Echec: always.
    """
    journal.error(phrase)
    raise Echec(description=phrase, metadata={CODE_SORTIE: code_sortie}, allow_retries=False) from None


class _EchecEnFrancais:
    """Turn what stops a stage into an `Echec`, one French sentence."""

    def __init__(self, journal: logging.Logger) -> None:
        self._journal = journal

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, erreur: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(erreur, CrmSyncError):
            echouer(self._journal, str(erreur), erreur.exit_code)
        if isinstance(erreur, Exception):
            # A fault of the code: its text may hold a value, its frames do not.
            self._journal.warning("%s %s", type(erreur).__name__, "".join(format_tb(trace)))
            echouer(self._journal, IMPREVU)

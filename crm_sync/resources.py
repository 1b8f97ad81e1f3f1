"""Dagster resources: the source, and the sync in progress with its databases.

Both read the environment when a run needs them, never when the code location loads: definitions load without a database. The
docstring of a resource is what Dagster shows to ops, hence in French.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from traceback import format_tb
from types import TracebackType

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

__all__ = ["Source", "Synchro", "endpoint", "ouvrir_bases"]


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
            dagster.Failure: with the sentence; Dagster does not try again, the next sync does.
        """
        with _EchecEnFrancais(context):
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


class _EchecEnFrancais:
    """Turn what stops a stage into a `dagster.Failure` whose first line is one French sentence."""

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._context = context

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, erreur: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(erreur, CrmSyncError):
            metadata = {"code_sortie": erreur.exit_code}
            raise dg.Failure(description=str(erreur), metadata=metadata, allow_retries=False) from None
        if isinstance(erreur, Exception):
            # A fault of the code: its text may hold a value, its frames do not.
            self._context.log.error("%s %s", type(erreur).__name__, "".join(format_tb(trace)))
            raise dg.Failure(description=IMPREVU, allow_retries=False) from None

"""The databases that the environment names, for everybody who opens them: Dagster, the command line, the read API.

Without Dagster, so that who only reads does not load it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from crm_sync.crm import mapping
from crm_sync.crm.connexion import SERVICES, Bases, Service
from crm_sync.crm.correspondance import INTEGREE
from crm_sync.settings import Settings, load_settings


@contextmanager
def ouvrir_bases(settings: Settings | None = None, genre: type[Bases] = Bases) -> Iterator[Bases]:
    """Open the databases that the environment names, the embedded Postgres where it names none.

    `genre`: how they are opened, `BasesEnLecture` for who only reads.

    Raises:
        ConfigurationError, DatabaseUnavailableError, EmbeddedPostgresError: said before anything is read.
    """
    reglages = settings or load_settings()
    secrets = {
        "sync": reglages.crm_database_url,
        "core": reglages.crm_core_database_url,
        "commercial": reglages.crm_commercial_database_url,
        "finance": reglages.crm_finance_database_url,
    }
    correspondance = mapping.lire(reglages.crm_mapping) if reglages.crm_mapping else INTEGREE
    with ExitStack() as pile:
        defaut = reglages.crm_database_url.get_secret_value() if reglages.crm_database_url else None
        if defaut is None:
            from crm_sync.embedded import serveur_embarque

            defaut = pile.enter_context(serveur_embarque(reglages.crm_sync_home)).url("crm")
        urls: dict[Service, str] = {
            service: secret.get_secret_value() if (secret := secrets[service]) else defaut for service in SERVICES
        }
        yield pile.enter_context(genre(urls, correspondance))

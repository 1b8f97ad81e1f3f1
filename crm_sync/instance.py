"""What has to stand before Dagster starts: a Postgres, a DAGSTER_HOME, and the variables that name them.

`dagster.yaml` reads its variables without default, so whoever starts Dagster (the command line, `crm-sync dev`) passes
through here first.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from crm_sync.crm.connexion import connecter, lieu
from crm_sync.errors import ConfigurationError
from crm_sync.settings import REPO, Settings


@contextmanager
def instance_prete(settings: Settings) -> Iterator[None]:
    """Start what Dagster needs and set its environment for this process and its children; stop it at the end.

    The embedded Postgres is started where the CRM's or Dagster's database is not given.

    Raises:
        ConfigurationError: a URL is malformed, or CRM_SYNC_HOME cannot be written.
        DatabaseUnavailableError: Dagster's database cannot be reached.
        EmbeddedPostgresError: the embedded Postgres cannot start.
    """
    crm = settings.crm_database_url.get_secret_value() if settings.crm_database_url else None
    dagster = settings.dagster_postgres_url.get_secret_value() if settings.dagster_postgres_url else None
    for url in filter(None, (crm, dagster)):
        lieu(url)
    avant = dict(os.environ)
    with ExitStack() as pile:
        if crm is None or dagster is None:
            from crm_sync.embedded import serveur_embarque

            serveur = pile.enter_context(serveur_embarque(settings.crm_sync_home))
            crm = crm or serveur.url("crm")
            dagster = dagster or serveur.url("dagster")
        connecter(dagster).close()  # Dagster itself would try for ten seconds, and then show a traceback
        pile.callback(_remettre, avant)
        os.environ["CRM_DATABASE_URL"] = crm
        os.environ["DAGSTER_POSTGRES_URL"] = pour_dagster(dagster)
        os.environ["DAGSTER_HOME"] = str(_dagster_home(settings))
        os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
        if settings.external_api_url:
            os.environ["EXTERNAL_API_URL"] = settings.external_api_url
        yield


def pour_dagster(url: str) -> str:
    """Name the driver that dagster-postgres brings: with SQLAlchemy 2.1 a plain URL means another one.

    Raises:
        ConfigurationError: the URL is malformed.
    """
    try:
        return make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    except ArgumentError:
        raise ConfigurationError(
            "DAGSTER_POSTGRES_URL est mal formée ; attendu : postgresql://utilisateur:motdepasse@hote:5432/base."
        ) from None


def _dagster_home(settings: Settings) -> os.PathLike[str]:
    home = settings.crm_sync_home.resolve() / "dagster"
    try:
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPO / "dagster.yaml", home / "dagster.yaml")
    except OSError as erreur:
        raise ConfigurationError(
            f"Le dossier {home} ne peut pas être écrit ({erreur.strerror}). Choisir un autre CRM_SYNC_HOME."
        ) from None
    return home


def _remettre(avant: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(avant)

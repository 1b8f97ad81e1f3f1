"""`crm-sync serve`: the read API on the loopback until SIGTERM or Ctrl-C.

It makes our tables where they are missing, if its role may; after that it only reads. One process, a few threads.
"""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import uvicorn

from crm_sync.acces import ouvrir_bases
from crm_sync.api.app import application
from crm_sync.api.jetons import TROP_COURT, Jetons
from crm_sync.api.visites import Bassin
from crm_sync.crm import schema
from crm_sync.crm.connexion import Bases
from crm_sync.crm.lecture import BasesEnLecture
from crm_sync.errors import ConfigurationError, DatabaseUnavailableError
from crm_sync.settings import Settings, load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

HOTE = "127.0.0.1"
ARRET_S = 5
"""How long calls in progress may take to end."""


def servir(port: int, annoncer: Callable[[str], None], avertir: Callable[[str], None]) -> None:
    """Serve on `port` (0: a free one); `annoncer` hears the address once calls are taken, `avertir` what ops should know.

    Raises:
        ConfigurationError: no secret, the port is taken, or the database is not one that can be served.
        DatabaseUnavailableError: it cannot be reached, or a right is missing.
    """
    reglages = load_settings()
    jetons = Jetons(reglages)  # said before anything is opened
    if jetons.secret_faible:
        avertir(TROP_COURT)
    with ecoute(port) as prise, bassin(reglages) as lectures:
        tourner(application(jetons, lectures, origines(reglages)), prise, annoncer)


@contextmanager
def bassin(reglages: Settings) -> Iterator[Bassin]:
    """Open the databases for reading, their tables made or upgraded where they must be.

    Raises:
        ConfigurationError, DatabaseUnavailableError: see `ouvrir_bases` and `crm.schema`.
    """
    with ouvrir_bases(reglages) as bases:
        mettre_a_jour(bases)
        crm = bases.crm
        bases.close()
        lectures = Bassin(lambda: BasesEnLecture(dict(bases.urls), bases.correspondance, _crm=crm))
        try:
            yield lectures
        finally:
            lectures.close()


def mettre_a_jour(bases: Bases) -> None:
    """Bring our tables to their latest revision, unless they are there: a role that may only read is enough then.

    Raises:
        ConfigurationError: the database is ahead of this code.
        DatabaseUnavailableError: it must be upgraded, and this role may not.
    """
    if schema.a_jour(bases):
        return
    try:
        schema.mettre_a_jour(bases)
    except DatabaseUnavailableError as erreur:
        raise DatabaseUnavailableError(
            f"{erreur} Les tables de crm_sync ne sont pas à jour : "
            "lancer « crm-sync db upgrade » avec un rôle qui peut les créer."
        ) from None


def origines(reglages: Settings) -> tuple[str, ...]:
    """Give the origins whose pages may call the API."""
    return tuple(filter(None, (une.strip() for une in (reglages.crm_sync_cors_origins or "").split(","))))


@contextmanager
def ecoute(port: int) -> Iterator[socket.socket]:
    """Listen on the loopback, so that a port that is taken is said before anything starts.

    Raises:
        ConfigurationError: the port cannot be opened.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as prise:
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prise.bind((HOTE, port))
            prise.listen()  # two sockets may be bound to one port until one of them listens
        except OSError as erreur:
            raise ConfigurationError(
                f"Le port {port} de {HOTE} ne peut pas être ouvert ({erreur.strerror}). En choisir un autre avec --port."
            ) from None
        yield prise


def tourner(app: "FastAPI", prise: socket.socket, annoncer: Callable[[str], None]) -> None:
    """Answer calls until SIGTERM or Ctrl-C, in the main thread."""

    class Serveur(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                annoncer(f"http://{HOTE}:{prise.getsockname()[1]}")

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=ARRET_S,
    )
    with _signaux_sans_suite():
        Serveur(config).run(sockets=[prise])


@contextmanager
def _signaux_sans_suite() -> Iterator[None]:
    """Let uvicorn end in peace: it raises again the signal that it caught, for whoever was there before."""
    with ExitStack() as pile:
        for numero in (signal.SIGTERM, signal.SIGINT):
            pile.callback(signal.signal, numero, signal.signal(numero, lambda _numero, _pile: None))
        yield

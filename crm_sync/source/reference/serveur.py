"""Starting and ending the reference source, in a test or for a command."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from types import FrameType, TracebackType
from typing import Self

from crm_sync.errors import ConfigurationError
from crm_sync.source.reference.connexions import HOTE, Serveur
from crm_sync.source.reference.etat import EtatReference


class SourceReference:
    """A reference source that runs from `demarrer` (or `with`) until `arreter`, in threads of this process.

    `url` is the server's address without a path, `url_prospects` what `EXTERNAL_API_URL` should hold. With a
    `jeton`, every route but `/` wants it as a bearer token. Port 0 takes a free one.
    """

    def __init__(self, prospects: int = 1_000, graine: int = 1, *, port: int = 0, jeton: str | None = None) -> None:
        """Prepare; nothing listens yet.

        Raises:
            ConfigurationError: a number of prospects or a seed that cannot be served.
        """
        try:
            self.etat = EtatReference(prospects, graine)
        except ValueError as erreur:
            raise ConfigurationError(str(erreur)) from None
        self._jeton = jeton
        self._port = port
        self._serveur: Serveur | None = None
        self._fil: Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; before the start, the one that was asked for."""
        return self._serveur.server_port if self._serveur else self._port

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        return f"http://{HOTE}:{self.port}"

    @property
    def url_prospects(self) -> str:
        """The address of the list of prospects."""
        return f"{self.url}/prospects"

    def demarrer(self) -> Self:
        """Listen and answer, until `arreter`.

        Raises:
            ConfigurationError: the port is taken, forbidden or no port at all.
        """
        try:
            self._serveur = Serveur((HOTE, self._port), self.etat, self._jeton)
        except (OSError, OverflowError):
            raise ConfigurationError(
                f"Le port {self._port} ne peut pas être ouvert sur {HOTE} : il est pris ou interdit. "
                "En choisir un autre avec --port ; 0 prend un port libre."
            ) from None
        self._fil = Thread(
            target=self._serveur.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="source-de-reference",
            daemon=True,
        )
        self._fil.start()
        return self

    def arreter(self) -> None:
        """Stop listening and cut what is under way, within about a second; a second call does nothing."""
        if self._serveur is None or self._fil is None:
            return
        self._port = self._serveur.server_port
        self._serveur.shutdown()
        self._fil.join()
        self._serveur.server_close()
        self._serveur.couper()
        self._serveur = self._fil = None

    def __enter__(self) -> Self:
        return self.demarrer()

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arreter()


@contextmanager
def source_de_demonstration(prospects: int) -> Iterator[str]:
    """Run a source on a free port for as long as the block lasts; gives the address of its list of prospects.

    Raises:
        ConfigurationError: as `SourceReference`.
    """
    with SourceReference(prospects) as source:
        yield source.url_prospects


def servir(
    prospects: int,
    graine: int,
    port: int,
    jeton: str | None,
    annoncer: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, in the main thread. Prints nothing.

    `annoncer` is called once, with the address of the list of prospects, as soon as it listens.

    Raises:
        ConfigurationError: as `SourceReference`.
    """
    # Unlike an Event, a SimpleQueue may be filled from a signal handler while the same thread waits on it.
    arrets: SimpleQueue[int] = SimpleQueue()

    def demander_l_arret(numero: int, _pile: FrameType | None) -> None:
        arrets.put(numero)

    avant = {numero: signal.signal(numero, demander_l_arret) for numero in (signal.SIGTERM, signal.SIGINT)}
    try:
        with SourceReference(prospects, graine, port=port, jeton=jeton) as source:
            annoncer(source.url_prospects)
            arrets.get()
    finally:
        for numero, gestionnaire in avant.items():
            signal.signal(numero, gestionnaire)

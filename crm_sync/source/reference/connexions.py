"""The server's connections: one thread each, on the loopback only, cut at once when it ends."""

import logging
import socket
import socketserver
import sys
from http.server import ThreadingHTTPServer
from threading import Condition
from typing import Any, Final

from crm_sync.source.reference.etat import EtatReference
from crm_sync.source.reference.reponses import Reponse

journal = logging.getLogger(__name__)

HOTE: Final = "127.0.0.1"

_ATTENTE_ARRET_S: Final = 1.0


class Serveur(ThreadingHTTPServer):
    """One thread a connection; knows its open connections, so that it can end without waiting for them."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, adresse: tuple[str, int], etat: EtatReference, jeton: str | None) -> None:
        self.etat = etat
        self.jeton = jeton
        self._ouvertes: set[socket.socket] = set()
        self._condition = Condition()
        super().__init__(adresse, Reponse)

    def server_bind(self) -> None:
        """Bind without asking the resolver for a name, as the standard library would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOTE, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then hand it to its thread."""
        with self._condition:
            self._ouvertes.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        super().shutdown_request(request)
        with self._condition:
            self._ouvertes.discard(request)
            self._condition.notify_all()

    def couper(self) -> None:
        """Cut every open connection and wait a moment for their threads to notice."""
        with self._condition:
            for connexion in self._ouvertes:
                try:
                    connexion.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # its thread was closing it
            self._condition.wait_for(lambda: not self._ouvertes, timeout=_ATTENTE_ARRET_S)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Note that a connection broke: a client that hangs up is no news, all else is our fault."""
        parti = isinstance(sys.exception(), OSError)
        journal.log(logging.DEBUG if parti else logging.ERROR, "Connexion interrompue.", exc_info=True)

"""One sync at a time, whoever starts it: a lock that is a row with a heartbeat.

A row and not a session lock, because a session lock does not survive a pooler, and dies late with a dead worker. A holder
that gave no sign of life for 45 seconds has lost the lock; one on this machine whose process is gone loses it at once.
"""

import os
import socket
from threading import Event, Thread
from time import monotonic

import psycopg

from crm_sync.crm.connexion import Bases, Connexion, connecter
from crm_sync.crm.requetes import requete
from crm_sync.errors import DatabaseUnavailableError, RefusedError

BATTEMENT_S = 5.0
ATTENTE_S = 120.0
PAUSE_S = 0.5


class Verrou:
    """The sync's lock, held by one `titulaire` (the run's id)."""

    def __init__(self, bases: Bases, titulaire: str) -> None:
        self._bases = bases
        self._moi = {"moi": titulaire, "hote": socket.gethostname(), "pid": os.getpid()}
        self._fin = Event()
        self._coeur = Thread(target=self._battre, name="crm_sync-verrou", daemon=True)

    def prendre(self, attente_s: float = ATTENTE_S) -> None:
        """Take the lock, waiting for another sync to end; then keep it alive until `rendre`.

        Raises:
            RefusedError: another sync still runs after `attente_s` seconds.
        """
        connexion = self._bases.connexion("sync")
        limite = monotonic() + attente_s
        while connexion.execute(requete("synchronisations.prendre_verrou"), self._moi).fetchone() is None:
            self._oublier_un_mort(connexion)
            if monotonic() > limite:
                raise RefusedError(
                    f"Une autre synchronisation est en cours depuis plus de {attente_s:g} s ; rien n'a été écrit. "
                    "Attendre qu'elle finisse, puis relancer."
                )
            self._fin.wait(PAUSE_S)
        self._coeur.start()

    def verifier(self) -> None:
        """Make sure that the lock is still ours, and stays so until the end of the caller's transaction.

        Raises:
            RefusedError: it was taken over while this process slept.
        """
        ligne = self._bases.connexion("sync").execute(requete("synchronisations.encore_titulaire")).fetchone()
        if ligne is None or ligne[0] != self._moi["moi"]:
            raise RefusedError(
                "Cette synchronisation s'est interrompue trop longtemps et une autre a pris la suite ; rien de plus n'est écrit."
            )

    def rendre(self) -> None:
        """Give the lock back; harmless where it is not ours."""
        self._fin.set()
        if self._coeur.is_alive():
            self._coeur.join()
        self._bases.connexion("sync").execute(requete("synchronisations.rendre_verrou"), self._moi)

    def _oublier_un_mort(self, connexion: Connexion) -> None:
        ligne = connexion.execute(requete("synchronisations.titulaire")).fetchone()
        if ligne and ligne[1] == self._moi["hote"] and ligne[2] is not None and not _vivant(ligne[2]):
            connexion.execute(requete("synchronisations.oublier_titulaire"), {"titulaire": ligne[0]})

    def _battre(self) -> None:
        """Give a sign of life until told to stop; a database that is away for a moment is tried again."""
        connexion: Connexion | None = None
        while not self._fin.wait(BATTEMENT_S):
            try:
                connexion = connexion or connecter(self._bases.urls["sync"], application="crm_sync verrou")
                connexion.execute(requete("synchronisations.battre"), self._moi)
            except (psycopg.Error, DatabaseUnavailableError):
                connexion = None
        if connexion is not None:
            connexion.close()


def _vivant(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

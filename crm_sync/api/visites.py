"""One call: connections lent for its time, and who makes it, read from the live tables.

A generator dependency: connections go back however the call ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, LifoQueue
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from crm_sync.api.jetons import Jetons
from crm_sync.api.problemes import COMPTE, Probleme
from crm_sync.crm.lecture import BasesEnLecture
from crm_sync.crm.visibilite import Spectateur, spectateur

SIMULTANES = 8
PATIENCE_S = 10.0

porteur = HTTPBearer(auto_error=False, bearerFormat="JWT", description="Le jeton du CRM lui-même.", scheme_name="jeton")


class Bassin:
    """A few sets of connections, each lent to one call at a time; they are opened when first needed."""

    def __init__(self, fabrique: Callable[[], BasesEnLecture], nombre: int = SIMULTANES) -> None:
        self._libres: LifoQueue[BasesEnLecture] = LifoQueue()
        for _ in range(nombre):
            self._libres.put(fabrique())

    @contextmanager
    def emprunter(self) -> Iterator[BasesEnLecture]:
        """Lend a set of connections.

        Raises:
            Probleme: 503, all of them are in use for too long.
        """
        try:
            bases = self._libres.get(timeout=PATIENCE_S)
        except Empty:
            raise Probleme(
                503, "Trop d'appels en même temps. Réessayer dans quelques instants.", Retry_After="5"
            ) from None
        try:
            yield bases
        finally:
            self._libres.put(bases)

    def close(self) -> None:
        """Close the connections that are not lent."""
        while not self._libres.empty():
            self._libres.get_nowait().close()


@dataclass(frozen=True, slots=True)
class Visite:
    """Who calls, and the connections of this call."""

    bases: BasesEnLecture
    qui: Spectateur

    def ident(self, entite: str, valeur: str) -> str:
        """Give an id of an address as the CRM writes it.

        Raises:
            Probleme: 404, it cannot be one.
        """
        table = self.bases.crm[entite]
        ids = table.ids([valeur.lower() if table.genre("id") == "uuid" else valeur])
        if not ids or "\0" in valeur:
            raise Probleme(404)
        return ids[0]


def visite(
    requete: Request, jeton: Annotated[HTTPAuthorizationCredentials | None, Security(porteur)]
) -> Iterator[Visite]:
    """Check the token, read who calls, and lend the connections.

    Raises:
        Probleme: 401 or 403, and nothing else of what was asked for.
    """
    etat: Any = requete.app.state
    jetons: Jetons = etat.jetons
    utilisateur_id = jetons.utilisateur_id(jeton.credentials if jeton else None)
    bassin: Bassin = etat.bassin
    with bassin.emprunter() as bases:
        qui = spectateur(bases, utilisateur_id)
        if qui is None:
            raise Probleme(403, COMPTE)
        yield Visite(bases, qui)


Appel = Annotated[Visite, Depends(visite)]

"""The CRM's button: rows of `demande_sync`, from the click to the answer.

Whether a request was served stands in its row and nowhere else: selected by status, never by a cursor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from crm_sync.crm.connexion import Bases, Connexion, la_ligne
from crm_sync.crm.requetes import requete

CANAL = "crm_sync_demande"
PAUSE_S = 0.2
"""Between two looks at a request that is followed: the row is the only sign, its writers announce nothing."""

FINIS = frozenset({"reussie", "echouee", "refusee"})


@dataclass(frozen=True, slots=True)
class Attente:
    """How many requests no sync has taken up yet, and since when the oldest waits."""

    nombre: int
    depuis: datetime | None


def transmettre(connexion: Connexion) -> Attente:
    """Mark waiting requests as seen, and count those that no sync has taken up."""
    nombre, depuis = la_ligne(connexion.execute(requete("demandes.transmettre")))
    return Attente(int(nombre), depuis)


def attendre(connexion: Connexion, delai_s: float) -> Attente:
    """Wait until a request waits, `delai_s` seconds at most; a request inserted before the call is seen at once."""
    connexion.execute(f"listen {CANAL}")
    attente = transmettre(connexion)
    if not attente.nombre:
        for _ in connexion.notifies(timeout=delai_s, stop_after=1):
            pass
        attente = transmettre(connexion)
    return attente


def reveiller(connexion: Connexion) -> None:
    """End the wait of whoever waits in `attendre`."""
    connexion.execute(f"notify {CANAL}")


def prises(connexion: Connexion) -> list[str]:
    """Give the runs that have taken requests up and not answered them."""
    return [str(run_id) for (run_id,) in connexion.execute(requete("demandes.prises"))]


def abandonner(connexion: Connexion, run_ids: list[str], message: str) -> None:
    """Answer the requests of runs that are dead."""
    connexion.execute(requete("demandes.abandonner"), {"runs": run_ids, "message": message})


def pas_commencees(connexion: Connexion, run_ids: list[str]) -> bool:
    """Say whether one of these runs has not begun its sync, and will take up what waits when it does."""
    (commencees,) = la_ligne(connexion.execute(requete("demandes.commencees"), {"runs": run_ids}))
    return int(commencees) < len(run_ids)


def renoncer(connexion: Connexion, message: str) -> None:
    """Answer the requests that no run can take up."""
    connexion.execute(requete("demandes.renoncer"), {"message": message})


def deposer(bases: Bases, demande_par: str) -> str:
    """File a request, as the CRM's button does; gives its id."""
    demande_id = str(uuid4())
    bases.connexion("sync").execute(requete("demandes.deposer"), {"id": demande_id, "demande_par": demande_par})
    return demande_id


def lire(bases: Bases, demande_id: str) -> dict[str, Any]:
    """Read a request: `statut`, `etape`, `run_id`, `message`, `resultat`.

    Raises:
        KeyError: there is none of that id.
    """
    ligne = bases.connexion("sync").execute(requete("demandes.lire"), {"id": demande_id}).fetchone()
    if ligne is None:
        raise KeyError(demande_id)
    return dict(zip(("statut", "etape", "run_id", "message", "resultat"), ligne, strict=True))


def suivre(bases: Bases, demande_id: str, attente_s: float, dire: Callable[[str], None]) -> dict[str, Any]:
    """Follow a request to its end, or for `attente_s` seconds; `dire` hears each new step."""
    limite = monotonic() + attente_s
    dite: str | None = None
    while True:
        demande = lire(bases, demande_id)
        if demande["etape"] and demande["etape"] != dite:
            dite = demande["etape"]
            dire(dite)
        if demande["statut"] in FINIS or monotonic() > limite:
            return demande
        sleep(PAUSE_S)

"""What the reference source holds at this moment: the round it is at, and its answer, ready to be sent.

Knows nothing of HTTP but what a representation needs: its bytes, its encoding and its tag.
"""

import gzip
import hashlib
from dataclasses import dataclass
from threading import Lock
from typing import Any

from crm_sync.source.population import (
    DEPART,
    Evolution,
    assembler,
    encodes,
    nombre_touche,
    programmer,
)

# The answer of 100,000 prospects is 220 MB: the fastest level saves three quarters of it in 2 s.
_NIVEAU_GZIP = 1


@dataclass(frozen=True)
class Representation:
    """One answer as it goes over the wire; the strong tag names these very bytes."""

    corps: bytes
    etag: str


class EtatReference:
    """The population at its present round; any thread may ask, one at a time makes the answer.

    The answer is made when it is first asked for and kept until the next round.
    """

    def __init__(self, prospects: int, graine: int) -> None:
        """Start at round 0.

        Raises:
            ValueError: a negative number or seed, or more than a million prospects.
        """
        programmer(prospects, graine, DEPART)
        self._prospects = prospects
        self._graine = graine
        self._evolution: Evolution = DEPART
        self._clair: Representation | None = None
        self._compresse: Representation | None = None
        self._verrou = Lock()

    def representation(self, *, compressee: bool) -> Representation:
        """Give the answer of this round, plain or gzipped: the same bytes as long as the round lasts."""
        with self._verrou:
            if self._clair is None:
                self._clair = _etiqueter(assembler(encodes(self._prospects, self._graine, self._evolution)))
            if not compressee:
                return self._clair
            if self._compresse is None:
                self._compresse = _etiqueter(gzip.compress(self._clair.corps, _NIVEAU_GZIP, mtime=0))
            return self._compresse

    def changer(self, part: float) -> dict[str, Any]:
        """Go to the next round, which touches this share of the prospects, and say what it did.

        Raises:
            ValueError: the share is not between 0 and 1, or the last possible round is past.
        """
        with self._verrou:
            evolution = self._evolution.puis(nombre_touche(self._prospects, part))
            bilan = programmer(self._prospects, self._graine, evolution).bilans[-1]
            self._aller_a(evolution)
        return {
            "tour": evolution.tour,
            "modifies": bilan.modifies,
            "nouveaux": bilan.nouveaux,
            "repares": bilan.repares,
        }

    def remettre_a_zero(self) -> dict[str, Any]:
        """Go back to the first answer."""
        with self._verrou:
            self._aller_a(DEPART)
        return {"tour": 0}

    def decrire(self) -> dict[str, Any]:
        """Say where the source is: its round, and how many prospects its answer holds."""
        with self._verrou:
            evolution = self._evolution
        effectif = programmer(self._prospects, self._graine, evolution).effectif
        return {"tour": evolution.tour, "prospects": effectif, "graine": self._graine}

    def _aller_a(self, evolution: Evolution) -> None:
        self._evolution = evolution
        self._clair = self._compresse = None


def _etiqueter(corps: bytes) -> Representation:
    return Representation(corps, f'"{hashlib.sha256(corps).hexdigest()[:32]}"')

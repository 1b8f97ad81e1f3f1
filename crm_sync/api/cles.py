"""The public keys of the CRM's identity service (JWKS): fetched, kept for a while, fetched again for a key that is new.

A key is good for one algorithm only, that of its kind: RSA for RS256, P-256 for ES256. A shared secret in a JWKS is ignored.
"""

import logging
from collections import deque
from threading import Lock
from time import monotonic
from typing import Any

import httpx
import jwt
import msgspec

journal = logging.getLogger("crm_sync.api")

ALGORITHMES = {"RSA": "RS256", "EC": "ES256"}
DELAI_S = 5.0
DUREE_S = 600.0
"""How long keys are good without asking again."""
LECTURES, FENETRE_S = 5, 60.0
"""Readings at most in how many seconds: tokens with invented key ids must not become requests to somebody else."""
TAILLE_MAX = 1_000_000


class ClesIndisponiblesError(Exception):
    """The keys cannot be read, and there are none from before."""


class Cles:
    """The keys of one JWKS address. Safe to use from several threads."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url, self._transport = url, transport
        self._verrou = Lock()
        self._cles: list[tuple[str | None, str, Any]] = []
        self._lue_a: float | None = None
        self._lectures: deque[float] = deque(maxlen=LECTURES)

    def pour(self, kid: str | None, algorithme: str) -> list[Any]:
        """Give the keys that may have signed a token: of this id where it names one, for this algorithm.

        Raises:
            ClesIndisponiblesError: no key could ever be read.
        """
        with self._verrou:
            if self._lue_a is None or monotonic() - self._lue_a > DUREE_S:
                self._lire()
            trouvees = self._trouver(kid, algorithme)
            if not trouvees and self._lire():
                trouvees = self._trouver(kid, algorithme)
            if self._lue_a is None:
                raise ClesIndisponiblesError
            return trouvees

    def _trouver(self, kid: str | None, algorithme: str) -> list[Any]:
        return [
            cle
            for son_kid, son_algorithme, cle in self._cles
            if son_algorithme == algorithme and (kid is None or son_kid in {None, kid})
        ]

    def _lire(self) -> bool:
        """Read the keys anew, unless that was done too often of late; what was read before stays where it fails."""
        maintenant = monotonic()
        if len(self._lectures) == LECTURES and maintenant - self._lectures[0] < FENETRE_S:
            return False
        self._lectures.append(maintenant)
        try:
            with httpx.Client(timeout=DELAI_S, transport=self._transport, follow_redirects=False) as client:
                recues = client.get(self._url).raise_for_status()
            cles = _cles(recues.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as erreur:
            journal.warning(
                "Les clés publiques (CRM_JWT_JWKS_URL) ne peuvent pas être lues : %s.", type(erreur).__name__
            )
            return False
        self._cles, self._lue_a = cles, maintenant
        return True


def _cles(corps: bytes) -> list[tuple[str | None, str, Any]]:
    """Read a JWKS: key id, algorithm and key of those that may sign; what we do not know is left out.

    Raises:
        ValueError: this is no JWKS.
    """
    document = msgspec.json.decode(corps) if len(corps) <= TAILLE_MAX else None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError  # noqa: TRY004  one error for all that is no JWKS
    cles: list[tuple[str | None, str, Any]] = []
    for jwk in document["keys"]:
        if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
            continue
        algorithme = ALGORITHMES.get(str(jwk.get("kty")))
        if algorithme is None or jwk.get("alg", algorithme) != algorithme:
            continue
        try:
            cle = jwt.PyJWK(jwk, algorithme).key
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        cles.append((jwk.get("kid"), algorithme, cle))
    return cles

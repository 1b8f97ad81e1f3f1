"""Cursors: where a page ended, opaque to the caller and read back with suspicion.

A cursor names a place, never what may be seen there: that is decided anew for each page. It is good for its own list only.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

import msgspec

from crm_sync.api.problemes import Probleme

_INSTANT = re.compile(r"(\d{4,6})(-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d{1,6})?\+00(?: BC)?")
_ANNEE_MAX = 294_275
"""The last whole year that Postgres has."""
_AVANT_MAX = 4_713
LONGUEUR_MAX = 400

Place = tuple[str, str]


def ecrire(place: Place | None, *liste: object) -> str | None:
    """Write where a page of this list ended; None at the end of the list."""
    if place is None:
        return None
    return urlsafe_b64encode(msgspec.json.encode([_marque(liste), *place])).decode().rstrip("=")


def lire(curseur: str | None, ids: Callable[[list[str]], list[str]], *liste: object) -> Place | None:
    """Read a cursor of this list; `ids` keeps what can be an id of its rows.

    Raises:
        Probleme: 422, it is none, or one of another list.
    """
    if curseur is None:
        return None
    try:
        complet = curseur.encode("ascii") + b"=" * (-len(curseur) % 4)
        marque, instant, ident = msgspec.json.decode(urlsafe_b64decode(complet), type=tuple[str, str, str])
    except (ValueError, msgspec.MsgspecError):
        raise _refus() from None
    if marque != _marque(liste) or not _est_instant(instant) or not ids([ident]) or "\0" in ident:
        raise _refus()
    return instant, ident


def _est_instant(texte: str) -> bool:
    """Tell whether Postgres reads this as it prints an instant."""
    if texte in {"infinity", "-infinity"}:
        return True
    trouve = _INSTANT.fullmatch(texte)
    if trouve is None or not 0 < int(trouve[1]) <= _ANNEE_MAX:
        return False
    try:
        datetime.fromisoformat(f"{int(trouve[1]) % 400 + 2000}{trouve[2]}")  # leap years come back after 400
    except ValueError:
        return False
    return "BC" not in texte or int(trouve[1]) < _AVANT_MAX


def _marque(liste: tuple[object, ...]) -> str:
    return blake2b(repr(liste).encode(), digest_size=6).hexdigest()


def _refus() -> Probleme:
    return Probleme(422, "Ce curseur n'est pas de cette liste : reprendre sans « curseur ».")

"""How a single JSON value of the source is read: text, amount, instant, identifier.

What Prisma really sends is accepted (decimals as strings without trailing zeros or as numbers, ids as numbers or
strings); what would have to be guessed is refused with `ValeurIllisible`, never repaired in silence.
"""

import re
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Any

DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{1,60})?([eE][+-]?\d{1,2})?")
JOUR = re.compile(r"\d{4}-\d{2}-\d{2}")
PRISMA = len("2025-01-31T00:00:00.000Z")
CENTIME = Decimal("0.01")
MONTANT_MAX = Decimal(10) ** 10
LONGUEUR_IDENTIFIANT = 200


class ValeurIllisible(ValueError):  # noqa: N818  a French domain word, not an error of ours
    """A value that cannot be read; `motif` is a key of `domain.motifs.MOTIFS`."""

    def __init__(self, motif: str) -> None:
        super().__init__(motif)
        self.motif = motif


def lire_texte(valeur: object) -> str | None:
    """Read a text as received; None for null and for nothing but white space.

    Numbers become text (Prisma ids and phones). NUL characters and lone surrogates, which Postgres cannot store as text,
    are dropped or replaced here; the payload as received keeps them.

    Raises:
        ValeurIllisible: `type_inattendu` for a list, an object or a boolean.
    """
    if isinstance(valeur, str):
        if not valeur.isascii() or "\x00" in valeur:
            valeur = _enregistrable(valeur)
        return None if not valeur or valeur.isspace() else valeur
    if valeur is None:
        return None
    if isinstance(valeur, (int, float)) and not isinstance(valeur, bool):
        return str(valeur)
    raise ValeurIllisible("type_inattendu")


def _enregistrable(texte: str) -> str:
    if "\x00" in texte:
        texte = texte.replace("\x00", "")
    try:
        texte.encode()
    except UnicodeEncodeError:
        return texte.encode("utf-8", "replace").decode()
    return texte


def nettoyer(valeur: Any) -> Any:
    """Give a JSON value that Postgres can store, at any depth: its texts as in `lire_texte`, `1e999` as a text."""
    if isinstance(valeur, str):
        return _enregistrable(valeur)
    if isinstance(valeur, float) and not isfinite(valeur):
        return str(valeur)
    if isinstance(valeur, list):
        return [nettoyer(partie) for partie in valeur]
    if isinstance(valeur, dict):
        return {_enregistrable(cle): nettoyer(partie) for cle, partie in valeur.items()}
    return valeur


def lire_identifiant(valeur: object) -> str | None:
    """Read an id as text, trimmed; None where there is none.

    Raises:
        ValeurIllisible: `type_inattendu`, or `identifiant_trop_long` beyond 200 characters.
    """
    if isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    # Most ids are whole numbers, and need none of the questions that a text is asked.
    texte = str(valeur) if type(valeur) is int else lire_texte(valeur)
    if texte is None:
        return None
    texte = texte.strip()
    if len(texte) > LONGUEUR_IDENTIFIANT:
        raise ValeurIllisible("identifiant_trop_long")
    return texte


def lire_montant(valeur: object) -> Decimal | None:
    """Read an amount in euros, rounded half up to the cent, as `numeric(12,2)` holds it; None for null or empty.

    Raises:
        ValeurIllisible: `montant_illisible` (not a plain decimal: a comma or a currency sign is not guessed),
            `montant_trop_grand` (ten digits before the point is the column's limit).
    """
    if valeur is None or (isinstance(valeur, str) and not valeur.strip()):
        return None
    if isinstance(valeur, bool) or not isinstance(valeur, (str, int, float)):
        raise ValeurIllisible("montant_illisible")
    return _centimes(str(valeur).strip())


@lru_cache(maxsize=4096)  # thousands of contracts have the same few prices
def _centimes(texte: str) -> Decimal:
    if not texte.isascii() or not DECIMAL.fullmatch(texte):
        raise ValeurIllisible("montant_illisible")
    nombre = Decimal(texte)
    if abs(nombre) >= MONTANT_MAX:
        raise ValeurIllisible("montant_trop_grand")
    try:
        montant = nombre.quantize(CENTIME, ROUND_HALF_UP)
    except InvalidOperation:
        raise ValeurIllisible("montant_illisible") from None
    if abs(montant) >= MONTANT_MAX:
        raise ValeurIllisible("montant_trop_grand")
    return montant + 0  # -0.00 and 0.00 are one amount


def lire_instant(valeur: object) -> datetime | None:
    """Read an ISO 8601 date or date-time as an aware instant in UTC; None for null or empty.

    A date alone, and a time without zone, are taken as UTC: Prisma writes `@db.Date` as midnight UTC.

    Raises:
        ValeurIllisible: `date_illisible`.
    """
    if valeur is None:
        return None
    if not isinstance(valeur, str):
        raise ValeurIllisible("date_illisible")
    texte = valeur.strip()
    if not texte:
        return None
    try:
        if len(texte) == PRISMA and texte[-1] == "Z" and texte[10] == "T":
            return datetime.fromisoformat(texte)
        if JOUR.fullmatch(texte):
            return datetime.combine(date.fromisoformat(texte), time(), UTC)
        if len(texte) < len("2025-01-31T00:00") or texte[10] not in "T ":
            raise ValeurIllisible("date_illisible")
        instant = datetime.fromisoformat(texte)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValeurIllisible("date_illisible") from None


def lire_modification(valeur: object) -> datetime | None:
    """Read an `updatedAt`: an instant, or None where it is absent or unreadable (it then proves nothing)."""
    try:
        return lire_instant(valeur)
    except ValeurIllisible:
        return None

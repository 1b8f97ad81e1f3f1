"""What a column can hold without losing it: the length of a text, the range of a number, by the column's real type.

Pure: a type's name as the catalogue gives it, and values as text. A scale that rounds loses nothing that is meant here: such
values are compared as the column holds them (`adaptation`).
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

Tient = Callable[[str], bool]

_TEXTE = re.compile(r"(character varying|character)\((\d+)\)")
_NUMERIQUE = re.compile(r"numeric\((\d+),(-?\d+)\)")
_SANS_LIMITE = {"character varying": "character varying", "character": "bpchar"}
_ENTIERS = {"smallint": 15, "integer": 31, "bigint": 63}
_NOMBRES = frozenset({"numeric", "real", "double precision", "money"})
_BOOLEENS = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "on", "off", "1", "0"})


def longueur(reel: str) -> int:
    """Give how many characters a column of text holds; 0 where it is none of limited length."""
    trouve = _TEXTE.fullmatch(reel)
    return int(trouve[2]) if trouve else 0


def sans_limite(reel: str) -> str:
    """Give the type to cast to so that a text that is too long is refused on assignment: a cast to the column's own cuts it."""
    trouve = _TEXTE.fullmatch(reel)
    return _SANS_LIMITE[trouve[1]] if trouve else reel


def tient(reel: str) -> Tient | None:
    """Give what tells whether a column of this type holds a value; None where it holds whatever may come.

    Spaces at the end of a text do not count: Postgres itself drops them.
    """
    if limite := longueur(reel):
        return lambda valeur: len(valeur.rstrip(" ")) <= limite
    if bits := _ENTIERS.get(reel):
        return lambda valeur: _entre(valeur, -(2**bits), 2**bits - 1, 0)
    if numerique := _NUMERIQUE.fullmatch(reel):
        chiffres, decimales = int(numerique[1]), int(numerique[2])
        plus_grand = Decimal(10**chiffres - 1).scaleb(-decimales)
        return lambda valeur: _entre(valeur, -plus_grand, plus_grand, decimales)
    if reel in _NOMBRES:
        return lambda valeur: _nombre(valeur) is not None
    if reel == "boolean":
        return lambda valeur: valeur.strip().lower() in _BOOLEENS
    return None


def _entre(valeur: str, minimum: int | Decimal, maximum: int | Decimal, decimales: int) -> bool:
    """Tell whether a number is in a range once it is rounded as Postgres rounds it, halves away from zero."""
    nombre = _nombre(valeur)
    if nombre is None or nombre.adjusted() > len(str(maximum)):  # far beyond: not worth rounding
        return False
    return minimum <= nombre.quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP) <= maximum


def _nombre(valeur: str) -> Decimal | None:
    try:
        nombre = Decimal(valeur)
    except InvalidOperation:
        return None
    return nombre if nombre.is_finite() else None

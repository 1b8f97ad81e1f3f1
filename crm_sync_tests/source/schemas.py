"""JSON Schema 2020-12, as much of it as the specification uses: a keyword that is not here is an error, never ignored."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

ANNOTATIONS = {"description", "examples"}
GENRES: dict[str, Any] = {
    "null": lambda v: v is None,
    "string": lambda v: isinstance(v, str),
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
}


def fautes(valeur: Any, schema: dict[str, Any], document: dict[str, Any], ou: str = "") -> Iterator[str]:
    """Give the JSON pointer and the keyword of everything in a value that its schema forbids; formats are asserted."""
    for mot, attendu in schema.items():
        if mot not in ANNOTATIONS:
            yield from REGLES[mot](valeur, attendu, document, ou)


def resoudre(renvoi: str, document: dict[str, Any]) -> dict[str, Any]:
    """Give what a `$ref` within the document names."""
    trouve: Any = document
    for pas in renvoi.removeprefix("#/").split("/"):
        trouve = trouve[pas]
    return trouve


def _type(valeur, attendu, document, ou):
    genres = [attendu] if isinstance(attendu, str) else attendu
    if not any(GENRES[genre](valeur) for genre in genres):
        yield f"{ou} type"


def _lequel(valeur, attendu, document, ou):
    essais = [list(fautes(valeur, choix, document, ou)) for choix in attendu]
    if all(essais):
        # What the alternative of the value's own kind says tells more than that it is none of the others.
        yield from min(essais, key=lambda trouvees: (trouvees[0] == f"{ou} type", trouvees))


def _ref(valeur, attendu, document, ou):
    yield from fautes(valeur, resoudre(attendu, document), document, ou)


def _proprietes(valeur, attendu, document, ou):
    if isinstance(valeur, dict):
        for cle in attendu.keys() & valeur.keys():
            yield from fautes(valeur[cle], attendu[cle], document, f"{ou}/{cle}")


def _requises(valeur, attendu, document, ou):
    if isinstance(valeur, dict):
        yield from (f"{ou}/{cle} required" for cle in attendu if cle not in valeur)


def _elements(valeur, attendu, document, ou):
    if isinstance(valeur, list):
        for rang, element in enumerate(valeur):
            yield from fautes(element, attendu, document, f"{ou}/{rang}")


def _motif(valeur, attendu, document, ou):
    if isinstance(valeur, str) and not re.search(attendu, valeur):
        yield f"{ou} pattern"


def _longueur(valeur, attendu, document, ou):
    if isinstance(valeur, str) and len(valeur) > attendu:
        yield f"{ou} maxLength"


def _format(valeur, attendu, document, ou):
    if isinstance(valeur, str):
        try:
            lu = {"date-time": datetime, "date": date}[attendu].fromisoformat(valeur)
        except ValueError:
            yield f"{ou} format"
        else:
            if isinstance(lu, datetime) and lu.tzinfo is None:
                yield f"{ou} format"


REGLES: dict[str, Any] = {
    "type": _type,
    "anyOf": _lequel,
    "$ref": _ref,
    "properties": _proprietes,
    "required": _requises,
    "items": _elements,
    "pattern": _motif,
    "maxLength": _longueur,
    "format": _format,
}

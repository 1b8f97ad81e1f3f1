"""When two values of a field are the same value: `29.9` and `29.90`, `06 12…` and `+33612…`.

Batches hold text; a value is brought to its canonical form only for comparing, never for storing.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any
from unicodedata import normalize

from crm_sync.domain.keys import cle_email, cle_reference, plier
from crm_sync.domain.lots import autrement_ecrits
from crm_sync.domain.statuts import statut, statut_connu
from crm_sync.domain.telephones import cles_telephone
from crm_sync.domain.valeurs import ValeurIllisible, lire_instant


def _texte(valeur: str) -> str:
    return normalize("NFC", valeur).strip()


def _montant(valeur: str) -> str:
    try:
        return f"{Decimal(valeur).normalize():f}"
    except InvalidOperation:
        return valeur.strip()


def _telephone(valeur: str) -> str:
    return " ".join(cles_telephone(valeur)) or _texte(valeur)


def _statut(valeur: str) -> str:
    """Our word where the vocabulary has one for it; a word of the CRM's own is compared in its own spelling, folded."""
    return statut(valeur) if statut_connu(valeur) else plier(valeur) or _texte(valeur)


def _instant(valeur: str) -> str:
    try:
        instant = lire_instant(valeur)
    except ValeurIllisible:
        instant = None
    return instant.isoformat() if instant else _texte(valeur)


def _json(valeur: str) -> str:
    """The content of a JSON text: order of keys, white space and escapes do not count, `1.0` is `1`."""
    texte = _texte(valeur)
    try:
        return json.dumps(json.loads(texte, parse_float=_nombre), sort_keys=True)
    except (ValueError, RecursionError):
        return texte


def _nombre(texte: str) -> float:
    nombre = float(texte)
    return int(nombre) if nombre.is_integer() else nombre


GENRES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "texte": _texte,
        "email": lambda valeur: cle_email(valeur) or _texte(valeur).lower(),
        "telephone": _telephone,
        "montant": _montant,
        "reference": lambda valeur: cle_reference(valeur) or valeur,
        "iban": lambda valeur: "".join(valeur.split()).upper(),
        "statut": _statut,
        "instant": _instant,
        "json": _json,
    }
)


def memes(a: str | None, b: str | None, genre: str = "texte") -> bool:
    """Tell whether two values are the same value; None is only None. For one pair: whole columns are for `differe`."""
    if a is None or b is None:
        return a is b
    return a == b or GENRES[genre](a) == GENRES[genre](b)


def differe(a: Any, b: Any, genre: str = "texte") -> Any:
    """Tell per row whether two Arrow arrays hold different values, with the meaning of `IS DISTINCT FROM`.

    Null equals null and differs from everything else. Values that are spelt alike are equal; only the others are brought
    to their canonical form, because that costs.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    autres = autrement_ecrits(a, b)
    a_juger = pc.and_(autres, pc.and_(a.is_valid(), b.is_valid()))
    if not pc.any(a_juger).as_py():
        return autres
    canonique = GENRES[genre]
    paires = zip(a.filter(a_juger).to_pylist(), b.filter(a_juger).to_pylist(), strict=True)
    return pc.replace_with_mask(autres, a_juger, pa.array([canonique(x) != canonique(y) for x, y in paires]))

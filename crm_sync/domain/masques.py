"""How a value may be shown: bank details and identity cards never, contacts in part.

For terminals and reports; the journal itself keeps values whole, in Postgres.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

CACHE = "(masqué)"
MONTRES = 4
CHIFFRES = 2


def masquer(champ: str, valeur: str | None) -> str | None:
    """Give a field's value as it may be shown to ops; None stays None."""
    if valeur is None:
        return None
    masque = _MASQUES.get(champ)
    return masque(valeur) if masque else valeur


def masquer_source(entite: str, source_id: str) -> str:
    """Give a source id as it may be shown: where the source has none it is made of an IBAN or of a sales rep's address."""
    if entite == "information_paiement":
        return source_id.partition("/")[0] + "/…"
    return _email(source_id) if "@" in source_id and entite in {"apporteur", "utilisateur"} else source_id


def _iban(valeur: str) -> str:
    return f"{valeur[:2]}…{valeur[-MONTRES:]}" if len(valeur) > 2 * MONTRES else CACHE


def _email(valeur: str) -> str:
    nom, arobase, domaine = valeur.partition("@")
    return f"{nom[:1]}…@{domaine[:1]}…" if arobase else CACHE


def _telephone(valeur: str) -> str:
    return f"…{valeur[-CHIFFRES:]}" if len(valeur) > MONTRES else CACHE


_MASQUES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "iban": _iban,
        "bic": lambda _: CACHE,
        "identity_card": lambda _: CACHE,
        "email": _email,
        "telephone": _telephone,
    }
)

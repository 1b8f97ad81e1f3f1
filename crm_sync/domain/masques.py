"""How a value may be shown: bank details and identity cards never, contacts in part.

For terminals and reports; the journal itself keeps values whole, in Postgres. What is shown of a value nobody knows is
its shape.
"""

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from crm_sync.domain.keys import cle_bic, plier

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


LONGUEUR_SILHOUETTE = 34
LONGUEUR_MOT = 40
_MOT = re.compile(r"[^\W\d_]+(?:[ _'’(/-]+[^\W\d_]+)*\)?")
_CLE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]{0,39}", re.ASCII)
_CHIFFRES_D_UNE_CLE = 3
_SIGNES = frozenset(" .,;:/@+-()'")


def silhouette(valeur: object) -> str:
    """Give the shape of a JSON value and nothing of what it says: `AA99 9999`, `liste de 2`, `objet de 3 clés`.

    Of a text every letter becomes A or a and every digit 9; ordinary signs stay, others (those of Markdown and HTML among
    them) are a dot, and the whole is cut at 34.
    """
    if isinstance(valeur, str):
        forme = "".join(map(_silhouette, valeur[: LONGUEUR_SILHOUETTE + 1]))
        return f'"{forme[:LONGUEUR_SILHOUETTE]}…"' if len(forme) > LONGUEUR_SILHOUETTE else f'"{forme}"'
    if valeur is None or isinstance(valeur, bool):
        return {None: "null", True: "true", False: "false"}[valeur]
    if isinstance(valeur, list):
        return f"liste de {len(valeur)}"
    if isinstance(valeur, dict):
        return f"objet de {len(valeur)} clés"
    return "".join(map(_silhouette, str(valeur)))[:LONGUEUR_SILHOUETTE]


def _silhouette(lettre: str) -> str:
    if lettre.isdigit():
        return "9"
    if lettre.isalpha():
        return "A" if lettre.isupper() else "a"
    return lettre if lettre in _SIGNES else "·"


def mot_montrable(mot: str, personnes: Collection[str] = ()) -> bool:
    """Tell whether a word of a vocabulary may be shown as it is: letters only, short, no BIC, nobody's name.

    `personnes` are names as `plier` folds them, of the people whom the record speaks of.
    """
    if len(mot) > LONGUEUR_MOT or not _MOT.fullmatch(mot) or cle_bic(mot) is not None:
        return False
    return set(plier(mot).split()).isdisjoint(part for nom in personnes for part in nom.split())


def cle_montrable(cle: str) -> bool:
    """Tell whether a JSON key may be shown: it is spelt as keys are, and holds no number that may be somebody's."""
    return bool(_CLE.fullmatch(cle)) and sum(map(str.isdigit, cle)) <= _CHIFFRES_D_UNE_CLE and cle_bic(cle) is None

"""Keys that tell nobody apart, and so never match: role addresses, fillers, sales reps' own, what three people share.

The words stand in `roles.toml`, which ops extend; a mistake there is refused when this module is imported. Fillers of
telephones are no keys at all, see `domain.telephones`.

Source of the rule: product.md, *Matching (identity)*, "generic keys never match".
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from crm_sync.domain.keys import cle_email, plier
from crm_sync.domain.names import Nom, noms_clairement_differents
from crm_sync.errors import ConfigurationError

GENERIQUE, VENDEUR = "cle_generique", "cle_vendeur"
LISTES = ("roles", "bouche_trous", "adresses")
TROIS = 3
NOMS_PAR_CLE = 50
_SEPARATEURS = re.compile(r"[\W_]+")
_CHIFFRES_FINAUX = re.compile(r"[0-9]+$")


def lire_roles(toml: bytes) -> Mapping[str, frozenset[str]]:
    """Read `roles.toml`, UTF-8: the name of each of `LISTES` → its words, as they are compared.

    Raises:
        ConfigurationError: not TOML, a list that is missing or is not one of ours, or a word without letters.
    """
    try:
        table = tomllib.loads(toml.decode("utf-8-sig"))
    except ValueError as error:  # not TOML, or not UTF-8
        raise ConfigurationError(f"roles.toml est illisible : {error}.") from None
    if set(table) != set(LISTES):
        raise ConfigurationError(f"roles.toml : il faut les listes {', '.join(LISTES)}, et aucune autre.")
    for nom, mots in table.items():
        if not isinstance(mots, list) or not all(isinstance(mot, str) for mot in mots):
            raise ConfigurationError(f"roles.toml : « {nom} » doit être une liste de mots entre guillemets.")
        for mot in mots:
            if not (cle_email(mot) if nom == "adresses" else _forme(mot)):
                raise ConfigurationError(f"roles.toml : « {mot} » ({nom}) n'est pas lisible.")
    return {
        nom: frozenset(str(cle_email(mot)) if nom == "adresses" else _forme(mot) for mot in mots)
        for nom, mots in table.items()
    }


def _forme(texte: str) -> str:
    """Reduce a word to what is compared: folded, without spaces, dots, hyphens or underscores."""
    if texte.isascii() and texte.isalnum():
        return texte.lower()
    return _SEPARATEURS.sub("", plier(texte))


_LISTES = lire_roles(Path(__file__).with_name("roles.toml").read_bytes())


@lru_cache(maxsize=16384)
def email_generique(cle: str) -> bool:
    """Whether an e-mail key is a role address or a filler, by its local part without `+tag`, or as a whole."""
    local = _forme(cle.rpartition("@")[0].partition("+")[0])
    return (
        cle in _LISTES["adresses"]
        or local in _LISTES["roles"]
        or local in _LISTES["bouche_trous"]
        or _CHIFFRES_FINAUX.sub("", local) in _LISTES["bouche_trous"]
    )


@lru_cache(maxsize=16384)
def valeur_bouche_trou(cle: str) -> bool:
    """Whether a whole name or contract reference stands for none (`inconnu`, `N/A`).

    Such a first or last name is read as missing: it is nobody's, and neither agrees nor differs.
    """
    return _forme(cle) in _LISTES["bouche_trous"]


def motif_generique(cle: str, vendeurs: Collection[str]) -> str | None:
    """Say why an e-mail, phone or reference key never matches whoever stands with it; None where it may."""
    if cle in vendeurs:
        return VENDEUR
    generique = email_generique(cle) if "@" in cle else not cle.startswith("+") and valeur_bouche_trou(cle)
    return GENERIQUE if generique else None


def trois_inconnus(noms: Sequence[Nom]) -> bool:
    """Tell whether three or more of these people have plainly different names, each from each.

    More than `NOMS_PAR_CLE` different names are no family, whatever they have in common: told without comparing them.
    """
    distincts = list(dict.fromkeys(noms)) if len(noms) >= TROIS else ()
    if len(distincts) < TROIS or len(distincts) > NOMS_PAR_CLE:
        return len(distincts) > NOMS_PAR_CLE
    differents: list[set[int]] = []
    for rang, nom in enumerate(distincts):
        autres = {i for i in range(rang) if noms_clairement_differents(nom, distincts[i])}
        if any(differents[i] & autres for i in autres):
            return True
        differents.append(autres)
    return False

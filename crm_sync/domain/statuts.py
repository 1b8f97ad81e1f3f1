"""The statuses of a contract: our six words, and which words of others mean them.

The words stand in `statuts.toml`, which ops extend; a mistake there is refused when this module is imported.

Source of the rules: product.md, *Vocabulary of statuses*.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from crm_sync.domain.keys import plier
from crm_sync.errors import ConfigurationError

AUTRE = "autre"

STATUTS: tuple[str, ...] = ("en_attente", "signe", "valide", "annule", "resilie", AUTRE)
"""Every status a contract can have, in the order in which they are shown."""

STATUTS_VENDUS: tuple[str, ...] = ("signe", "valide", "resilie")
"""Statuses of a contract that was once signed: what sets *vendu par*."""


@lru_cache(maxsize=1024)
def statut(texte: str | None) -> str:
    """Give one of `STATUTS` for a status as the source or the CRM writes it.

    Null, nothing, and a word that the file does not have are `autre`. Case, accents, spaces, punctuation,
    gender and number do not count.
    """
    return AUTRE if texte is None else _MOTS.get(_forme(texte), AUTRE)


def statut_connu(texte: str | None) -> bool:
    """Whether the file has a word for it; where not, `statut` is `autre` and a warning is due, once."""
    return texte is not None and _forme(texte) in _MOTS


@lru_cache(maxsize=1)
def _mots_du_fichier() -> Mapping[str, tuple[str, ...]]:
    table = tomllib.loads(_FICHIER.decode("utf-8-sig"))["statuts"]
    return {nom: tuple(table.get(nom, ())) for nom in STATUTS}


def formes_ecrites(nom: str) -> tuple[str, ...]:
    """Give the ways in which a CRM may write one of our statuses: the file's words in the usual spellings, sorted.

    With and without accents, in the feminine, in lower, upper and title case, with spaces or underscores.
    """
    formes: set[str] = set()
    for mot in (nom, *_mots_du_fichier()[nom]):
        for genre in (mot, f"{mot}e") if mot.endswith("é") else (mot,):
            for accents in (genre, plier(genre)):
                for colle in (accents.replace("_", " "), accents.replace(" ", "_")):
                    formes |= {colle, colle.lower(), colle.upper(), colle.capitalize()}
    return tuple(sorted(formes))


def lire_statuts(toml: bytes) -> Mapping[str, str]:
    """Read `statuts.toml`, UTF-8: the form in which a word is compared → our status.

    Raises:
        ConfigurationError: not TOML, no table `[statuts]` of lists of words, a status that is not ours, a
            word without letters, or a word that stands there twice, be it in another spelling.
    """
    try:
        table = tomllib.loads(toml.decode("utf-8-sig")).get("statuts")
    except ValueError as error:  # not TOML, or not UTF-8
        raise ConfigurationError(f"statuts.toml est illisible : {error}.") from None
    if not isinstance(table, dict):
        raise ConfigurationError("statuts.toml : la table [statuts] manque.")
    formes: dict[str, str] = {}
    lus: dict[str, str] = {}
    for nom, mots in table.items():
        if nom not in STATUTS:
            raise ConfigurationError(f"statuts.toml : « {nom} » n'est pas un statut ({', '.join(STATUTS)}).")
        if not isinstance(mots, list) or not all(isinstance(mot, str) for mot in mots):
            raise ConfigurationError(f"statuts.toml : « {nom} » doit être une liste de mots entre guillemets.")
        for mot in mots:
            forme = _forme(mot)
            if not forme:
                raise ConfigurationError(f"statuts.toml : « {mot} » ({nom}) n'est pas un mot.")
            if forme in formes:
                raise ConfigurationError(
                    f"statuts.toml : « {mot} » ({nom}) y est déjà, comme « {lus[forme]} » ({formes[forme]})."
                )
            formes[forme], lus[forme] = nom, mot
    return formes


def _forme(texte: str) -> str:
    """Reduce a status to what is compared: its folded words without gender and number, run together.

    So `EN_ATTENTE`, `EnAttente` and « en attente » are one; « Validé », « validées » and « validé(e)s » too.
    """
    return "".join(mot.rstrip("s").rstrip("e") for mot in plier(texte).split())


_FICHIER = Path(__file__).with_name("statuts.toml").read_bytes()
_MOTS = lire_statuts(_FICHIER)

VOCABULAIRE = blake2b(_FICHIER, digest_size=4).hexdigest()
"""Version of the file: where ops extend it, what was read with the old one is read again."""

"""How other CRMs name what we know: the words of `noms_crm.toml`, and how well a name of theirs fits one of ours.

Pure: names in, marks out. A mistake in the file is refused when it is first read. Who weighs a name against types,
keys and values is `crm.proposition`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from crm_sync.domain.keys import plier
from crm_sync.errors import ConfigurationError

CONNU, FAIBLE, PARTIEL, INCONNU = 3, 2, 1, 0
"""How well a name fits: a word of the file, a word that may mean something else, the end of the name only, not at all."""

ENTITES = ("utilisateur", "apporteur", "client_base", "contrat", "information_paiement_bancaire")
_BOSSES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATEURS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Noms:
    """The words of one entity, folded: those of its table, and per field those that mean it and those that may."""

    tables: frozenset[str]
    tables_faibles: frozenset[str]
    champs: Mapping[str, frozenset[str]]
    faibles: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Vocabulaire:
    """The whole file: per entity its words, what any table may have, and the words of the roles (word → our role)."""

    entites: Mapping[str, Noms]
    partout: Mapping[str, frozenset[str]]
    roles: Mapping[str, str]


def mots(nom: str) -> tuple[str, ...]:
    """Split an identifier into folded words in the singular: `contractReferences` → contract, reference."""
    morceaux = _SEPARATEURS.sub(" ", _BOSSES.sub(" ", nom))
    return tuple(_singulier(mot) for mot in plier(morceaux).split())


def _singulier(mot: str) -> str:
    return mot[:-1] if len(mot) > 3 and mot.endswith("s") and not mot.endswith("ss") else mot  # noqa: PLR2004  « bus », « as »


def forme(nom: str) -> str:
    """Reduce a name to what is compared: its folded words, run together."""
    return "".join(mots(nom))


def note_de_table(noms: Noms, table: str) -> int:
    """Mark how well a table's name fits an entity."""
    return _note(mots(table), noms.tables, noms.tables_faibles)


def note_de_colonne(noms: Noms, champ: str, table: str, colonne: str) -> int:
    """Mark how well a column's name fits a field; the table's own name in front of it does not count."""
    connus, faibles = noms.champs[champ], noms.faibles.get(champ, frozenset())
    entiere = mots(colonne)
    sans_table = entiere
    for prefixe in (mots(table), mots(table)[-1:]):
        if prefixe and len(entiere) > len(prefixe) and entiere[: len(prefixe)] == prefixe:
            sans_table = entiere[len(prefixe) :]
            break
    return max(_note(entiere, connus, faibles), _note(sans_table, connus, faibles))


def note_partout(connus: frozenset[str], colonne: str) -> int:
    """Mark how well a column's name fits one of the words that any table may have."""
    return CONNU if forme(colonne) in connus else INCONNU


def _note(nom: Sequence[str], connus: frozenset[str], faibles: frozenset[str]) -> int:
    entier = "".join(nom)
    if entier in connus:
        return CONNU
    if entier in faibles:
        return FAIBLE
    fins = ("".join(nom[debut:]) for debut in range(1, len(nom)))
    return PARTIEL if any(fin in connus for fin in fins) else INCONNU


def lire_noms(toml: bytes) -> Vocabulaire:
    """Read `noms_crm.toml`, UTF-8.

    Raises:
        ConfigurationError: not TOML, an entity or a list that is missing, a word without letters, or one that stands for two
            fields of a table.
    """
    try:
        table = tomllib.loads(toml.decode("utf-8-sig"))
    except ValueError as error:  # not TOML, or not UTF-8
        raise ConfigurationError(f"noms_crm.toml est illisible : {error}.") from None
    if set(table) != {*ENTITES, "partout", "roles"}:
        raise ConfigurationError(f"noms_crm.toml : il faut les tables {', '.join(ENTITES)}, partout et roles.")
    roles = _formes("roles", table["roles"])
    return Vocabulaire(
        {entite: _noms(entite, table[entite]) for entite in ENTITES},
        _formes("partout", table["partout"]),
        {mot: role for role, connus in roles.items() for mot in connus},
    )


def _noms(entite: str, table: Mapping[str, Any]) -> Noms:
    champs, faibles = _formes(entite, table.get("champs", {})), _formes(entite, table.get("faibles", {}))
    vus: dict[str, str] = {}
    for champ, connus in (*champs.items(), *faibles.items()):
        if champ not in champs:
            raise ConfigurationError(
                f"noms_crm.toml : [{entite}.faibles] nomme « {champ} », qui n'est pas dans champs."
            )
        for mot in connus:
            if mot in vus:
                raise ConfigurationError(
                    f"noms_crm.toml : dans [{entite}], « {mot} » désigne {vus[mot]} et {champ} ; un seul des deux."
                )
            vus[mot] = champ
    listes = _formes(entite, {nom: table.get(nom, []) for nom in ("tables", "tables_faibles")})
    return Noms(listes["tables"], listes["tables_faibles"], champs, faibles)


def _formes(ou: str, listes: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    formes: dict[str, frozenset[str]] = {}
    for nom, liste in listes.items():
        if not isinstance(liste, list) or not all(isinstance(mot, str) and forme(mot) for mot in liste):
            raise ConfigurationError(f"noms_crm.toml : [{ou}] « {nom} » doit être une liste de mots entre guillemets.")
        formes[nom] = frozenset(forme(mot) for mot in liste)
    return formes


@lru_cache(maxsize=1)
def vocabulaire() -> Vocabulaire:
    """Give the file's words.

    Raises:
        ConfigurationError: see `lire_noms`.
    """
    return lire_noms(Path(__file__).with_name("noms_crm.toml").read_bytes())

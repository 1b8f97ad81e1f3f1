"""The file that `CRM_MAPPING` names: an existing CRM's tables and columns, read strictly into a `Correspondance`.

The format is contract.md's, *The mapping file*. What cannot be right whatever the database holds is refused here, all of it in
one message; whether the database has these tables is the catalogue's business (`crm.catalogue`).
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from crm_sync.crm.correspondance import CHAMPS_CRM, SERVICES_CRM, Correspondance, TableCrm
from crm_sync.errors import ConfigurationError

VERSION = 1
TROU = "?"
"""What `crm-sync db map` writes where a person must decide."""
TABLES_TOML: Mapping[str, str] = MappingProxyType(
    {
        "utilisateur": "utilisateur",
        "apporteur": "apporteur",
        "client_base": "client",
        "contrat": "contrat",
        "information_paiement_bancaire": "information_paiement",
    }
)
"""Name in the file → entity. All five are needed: each stage of a sync has its own."""

OBLIGATOIRES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "utilisateur": (("id",), ("email",)),
        "apporteur": (("id",), ("utilisateur_id", "email")),
        "client": (("id",), ("nom",), ("email", "telephone")),
        "contrat": (("id",), ("reference",), ("client_id",), ("commercial_id",)),
        "information_paiement": (("id",), ("client_id",), ("iban",)),
    }
)
"""The fields that must have a column, of each group one at least: what matching goes by, and what hangs a row on another."""

CLES = ("table", "id", "columns", "values", "insert", "deleted_at", "write", "increment", "timezone")
INTOUCHABLES = frozenset({"id", "created_at"})


def lire(fichier: Path) -> Correspondance:
    """Read a mapping file. The types of columns are not in it: they are the catalogue's.

    Raises:
        ConfigurationError: it cannot be read, is no TOML, or says what cannot be; every fault is named.
    """
    try:
        texte = fichier.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"CRM_MAPPING nomme le fichier {fichier.name}, qui n'existe pas ou ne peut pas être lu. "
            "Corriger la variable, ou la retirer pour les tables intégrées."
        ) from None
    return analyser(texte, fichier.name)


def analyser(texte: str, nom: str = "CRM_MAPPING") -> Correspondance:
    """Read the text of a mapping file; `nom` is what errors call it.

    Raises:
        ConfigurationError: see `lire`.
    """
    try:
        donnees = tomllib.loads(texte)
    except tomllib.TOMLDecodeError as erreur:
        raise ConfigurationError(f"{nom} n'est pas du TOML valable : {erreur}.") from None
    if vides := list(_trous(donnees)):
        raise ConfigurationError(
            f"{nom} a {'un trou' if len(vides) == 1 else f'{len(vides)} trous'} à remplir, là où il est écrit « {TROU} » : "
            f"{', '.join(vides)}. Le commentaire de chacun dit ce qui est possible."
        )
    fautes = _Fautes()
    if donnees.pop("version", None) != VERSION:
        fautes.noter("", f"« version = {VERSION} » est attendu en tête : c'est la seule version connue")
    for inconnue in sorted(donnees.keys() - TABLES_TOML.keys()):
        fautes.noter("", f"« {inconnue} » n'est pas une table ; attendu : {', '.join(TABLES_TOML)}")
    tables = {}
    for nom_toml, entite in TABLES_TOML.items():
        partie = donnees.get(nom_toml)
        if isinstance(partie, dict):
            tables[entite] = _Lecture(fautes, nom_toml, entite, partie).table()
        else:
            fautes.noter(nom_toml, "cette table manque")
    _verifier_ensemble(tables, fautes)
    fautes.lever(nom)
    return Correspondance(MappingProxyType({entite: tables[entite] for entite in SERVICES_CRM}))


def _trous(partie: Mapping[str, Any], chemin: str = "") -> Iterator[str]:
    """Name the holes that `crm-sync db map` left, as `contrat.columns.reference`."""
    for cle, valeur in partie.items():
        if isinstance(valeur, dict):
            yield from _trous(valeur, f"{chemin}{cle}.")
        elif TROU in (valeur if isinstance(valeur, list) else [valeur]):
            yield f"{chemin}{cle}"


class _Fautes:
    """The faults of a file, said together: who corrects one wants to know the others."""

    def __init__(self) -> None:
        self._dites: list[str] = []

    def noter(self, ou: str, faute: str) -> None:
        self._dites.append(f"[{ou}] {faute}" if ou else faute)

    def lever(self, nom: str) -> None:
        if self._dites:
            raise ConfigurationError(f"{nom} ne peut pas servir : {' ; '.join(self._dites)}.")


def _verifier_ensemble(tables: Mapping[str, TableCrm], fautes: _Fautes) -> None:
    """Refuse two entities in one table: a row made for one would be a row of the other."""
    vues: dict[tuple[str, str, str], str] = {}
    for nom_toml, entite in TABLES_TOML.items():
        if entite in tables:
            table = tables[entite]
            premiere = vues.setdefault((table.service, table.schema, table.table), nom_toml)
            if premiere != nom_toml and table.table:
                fautes.noter(nom_toml, f"la table {table.schema}.{table.table} est déjà celle de [{premiere}]")


class _Lecture:
    """One table of the file, key by key; a fault is noted and reading goes on."""

    def __init__(self, fautes: _Fautes, nom_toml: str, entite: str, partie: dict[str, Any]) -> None:
        self._noter: Callable[[str], None] = lambda faute: fautes.noter(nom_toml, faute)
        self._entite, self._partie = entite, partie

    def table(self) -> TableCrm:
        """Read the table."""
        for inconnue in sorted(self._partie.keys() - set(CLES)):
            self._noter(f"clé inconnue « {inconnue} » ; connues : {', '.join(CLES)}")
        schema, _, table = str(self._attendu("table", str, "« schéma.table »", "")).partition(".")
        if schema and not table:
            self._noter(f'« table = "{schema}" » : attendu « schéma.table », par exemple « public.{schema} »')
        genre = self._attendu("id", str, "« uuid » ou « int »", "uuid")
        if genre not in {"uuid", "int"}:
            self._noter(f'« id = "{genre}" » : attendu « uuid » ou « int »')
        colonnes = self._colonnes()
        supprime = self._facultatif("deleted_at", str, "le nom d'une colonne", None)
        compteurs = tuple(self._noms("increment", ()))
        constantes = self._insert(colonnes)
        for sorte, noms in (("deleted_at", [supprime] if supprime else []), ("increment", list(compteurs))):
            for nom in noms:
                if nom in colonnes.values():
                    self._noter(f"« {sorte} » : la colonne « {nom} » est déjà dans columns")
        for nom in (schema, table, *colonnes.values(), *constantes, *compteurs, *([supprime] if supprime else ())):
            if "%" in nom:
                self._noter(f"« {nom} » : un nom qui contient % ne peut pas être lu")
        return TableCrm(
            self._entite,
            SERVICES_CRM[self._entite],
            schema,
            table,
            "int" if genre == "int" else "uuid",
            colonnes,
            valeurs=self._valeurs(colonnes),
            insert=constantes,
            deleted_at=supprime,
            write=self._write(colonnes),
            increment=compteurs,
            timezone=self._fuseau(),
            fuseau_dit="timezone" in self._partie,
        )

    def _attendu(self, cle: str, genre: type, quoi: str, defaut: Any) -> Any:
        if cle not in self._partie:
            self._noter(f"« {cle} » manque : {quoi}")
            return defaut
        return self._facultatif(cle, genre, quoi, defaut)

    def _facultatif(self, cle: str, genre: type, quoi: str, defaut: Any) -> Any:
        valeur = self._partie.get(cle, defaut)
        if valeur is not defaut and (not isinstance(valeur, genre) or valeur == ""):
            self._noter(f"« {cle} » : {quoi} est attendu")
            return defaut
        return valeur

    def _noms(self, cle: str, defaut: Any) -> Any:
        """Read a list of names; each once."""
        noms = self._facultatif(cle, list, "une liste de noms", defaut)
        if noms is defaut:
            return defaut
        if not all(isinstance(nom, str) and nom for nom in noms) or len(set(map(str, noms))) != len(noms):
            self._noter(f"« {cle} » : une liste de noms, chacun une fois, est attendue")
            return defaut
        return noms

    def _champ(self, cle: str, champ: str) -> bool:
        connus = CHAMPS_CRM[self._entite]
        if champ not in connus:
            self._noter(f"« {cle} » : « {champ} » n'est pas une colonne ; connues : {', '.join(connus)}")
        return champ in connus

    def _colonnes(self) -> Mapping[str, str]:
        """Read `columns`: our field → their column, in our order."""
        dites = self._attendu("columns", dict, '{ notre_nom = "leur colonne", … }', {})
        lues = {champ: colonne for champ, colonne in dites.items() if self._champ("columns", champ)}
        for champ, colonne in lues.items():
            if not isinstance(colonne, str) or not colonne:
                self._noter(f"« columns.{champ} » : le nom d'une colonne est attendu")
        noms = [colonne for colonne in lues.values() if isinstance(colonne, str)]
        for double in sorted({nom for nom in noms if noms.count(nom) > 1}):
            self._noter(f"« columns » : la colonne « {double} » est donnée deux fois")
        for groupe in OBLIGATOIRES[self._entite]:
            if not set(groupe) & lues.keys():
                self._noter(f"« columns » : il y manque {' ou '.join(groupe)}")
        return MappingProxyType({champ: str(lues[champ]) for champ in CHAMPS_CRM[self._entite] if champ in lues})

    def _valeurs(self, colonnes: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
        lues: dict[str, Mapping[str, str]] = {}
        for champ, mots in self._facultatif("values", dict, '{ notre mot = "leur mot" } par colonne', {}).items():
            if not self._champ("values", champ):
                continue
            if champ not in colonnes or champ in INTOUCHABLES | {"updated_at"}:
                self._noter(f"« values.{champ} » : cette colonne n'est pas dans columns, ou n'a pas de mots")
            elif not isinstance(mots, dict) or not all(
                isinstance(leur, str | int) and "%" not in str(leur) for leur in mots.values()
            ):
                self._noter(f'« values.{champ} » : {{ notre_mot = "leur mot", … }} est attendu')
            else:
                lues[champ] = MappingProxyType({notre: _mot(leur) for notre, leur in mots.items()})
        return MappingProxyType(lues)

    def _insert(self, colonnes: Mapping[str, str]) -> Mapping[str, Any]:
        """Read `insert`: their column → constant. A table or an array is JSON, or an array of theirs."""
        constantes = self._facultatif("insert", dict, "{ leur colonne = valeur, … }", {})
        for colonne, valeur in constantes.items():
            if colonne in colonnes.values():
                self._noter(f"« insert » : la colonne « {colonne} » est déjà dans columns")
            if not isinstance(valeur, str | int | float | date | datetime | time | list | dict):
                self._noter(f"« insert.{colonne} » : valeur impossible")
        return MappingProxyType(dict(constantes))

    def _write(self, colonnes: Mapping[str, str]) -> frozenset[str] | None:
        champs = self._noms("write", None)
        if champs is None:
            return None
        for champ in champs:
            if self._champ("write", champ) and (champ not in colonnes or champ in INTOUCHABLES):
                self._noter(f"« write » : « {champ} » n'est pas dans columns, ou ne se modifie pas")
        return frozenset(champs)

    def _fuseau(self) -> str:
        nom = str(self._facultatif("timezone", str, "un fuseau horaire, par exemple « Europe/Paris »", "UTC"))
        try:
            ZoneInfo(nom)
        except (ValueError, OSError, LookupError):
            self._noter(f'« timezone = "{nom}" » : ce fuseau horaire n\'existe pas')
        return nom


def _mot(valeur: str | int) -> str:
    """Write a word of theirs as Postgres prints it: their column may be a boolean or a number."""
    return str(valeur).lower() if isinstance(valeur, bool) else str(valeur)

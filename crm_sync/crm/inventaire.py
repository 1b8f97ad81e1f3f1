"""What a database says of itself: tables, columns, constraints, triggers, row security and what our role may do there.

One `Inventaire` per database, read in a few set-based statements and never kept from one command to the next; no row of
data is read. What it means for a sync is said in `verification`, what it may be mapped to in `proposition`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases, Connexion, Service
from crm_sync.crm.requetes import requete

_LITTERAL = re.compile(r"'((?:[^']|'')*)'::")
_NOM_CITE = re.compile(r'^"([^"]+)"$')
_ENUMERATION = re.compile(r"= ANY \(|^\(*[^()]+ = '")
Nom = tuple[str, str]
"""A relation: its schema and its name, as Postgres has them."""


@dataclass(frozen=True, slots=True)
class Colonne:
    """One column. `type` is what `format_type` says, `type_de_base` the same below a domain and without length.

    `etiquettes` are the labels of an enum, in its order; `sequence` is the sequence that the column owns, `sequence_du_defaut`
    the one that its default draws from, with our rights (an identity column draws with its own).
    """

    nom: str
    type: str
    type_de_base: str
    enum: bool
    etiquettes: tuple[str, ...]
    obligatoire: bool
    defaut: str | None
    identite: str
    generee: bool
    sequence: Nom | None
    sequence_utilisable: bool
    sequence_du_defaut: Nom | None
    defaut_utilisable: bool
    droits: frozenset[str]

    @property
    def se_remplit_seule(self) -> bool:
        """Whether a row can be inserted without a word about this column."""
        return not self.obligatoire or self.defaut is not None or bool(self.identite) or self.generee


def est_sur(cle: str, colonne: str) -> bool:
    """Whether a key of an index is this column, or an expression over it."""
    nue = re.compile(rf'(?<![\w"]){re.escape(colonne)}(?![\w"])')
    return cle == colonne or f'"{colonne}"' in cle or nue.search(cle) is not None


@dataclass(frozen=True, slots=True)
class Index:
    """One valid index: its keys in order, each a column (unquoted) or an expression; `condition` of a partial one."""

    nom: str
    unique: bool
    primaire: bool
    methode: str
    cles: tuple[str, ...]
    condition: str | None

    def porte_sur(self, colonne: str) -> bool:
        """Whether one of its keys is this column, or an expression over it."""
        return any(est_sur(cle, colonne) for cle in self.cles)

    def commence_par(self, colonne: str) -> bool:
        """Whether rows can be found by this column alone."""
        return est_sur(self.cles[0], colonne)


@dataclass(frozen=True, slots=True)
class Contrainte:
    """A foreign key (`vers` is where it leads) or a CHECK (`expression`)."""

    nom: str
    colonnes: tuple[str, ...]
    vers: Nom | None
    expression: str | None


@dataclass(frozen=True, slots=True)
class Declencheur:
    """A trigger that is on; `colonnes` limit those of an update, none: any. `a_ses_droits`: it runs with its owner's rights."""

    nom: str
    par_ligne: bool
    avant: bool
    a_l_insertion: bool
    a_la_mise_a_jour: bool
    colonnes: tuple[str, ...]
    fonction: str
    a_ses_droits: bool


@dataclass(frozen=True, slots=True)
class Politique:
    """A row security policy that holds for our role; `commande` is `*`, `r`, `a`, `w` or `d`."""

    nom: str
    commande: str
    permissive: bool
    visible: str | None
    acceptee: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """One relation. `genre` is Postgres' relkind, `lignes` its own estimate of the rows, `droits` those on the whole table.

    `jeton_lisible`: our role may read the rows' version (`xmin`).
    """

    schema: str
    nom: str
    genre: str
    lignes: int
    rls_active: bool
    droits: frozenset[str]
    jeton_lisible: bool
    colonnes: Mapping[str, Colonne]
    index: tuple[Index, ...]
    contraintes: tuple[Contrainte, ...]
    declencheurs: tuple[Declencheur, ...]
    politiques: tuple[Politique, ...]

    @property
    def complet(self) -> str:
        """The table as the mapping file writes it."""
        return f"{self.schema}.{self.nom}"

    def mots_acceptes(self, colonne: Colonne) -> tuple[str, ...]:
        """Give the words that a column accepts: an enum's labels, or the literals of a CHECK on it alone; empty: any text."""
        if colonne.enum:
            return colonne.etiquettes
        for contrainte in self.contraintes:
            if contrainte.expression and contrainte.colonnes == (colonne.nom,):
                mots = tuple(mot.replace("''", "'") for mot in _LITTERAL.findall(contrainte.expression))
                if mots and _ENUMERATION.search(contrainte.expression):
                    return mots
        return ()

    @property
    def cles_etrangeres(self) -> Iterator[Contrainte]:
        """The foreign keys."""
        return (contrainte for contrainte in self.contraintes if contrainte.vers is not None)


@dataclass(frozen=True, slots=True)
class Inventaire:
    """One database as our role sees it. `schemas` says of each whether we may use it."""

    role: str
    superutilisateur: bool
    base: str
    version: int
    encodage: str
    lecture_seule: bool
    temporaires: bool
    creation: bool
    schemas: Mapping[str, bool]
    tables: Mapping[Nom, Table]


@dataclass(frozen=True, slots=True)
class Objet:
    """One table (`r`), view (`v`) or sequence (`S`) of a schema, and what our role may do with it."""

    nom: str
    genre: str
    droits: frozenset[str]


def lire(bases: Bases, service: Service, tables: Collection[Nom] | None = None) -> Inventaire:
    """Read the catalogue of a service's database: of these tables, or of all that are not the server's own.

    Raises:
        ConfigurationError, DatabaseUnavailableError: the database cannot be reached.
    """
    with bases.transaction(service) as connexion:
        return _lire(connexion, sorted(tables) if tables is not None else None)


def droits_du_schema(bases: Bases, service: Service, schema: str) -> list[Objet]:
    """Read what our role may do in one schema of a service's database; empty where it is not there.

    Raises:
        ConfigurationError, DatabaseUnavailableError: the database cannot be reached.
    """
    with bases.transaction(service) as connexion:
        lignes = _lignes(connexion, "droits_du_schema", schema=schema)
        return [Objet(ligne["nom"], ligne["genre"], frozenset(ligne["droits"])) for ligne in lignes]


def _lire(connexion: Connexion, voulues: list[Nom] | None) -> Inventaire:
    session = next(_lignes(connexion, "session"))
    schemas = {ligne["nom"]: ligne["utilisable"] for ligne in _lignes(connexion, "schemas")}
    noms: dict[str, list[str] | None] = {"schemas": None, "noms": None}
    if voulues is not None:
        noms = {"schemas": [schema for schema, _ in voulues], "noms": [table for _, table in voulues]}
    relations = list(_lignes(connexion, "tables", **noms))
    oids = [ligne["oid"] for ligne in relations]
    details = {
        genre: _par_table(_lignes(connexion, genre, oids=oids))
        for genre in ("colonnes", "index", "contraintes", "declencheurs", "politiques")
    }
    return Inventaire(
        **session,
        schemas=schemas,
        tables={
            (ligne["schema"], ligne["nom"]): _table(
                ligne, {genre: par_table[ligne["oid"]] for genre, par_table in details.items()}
            )
            for ligne in relations
        },
    )


def _lignes(connexion: Connexion, nom: str, **parametres: Any) -> Iterator[dict[str, Any]]:
    with connexion.cursor(row_factory=dict_row) as curseur:
        yield from curseur.execute(requete(f"inventaire.{nom}"), parametres or None)


def _par_table(lignes: Iterable[dict[str, Any]]) -> Mapping[int, list[dict[str, Any]]]:
    rangees: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for ligne in lignes:
        rangees[ligne.pop("oid")].append(ligne)
    return rangees


def _table(ligne: Mapping[str, Any], details: Mapping[str, list[dict[str, Any]]]) -> Table:
    colonnes = {colonne["nom"]: _colonne(colonne) for colonne in details["colonnes"]}
    jeton = colonnes.pop("xmin", None)
    return Table(
        ligne["schema"],
        ligne["nom"],
        ligne["genre"],
        ligne["lignes"],
        ligne["rls_active"],
        frozenset(ligne["droits"]),
        jeton is not None and "SELECT" in jeton.droits,
        colonnes,
        tuple(_index(index) for index in details["index"]),
        tuple(_contrainte(contrainte) for contrainte in details["contraintes"]),
        tuple(
            Declencheur(**{**declencheur, "colonnes": tuple(declencheur["colonnes"])})
            for declencheur in details["declencheurs"]
        ),
        tuple(Politique(**politique) for politique in details["politiques"]),
    )


def _colonne(ligne: dict[str, Any]) -> Colonne:
    sequence, defaut = (
        (ligne.pop(f"{laquelle}_schema"), ligne.pop(f"{laquelle}_nom")) for laquelle in ("sequence", "defaut")
    )
    return Colonne(
        **{
            **ligne,
            "etiquettes": tuple(ligne["etiquettes"]),
            "droits": frozenset(ligne["droits"]),
            "sequence": sequence if all(sequence) else None,
            "sequence_du_defaut": defaut if all(defaut) else None,
        }
    )


def _index(ligne: dict[str, Any]) -> Index:
    cles = tuple(_NOM_CITE.sub(r"\1", cle) for cle in ligne["expressions"])
    return Index(ligne["nom"], ligne["unique_"], ligne["primaire"], ligne["methode"], cles, ligne["condition"])


def _contrainte(ligne: dict[str, Any]) -> Contrainte:
    vers = (ligne["vers_schema"], ligne["vers_table"]) if ligne["genre"] == "f" else None
    return Contrainte(ligne["nom"], tuple(ligne["colonnes"]), vers, ligne["expression"])

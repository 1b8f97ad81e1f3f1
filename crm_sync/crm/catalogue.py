"""What a database says of itself: tables, columns, constraints, triggers, row security and what our role may do there.

One `Catalogue` per database, read in a few set-based statements and never kept from one command to the next; no row of
data is read. What it means for a sync is said in `verification`, what it may be mapped to in `proposition`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases, Connexion, Service
from crm_sync.crm.requetes import requete

Nom = tuple[str, str]
"""A relation: its schema and its name, as Postgres has them."""


@dataclass(frozen=True, slots=True)
class Colonne:
    """One column. `type` is what `format_type` says, `type_de_base` the same below a domain and without length.

    `etiquettes` are the labels of an enum, in its order; `sequence` is the sequence that the column owns.
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
    droits: frozenset[str]

    @property
    def se_remplit_seule(self) -> bool:
        """Whether a row can be inserted without a word about this column."""
        return not self.obligatoire or self.defaut is not None or bool(self.identite) or self.generee


@dataclass(frozen=True, slots=True)
class Index:
    """One valid index: its keys in order, each a quoted column or an expression; `condition` of a partial one."""

    nom: str
    unique: bool
    primaire: bool
    methode: str
    cles: tuple[str, ...]
    condition: str | None


@dataclass(frozen=True, slots=True)
class Contrainte:
    """A foreign key (`vers` is where it leads) or a CHECK (`expression`)."""

    nom: str
    colonnes: tuple[str, ...]
    vers: Nom | None
    expression: str | None


@dataclass(frozen=True, slots=True)
class Declencheur:
    """A trigger that is on; `colonnes` limit those of an update, none: any."""

    nom: str
    par_ligne: bool
    avant: bool
    a_l_insertion: bool
    a_la_mise_a_jour: bool
    colonnes: tuple[str, ...]
    fonction: str


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

    @property
    def cles_etrangeres(self) -> Iterator[Contrainte]:
        """The foreign keys."""
        return (contrainte for contrainte in self.contraintes if contrainte.vers is not None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One database as our role sees it. `schemas` says of each whether we may use it; `sequences` hold our rights on each."""

    role: str
    base: str
    version: int
    encodage: str
    lecture_seule: bool
    temporaires: bool
    creation: bool
    schemas: Mapping[str, bool]
    tables: Mapping[Nom, Table]
    sequences: Mapping[Nom, frozenset[str]]


def lire(bases: Bases, service: Service, schemas: Sequence[str] | None = None) -> Catalogue:
    """Read the catalogue of a service's database, of these schemas or of all that are not the server's own.

    Raises:
        ConfigurationError, DatabaseUnavailableError: the database cannot be reached.
    """
    with bases.transaction(service) as connexion:
        return _lire(connexion, list(schemas) if schemas is not None else None)


def _lire(connexion: Connexion, voulus: list[str] | None) -> Catalogue:
    session = next(_lignes(connexion, "session"))
    schemas = {ligne["nom"]: ligne["utilisable"] for ligne in _lignes(connexion, "schemas")}
    relations = list(_lignes(connexion, "tables", schemas=voulus))
    oids = [ligne["oid"] for ligne in relations]
    details = {
        genre: _par_table(_lignes(connexion, genre, oids=oids))
        for genre in ("colonnes", "index", "contraintes", "declencheurs", "politiques")
    }
    sequences = _lignes(connexion, "sequences", schemas=sorted(schemas) if voulus is None else voulus)
    return Catalogue(
        **session,
        schemas=schemas,
        tables={
            (ligne["schema"], ligne["nom"]): _table(
                ligne, {genre: par_table[ligne["oid"]] for genre, par_table in details.items()}
            )
            for ligne in relations
        },
        sequences={(ligne["schema"], ligne["nom"]): frozenset(ligne["droits"]) for ligne in sequences},
    )


def _lignes(connexion: Connexion, nom: str, **parametres: Any) -> Iterator[dict[str, Any]]:
    with connexion.cursor(row_factory=dict_row) as curseur:
        yield from curseur.execute(requete(f"catalogue.{nom}"), parametres or None)


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
    schema, nom = ligne.pop("sequence_schema"), ligne.pop("sequence_nom")
    return Colonne(
        **{
            **ligne,
            "etiquettes": tuple(ligne["etiquettes"]),
            "droits": frozenset(ligne["droits"]),
            "sequence": (schema, nom) if nom else None,
        }
    )


def _index(ligne: dict[str, Any]) -> Index:
    cles = tuple(ligne["expressions"])
    return Index(ligne["nom"], ligne["unique_"], ligne["primaire"], ligne["methode"], cles, ligne["condition"])


def _contrainte(ligne: dict[str, Any]) -> Contrainte:
    vers = (ligne["vers_schema"], ligne["vers_table"]) if ligne["genre"] == "f" else None
    return Contrainte(ligne["nom"], tuple(ligne["colonnes"]), vers, ligne["expression"])

"""A complaint about the CRM's database, and the view of one table that the rules look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import sql

from crm_sync.crm.correspondance import TableCrm
from crm_sync.crm.inventaire import Colonne, Inventaire, Nom, Table

BLOQUANT, AVERTISSEMENT, INFORMATION = "bloquant", "avertissement", "information"
GRAVITES = (BLOQUANT, AVERTISSEMENT, INFORMATION)


@dataclass(frozen=True, slots=True)
class Plainte:
    """One complaint: `phrase` says what is wrong in one French sentence, `sql` is what mends it, where SQL does.

    Holds names of tables and columns, never a value of a row.
    """

    code: str
    gravite: str
    ou: str
    phrase: str
    que_faire: str
    sql: str | None = None

    def en_json(self) -> dict[str, Any]:
        """Give what `db check --json` prints."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Vue:
    """One mapped table with what the database says of it, and the tables of the other entities in the same database."""

    crm: TableCrm
    table: Table
    inventaire: Inventaire
    voisines: Mapping[str, Nom]

    @property
    def entite(self) -> str:
        """The entity."""
        return self.crm.entite

    @property
    def nom_sql(self) -> str:
        """The quoted table."""
        return identifiant(self.crm.schema, self.crm.table)

    def champs(self) -> Iterator[tuple[str, Colonne]]:
        """Give our mapped fields with their columns; those that are missing are not there."""
        for champ, nom in self.crm.colonnes.items():
            if nom in self.table.colonnes:
                yield champ, self.table.colonnes[nom]

    def ou(self, colonne: str | None = None) -> str:
        """Say where, as the mapping file writes it."""
        return f"{self.crm.schema}.{self.crm.table}" + (f".{colonne}" if colonne else "")

    def inserees(self) -> frozenset[str]:
        """Give their columns that an insert of ours names."""
        notres = [champ for champ in ("id", "created_at", "updated_at") if self.crm.a(champ)]
        return frozenset({*(self.crm.colonnes[champ] for champ in (*notres, *self.crm.champs)), *self.crm.insert})

    def modifiees(self) -> frozenset[str]:
        """Give their columns that an update of ours names; a user's row is never updated."""
        if self.entite == "utilisateur":
            return frozenset()
        champs = [champ for champ in self.crm.champs if self.crm.modifiable(champ)]
        champs += ["updated_at"] if self.crm.a("updated_at") else []
        return frozenset({*(self.crm.colonnes[champ] for champ in champs), *self.crm.increment})


Regle = Callable[[Vue], Iterator[Plainte]]
"""One set of rules over one table."""


def identifiant(*parties: str) -> str:
    """Quote an identifier as Postgres does."""
    return sql.Identifier(*parties).as_string(None)


def litteral(valeur: str) -> str:
    """Quote a text as Postgres does."""
    return "'" + valeur.replace("'", "''") + "'"

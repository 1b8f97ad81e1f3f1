"""How a table of the CRM is read: one sub-select with our names and the types of our built-in tables.

Every reading statement of sql/ stands on these, so that none of them knows whose table it reads. No view: one of ours over
their table would stand in the way of their migrations. Postgres flattens a sub-select into the statement around it.
Identifiers and words go through `psycopg.sql`, types come from the catalogue.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from crm_sync.crm.correspondance import TableCrm


def relation(table: "TableCrm", champs: Mapping[str, str]) -> sql.Composed:
    """Give a table as `(select …)`: our `champs` (name → type), `jeton` (the row's version) and `supprime` (marked as deleted).

    A field that the CRM has no column for is null; a word of theirs that `valeurs` knows is read as ours.
    """
    colonnes = [
        sql.SQL("{} as {}").format(_lue(table, champ, genre), sql.Identifier(champ)) for champ, genre in champs.items()
    ]
    return sql.SQL("(select {colonnes}, x.xmin::text as jeton, {supprime} as supprime from {table} as x)").format(
        colonnes=sql.SQL(", ").join(colonnes), supprime=_supprime(table), table=table.nom
    )


def _lue(table: "TableCrm", champ: str, genre: str) -> sql.Composable:
    """Give the expression of one field of ours, of the type that the built-in tables have."""
    genre = table.types_id.get(champ, genre)
    if not table.a(champ):
        return sql.SQL("null::{}").format(sql.SQL(genre))
    colonne = sql.SQL("x.{}").format(table.colonne(champ))
    mots = table.valeurs.get(champ)
    if mots:
        return _traduite(colonne, mots, genre)
    return lire_comme(colonne, table.type(champ), genre, table.timezone)


def _traduite(colonne: sql.Composable, mots: Mapping[str, str], genre: str) -> sql.Composed:
    """Give their words as ours; of several of ours for one of theirs the first, of none their own text."""
    premiers: dict[str, str] = {}
    for notre, leur in mots.items():
        premiers.setdefault(leur, notre)
    cas = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(leur), sql.Literal(notre)) for leur, notre in premiers.items()
    )
    sinon = sql.SQL(" else {}::text").format(colonne) if genre == "text" else sql.SQL("")
    return sql.SQL("(case {}::text {}{} end)::{}").format(colonne, cas, sinon, sql.SQL(genre))


def lire_comme(colonne: sql.Composable, reel: str, genre: str, fuseau: str) -> sql.Composable:
    """Convert an expression of their real type to ours; as it is where that is the same, so that an index stays usable."""
    if genre == "timestamptz":
        if reel.startswith("timestamp") and reel.endswith("with time zone"):
            return colonne
        if reel == "date" or reel.startswith("timestamp"):
            return sql.SQL("({}::timestamp at time zone {})").format(colonne, sql.Literal(fuseau))
    if genre == "jsonb" and reel != "jsonb":  # their text may hold anything
        return sql.SQL("{}::text").format(colonne)
    if genre.startswith("numeric"):
        return colonne if reel.startswith("numeric") else sql.SQL("{}::numeric").format(colonne)
    if genre == "bigint" and reel in {"smallint", "integer"}:
        return colonne
    return colonne if reel == genre else sql.SQL("{}::{}").format(colonne, sql.SQL(genre))


def _supprime(table: "TableCrm") -> sql.Composable:
    if table.deleted_at is None:
        return sql.SQL("false")
    colonne = sql.SQL("x.{}").format(sql.Identifier(table.deleted_at))
    if table.types[table.deleted_at] == "boolean":
        return sql.SQL("coalesce({}, false)").format(colonne)
    return sql.SQL("({} is not null)").format(colonne)

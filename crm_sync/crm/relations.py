"""How a table of the CRM is read: one sub-select with our names and the types of our built-in tables.

Every reading statement of sql/ stands on these, so that none of them knows whose table it reads. No view: one of ours over
their table would stand in the way of their migrations. Postgres flattens a sub-select into the statement around it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from psycopg import sql

from crm_sync.crm.conversions import lue

if TYPE_CHECKING:
    from crm_sync.crm.correspondance import TableCrm


def relation(table: "TableCrm", champs: Mapping[str, str], *, avec_jeton: bool = True) -> sql.Composed:
    """Give a table as `(select …)`: our `champs` (name → type), `jeton` (the row's version) and `supprime` (marked as deleted).

    A field that the CRM has no column for is null. An id has the type of its family (`types_id`). Who only reads needs no
    `jeton`, and so no right to it.
    """
    colonnes = [
        sql.SQL("{} as {}").format(_champ(table, champ, table.types_id.get(champ, genre)), sql.Identifier(champ))
        for champ, genre in champs.items()
    ]
    if avec_jeton:
        colonnes.append(sql.SQL("x.xmin::text as {}").format(sql.Identifier("jeton")))
    return sql.SQL("(select {colonnes}, {supprime} as supprime from {table} as x)").format(
        colonnes=sql.SQL(", ").join(colonnes), supprime=_supprime(table), table=table.nom
    )


def _champ(table: "TableCrm", champ: str, genre: str) -> sql.Composable:
    if not table.a(champ):
        return sql.SQL("null::{}").format(sql.SQL(genre))
    return lue(table, champ, genre, sql.SQL("x.{}").format(table.colonne(champ)))


def _supprime(table: "TableCrm") -> sql.Composable:
    if table.deleted_at is None:
        return sql.SQL("false")
    colonne = sql.SQL("x.{}").format(sql.Identifier(table.deleted_at))
    if table.types[table.deleted_at] == "boolean":
        return sql.SQL("coalesce({}, false)").format(colonne)
    return sql.SQL("({} is not null)").format(colonne)

"""One value between us and a column of the CRM, both ways, as SQL expressions.

Our side is the type of the built-in tables (what `relations` reads) or text as Postgres prints it (what a plan holds); their side
is the column's real type, as the catalogue names it, their words and their time zone. Nothing here is data.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm.bornes import sans_limite

if TYPE_CHECKING:
    from crm_sync.crm.correspondance import TableCrm

ENTIERS = frozenset({"smallint", "integer", "bigint"})
INSTANT = "timestamptz"


def lue(table: "TableCrm", champ: str, genre: str, colonne: sql.Composable) -> sql.Composable:
    """Read their value of a field as ours, of our type `genre`; a word of theirs that `valeurs` knows as ours."""
    mots = table.valeurs.get(champ)
    if mots:
        return _notre_mot(colonne, mots, genre)
    return _notre_type(colonne, table.type(champ), genre, table.timezone)


def ecrite(table: "TableCrm", champ: str, genre: str, texte: sql.Composable) -> sql.Composed:
    """Write our value of a field, given as text, as theirs, of the column's real type.

    A text longer than the column is left as it is, for the assignment to refuse: nothing is cut.
    """
    reel = sans_limite(table.type(champ))
    mots = table.valeurs.get(champ)
    if mots:
        cas = sql.SQL(" ").join(
            sql.SQL("when {} then {}").format(sql.Literal(notre), sql.Literal(leur)) for notre, leur in mots.items()
        )
        return sql.SQL("(case {0} {1} else {0} end)::{2}").format(texte, cas, sql.SQL(reel))
    if genre == INSTANT:
        return instant_ecrit(sql.SQL("{}::timestamptz").format(texte), reel, table.timezone)
    if genre == "boolean" and reel in ENTIERS:
        return sql.SQL("{}::boolean::integer::{}").format(texte, sql.SQL(reel))
    if genre.startswith("numeric"):  # whole numbers and money refuse the text of a decimal
        return sql.SQL("{}::numeric::{}").format(texte, sql.SQL(reel))
    return sql.SQL("{}::{}").format(texte, sql.SQL(reel))


def instant_ecrit(instant: sql.Composable, reel: str, fuseau: str) -> sql.Composed:
    """Write an instant as a column of this real type holds it: local time where it knows no zone."""
    if (reel.startswith("timestamp") and reel.endswith("without time zone")) or reel == "date":
        return sql.SQL("({} at time zone {})::{}").format(instant, sql.Literal(fuseau), sql.SQL(reel))
    return sql.SQL("{}::{}").format(instant, sql.SQL(reel))


def instant_retenu(table: "TableCrm", champ: str, instant: sql.Composable) -> sql.Composable:
    """Give an instant as it reads back once a column holds it: theirs may round it, to milliseconds for instance."""
    if not table.a(champ):
        return instant
    ecrit = instant_ecrit(instant, table.type(champ), table.timezone)
    return _notre_type(ecrit, table.type(champ), INSTANT, table.timezone)


def constante(table: "TableCrm", colonne: str) -> sql.Composed:
    """Write a constant of `insert` as a value of its column."""
    valeur, reel = table.insert[colonne], table.types[colonne]
    if isinstance(valeur, datetime) and valeur.tzinfo is not None:
        instant = sql.SQL("{}::timestamptz").format(sql.Literal(valeur.isoformat()))
        return instant_ecrit(instant, reel, table.timezone)
    if isinstance(valeur, list) and reel.endswith("[]"):
        return sql.SQL("{}::text[]::{}").format(sql.Literal([texte_constant(v) for v in valeur]), sql.SQL(reel))
    return sql.SQL("{}::{}").format(sql.Literal(texte_constant(valeur)), sql.SQL(sans_limite(reel)))


def exacte(table: "TableCrm", champ: str, genre: str) -> bool:
    """Tell whether a column keeps every value of ours as it is: what it does not is compared as the column will hold it."""
    reel = table.type(champ)
    if genre == "text":
        return reel in {"text", "character varying"} or reel.endswith(".citext") or reel in table.types_enum
    if genre == INSTANT:
        return reel in {"timestamp with time zone", "timestamp without time zone"}
    if genre.startswith("numeric"):
        return reel in {"numeric", "numeric(12,2)"}
    return reel in {genre, "bigint", "integer", "smallint", "text", "json", "jsonb"}


def _avec_zone(reel: str) -> bool:
    return reel.startswith("timestamp") and reel.endswith("with time zone")


def texte_constant(valeur: Any) -> str:
    """Give a constant of `insert` as the text that is written."""
    if isinstance(valeur, bool):
        return str(valeur).lower()
    if isinstance(valeur, datetime | date | time):
        return valeur.isoformat()
    return json.dumps(valeur, ensure_ascii=False) if isinstance(valeur, list | dict) else str(valeur)


def _notre_mot(colonne: sql.Composable, mots: Mapping[str, str], genre: str) -> sql.Composed:
    """Give their words as ours; of several of ours for one of theirs the first, of none their own text."""
    premiers: dict[str, str] = {}
    for notre, leur in mots.items():
        premiers.setdefault(leur, notre)
    cas = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(leur), sql.Literal(notre)) for leur, notre in premiers.items()
    )
    sinon = sql.SQL(" else {}::text").format(colonne) if genre == "text" else sql.SQL("")
    return sql.SQL("(case {}::text {}{} end)::{}").format(colonne, cas, sinon, sql.SQL(genre))


def _notre_type(colonne: sql.Composable, reel: str, genre: str, fuseau: str) -> sql.Composable:
    """Convert an expression of their real type to ours; as it is where that is the same, so that an index stays usable."""
    if genre == INSTANT and not _avec_zone(reel) and (reel == "date" or reel.startswith("timestamp")):
        return sql.SQL("({}::timestamp at time zone {})").format(colonne, sql.Literal(fuseau))
    tel_quel = (
        reel == genre
        or (genre == INSTANT and _avec_zone(reel))
        or (genre.startswith("numeric") and reel.startswith("numeric"))
        or (genre == "bigint" and reel in ENTIERS)
    )
    if tel_quel:
        return colonne
    if genre == "jsonb":  # their text may hold anything
        genre = "text"
    elif genre.startswith("numeric"):
        genre = "numeric"
    elif genre == "boolean" and reel in ENTIERS:
        colonne = sql.SQL("{}::integer").format(colonne)
    return sql.SQL("{}::{}").format(colonne, sql.SQL(genre))

"""Arrow batches in and out of Postgres by COPY: the only bulk road, in both directions.

Everything crosses as text: Postgres' own output is the canonical form of a value, and the columns' types do the rest. In
the CSV of COPY an empty field is NULL and a quoted empty one is the empty text, on both sides.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from crm_sync.crm.connexion import Connexion

if TYPE_CHECKING:
    import pyarrow as pa


@contextmanager
def provisoire(connexion: Connexion, nom: str, colonnes: sql.Composable) -> Iterator[sql.Identifier]:
    """Make a temporary table for a block inside a transaction, and drop it after: a transaction may be part of a larger one."""
    table = sql.Identifier(nom)
    connexion.execute(sql.SQL("create temporary table {} ({}) on commit drop").format(table, colonnes))
    yield table
    connexion.execute(sql.SQL("drop table {}").format(table))


def textes(noms: Iterable[str]) -> sql.Composed:
    """Declare columns of text."""
    return sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(nom)) for nom in noms)


def verser(connexion: Connexion, table: sql.Composable, lignes: "pa.RecordBatch") -> None:
    """COPY a batch into the columns of the same names; column order is free.

    Raises:
        psycopg.Error: as the server says it.
    """
    from pyarrow import csv

    if not lignes.num_rows:
        return
    tampon = BytesIO()
    csv.write_csv(lignes, tampon, csv.WriteOptions(include_header=False))
    colonnes = sql.SQL(", ").join(map(sql.Identifier, lignes.schema.names))
    copie = sql.SQL("copy {} ({}) from stdin (format csv)").format(table, colonnes)
    with connexion.cursor() as curseur, curseur.copy(copie) as flux:
        flux.write(tampon.getbuffer())


def lire(
    connexion: Connexion, requete: bytes | sql.Composed, parametres: dict[str, Any] | None = None
) -> "pa.RecordBatch":
    """Run a SELECT by COPY; every column comes as text (instants in UTC), NULL as null.

    Raises:
        psycopg.Error: as the server says it.
    """
    import pyarrow as pa
    from pyarrow import csv

    texte = psycopg.ClientCursor(connexion).mogrify(requete, parametres)
    tampon = BytesIO()
    with (
        connexion.cursor() as curseur,
        curseur.copy(f"copy ({texte}) to stdout (format csv, header)".encode()) as flux,
    ):
        for bloc in flux:
            tampon.write(bloc)
    entete = tampon.getvalue().split(b"\n", 1)[0].decode().split(",")
    lues = csv.read_csv(
        pa.py_buffer(tampon.getbuffer()),
        csv.ReadOptions(block_size=max(1 << 20, tampon.tell() + 1), use_threads=False),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=dict.fromkeys(entete, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return pa.RecordBatch.from_arrays([_seul(colonne) for colonne in lues.columns], lues.column_names)


def _seul(colonne: Any) -> Any:
    """Give a column as one array: it was read as one block, or is empty."""
    return colonne.chunk(0) if colonne.num_chunks == 1 else colonne.combine_chunks()

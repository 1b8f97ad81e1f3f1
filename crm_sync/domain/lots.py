"""Arrow batches (`pyarrow.RecordBatch`), in which whole tables cross the rules and the stages: the words that Arrow lacks.

A mask is an Arrow array of yes, no and null; what it does not say is read as no. Where a few rows have forty columns, choosing
among them costs a tenth of what it costs in frames.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def tableau(colonnes: Sequence[str], lignes: Iterable[tuple[str | None, ...]]) -> "pa.RecordBatch":
    """Make a batch of these columns from rows of text: shape (rows, columns), None is null."""
    import pyarrow as pa

    valeurs = list(zip(*lignes, strict=True)) or [()] * len(colonnes)
    return pa.RecordBatch.from_arrays([pa.array(valeur, pa.string()) for valeur in valeurs], list(colonnes))


def retenir(lignes: "pa.RecordBatch", qui: Any) -> "pa.RecordBatch":
    """Keep the rows that an Arrow mask names, not those of which it says nothing: mostly all, which copies nothing."""
    from pyarrow import compute as pc

    return lignes if pc.all(qui, skip_nulls=False).as_py() else lignes.filter(qui)


def dans(valeurs: Any, connues: Any) -> Any:
    """Tell which values of an Arrow array are among those that are known, as a mask; a missing one is not."""
    import pyarrow as pa
    from pyarrow import compute as pc

    ensemble = connues if isinstance(connues, pa.Array) else pa.array(sorted(connues), pa.string())
    return pc.is_in(valeurs, value_set=ensemble.drop_null())


def certain(masque: Any) -> Any:
    """Read what a mask does not say as no."""
    from pyarrow import compute as pc

    return pc.fill_null(masque, fill_value=False)


def autrement_ecrits(a: Any, b: Any) -> Any:
    """Tell per row whether two Arrow arrays do not hold the same text; null is only null."""
    from pyarrow import compute as pc

    return pc.invert(pc.or_(certain(pc.equal(a, b)), pc.and_(a.is_null(), b.is_null())))


def la_ou(qui: Any, valeurs: Any) -> Any:
    """Give values, or one text, where a mask says yes, null elsewhere."""
    import pyarrow as pa
    from pyarrow import compute as pc

    return pc.if_else(qui, valeurs, pa.scalar(None, pa.string()))


def traduire(valeurs: Any, traductions: Mapping[str, str | None]) -> Any:
    """Give what each value of an Arrow array stands for, null where that is nothing or not known."""
    import pyarrow as pa

    return calculer(valeurs, traductions.get) if traductions else pa.nulls(len(valeurs), pa.string())


def calculer(valeurs: Any, calcul: Callable[[str], str | None]) -> Any:
    """Work out a text from each value of an Arrow array; nothing of nothing."""
    import pyarrow as pa

    return pa.array([None if v is None else calcul(v) for v in valeurs.to_pylist()], pa.string())


def distincts(valeurs: Any) -> list[str]:
    """List the values of an Arrow array, each once."""
    connus: list[str] = valeurs.drop_null().unique().to_pylist()
    return connus


def repetes(valeurs: Any) -> Any:
    """Tell which values of an Arrow array stand there more than once, as a mask; a missing one does not."""
    from pyarrow import compute as pc

    comptes = valeurs.value_counts()
    return dans(valeurs, comptes.field("values").filter(pc.greater(comptes.field("counts"), 1)))


def avec(lignes: "pa.RecordBatch", colonnes: Mapping[str, Any]) -> "pa.RecordBatch":
    """Give a batch with these columns, new ones or in the place of those that it has; a text is that of all rows, None null."""
    import pyarrow as pa

    donnees = {
        nom: pa.repeat(pa.scalar(colonne, pa.string()), lignes.num_rows)
        if colonne is None or isinstance(colonne, str)
        else colonne
        for nom, colonne in colonnes.items()
    }
    return pa.RecordBatch.from_pydict(dict(zip(lignes.schema.names, lignes.columns, strict=True)) | donnees)


def a_la_suite(lignes: "pa.RecordBatch", autres: "pa.RecordBatch") -> "pa.RecordBatch":
    """Put batches under one another, with the columns of the first; what the second has no column for is null."""
    import pyarrow as pa

    if not autres.num_rows:
        return lignes
    connues = set(autres.schema.names)
    return pa.RecordBatch.from_pydict(
        {
            nom: pa.concat_arrays([colonne, autres[nom] if nom in connues else pa.nulls(autres.num_rows, colonne.type)])
            for nom, colonne in zip(lignes.schema.names, lignes.columns, strict=True)
        }
    )

"""When each side last spoke: the source time of a node, and the comparison of two instants.

An instant is text as Postgres prints it in UTC, so that the order of texts is the order of time; null is no time. Source of
the rules: product.md, *The most recent wins*.
"""

from typing import TYPE_CHECKING, Any

from crm_sync.domain.lots import certain, la_ou

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


def temps_source(decisions: "pa.RecordBatch") -> Any:
    """Give each source node the moment from which what it says now holds, as an Arrow array of text.

    Columns read: `empreinte`, `lien_empreinte`, `lien_source_le`, `modifie_a`, `lien_modifie_a`, `vu_le`. Content that is
    as it was applied keeps the time stored then; else its own `updatedAt` where it moved; else when it was first seen. A
    link from before these times were stored has none: it is judged as if its content were new.
    """
    from pyarrow import compute as pc

    immobile = certain(pc.equal(decisions["modifie_a"], decisions["lien_modifie_a"]))
    return pc.coalesce(
        la_ou(pc.equal(decisions["empreinte"], decisions["lien_empreinte"]), decisions["lien_source_le"]),
        la_ou(pc.invert(immobile), decisions["modifie_a"]),
        decisions["vu_le"],
    )


def plus_tard(a: str | None, b: str | None) -> bool:
    """Tell whether `a` is strictly later than `b`; where one of them is missing, it is not."""
    return a is not None and b is not None and a > b


def par_recence(le: Any, source_ids: Any) -> "NDArray[np.int64]":
    """Give the places of nodes, the latest first: of equals the lowest source id, those without a time last."""
    import pyarrow as pa
    from pyarrow import compute as pc

    ordre: NDArray[np.int64] = pc.sort_indices(
        pa.table({"le": le, "source_id": source_ids}), sort_keys=[("le", "descending"), ("source_id", "ascending")]
    ).to_numpy()
    return ordre

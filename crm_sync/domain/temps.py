"""When each side last spoke: the source time of a node, and the comparison of two instants.

An instant is text as Postgres prints it in UTC, so that the order of texts is the order of time; NA is no time. Source of
the rules: product.md, *The most recent wins*.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def temps_source(decisions: "pd.DataFrame") -> "pd.Series[str]":
    """Give each source node the moment from which what it says now holds.

    Columns read: `empreinte`, `lien_empreinte`, `lien_source_le`, `modifie_a`, `lien_modifie_a`, `vu_le`. Content that is
    as it was applied keeps the time stored then; else its own `updatedAt` where it moved; else when it was first seen. A
    link from before these times were stored has none: it is judged as if its content were new.
    """
    inchange = _vrai(decisions["empreinte"] == decisions["lien_empreinte"])
    a_bouge = ~_vrai(decisions["modifie_a"] == decisions["lien_modifie_a"])
    annonce = decisions["modifie_a"].where(a_bouge).fillna(decisions["vu_le"])
    return decisions["lien_source_le"].where(inchange).fillna(annonce)


def plus_tard(a: "pd.Series[str]", b: "pd.Series[str]") -> "pd.Series[bool]":
    """Tell per row whether `a` is strictly later than `b`; where one of them is missing, it is not."""
    import pandas as pd
    import pyarrow as pa

    texte = pd.ArrowDtype(pa.string())  # a column of nothing but NA may have come as another type
    return _vrai(a.astype(texte) > b.astype(texte))


def par_recence(noeuds: "pd.DataFrame", temps: str) -> "pd.DataFrame":
    """Sort nodes by this column, the latest first: of equals the lowest source id, those without a time last."""
    return noeuds.sort_values([temps, "source_id"], ascending=[False, True], na_position="last", kind="stable")


def _vrai(reponse: "pd.Series[bool]") -> "pd.Series[bool]":
    return reponse.fillna(value=False).astype(bool)

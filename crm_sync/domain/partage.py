"""Source nodes that lead to one CRM row: which of them is heard. Nodes and rows are numbers here, columns Arrow arrays.

Mostly each row has one node; then nothing is sorted or moved. Source of the rule: product.md, *Matching*, several prospects
of one client.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_sync.domain.temps import par_recence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Partage:
    """The rows that nodes lead to: `cibles` is what their nodes name, in the order of the first ones, `de` each node's row."""

    cibles: Any
    de: "NDArray[np.int64]"

    @classmethod
    def par(cls, cibles: Any) -> "Partage":
        """Number the rows; `cibles`: what names its row, one per node, never null."""
        encodes = cibles.dictionary_encode()
        return cls(encodes.dictionary, encodes.indices.to_numpy())

    def ordonner(self, le: Any, source_ids: Any) -> "NDArray[np.int64] | None":
        """Order the nodes so that of each row the latest comes first (see `par_recence`); None where no row has several."""
        import numpy as np

        if len(self.cibles) == len(self.de):
            return None
        partages = np.bincount(self.de)[self.de] > 1
        ensemble = np.flatnonzero(partages)
        ordre = ensemble[par_recence(le.take(ensemble), source_ids.take(ensemble))]
        return np.concatenate([np.flatnonzero(~partages), ordre])

    def premiers(self, ordre: "NDArray[np.int64] | None", valeurs: Sequence[Any]) -> Any:
        """Give per row its first node that has any of these values, null where none has; None: each row's only node."""
        import numpy as np
        import pyarrow as pa

        if ordre is None:
            return None
        disants = np.any([colonne.is_valid().to_numpy(zero_copy_only=False) for colonne in valeurs], axis=0)
        derniers_d_abord = ordre[disants[ordre]][::-1]  # what is written last into a place stays
        premiers = np.full(len(self.cibles), -1)
        premiers[self.de[derniers_d_abord]] = derniers_d_abord
        return pa.array(premiers, mask=premiers < 0)


def prendre(colonne: Any, rangs: Any) -> Any:
    """Give a column's values at these places, null for none; None is every place as it is."""
    return colonne if rangs is None else colonne.take(rangs)

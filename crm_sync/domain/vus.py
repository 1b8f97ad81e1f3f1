"""Since when the CRM holds a value that is not the base: what earlier syncs saw, and what this one has to remember.

A link keeps `vu`, JSON text `{field: {"valeur": text or null, "le": instant}}`; null stands for a field that a person has
emptied. Source of the rule: product.md, *The most recent wins*, time of a CRM change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from crm_sync.domain.canonique import memes
from crm_sync.domain.types import Champ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Vu(msgspec.Struct, frozen=True, gc=False):
    """One value of the CRM and the moment it was first seen."""

    valeur: str | None
    le: str


@dataclass(frozen=True, slots=True)
class TempsCrm:
    """Dates the values that the CRM holds.

    `souvenirs`: number of the row → what each of its links remembers, by field.
    """

    souvenirs: Mapping[int, Sequence[Mapping[str, Vu]]]
    maintenant: str

    def dater(self, ligne: int, champ: Champ, valeur: str | None, modifie_reel: str | None) -> str:
        """Tell since when a CRM row holds this value of a field.

        A value already seen keeps the earliest time that a link remembers; a new one takes the row's own (`modifie_reel`,
        None where it says nothing about a person), or is first seen now.
        """
        vus = (souvenir[champ.nom] for souvenir in self.souvenirs.get(ligne, ()) if champ.nom in souvenir)
        connus = [vu.le for vu in vus if memes(vu.valeur, valeur, champ.genre)]
        return min(connus) if connus else modifie_reel or self.maintenant


def lire_vus(vus: Any, de: "NDArray[np.int64]", maintenant: str) -> TempsCrm:
    """Read what links remember, an Arrow array of text; `de`: the number of each one's row."""
    ecrits = vus.is_valid()
    lecteur = msgspec.json.Decoder(dict[str, Vu])
    souvenirs: dict[int, list[dict[str, Vu]]] = {}
    lignes = de[ecrits.to_numpy(zero_copy_only=False)].tolist()
    for ligne, texte in zip(lignes, vus.filter(ecrits).to_pylist(), strict=True):
        souvenirs.setdefault(ligne, []).append(lecteur.decode(texte))
    return TempsCrm(souvenirs, maintenant)

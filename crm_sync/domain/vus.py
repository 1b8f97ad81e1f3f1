"""Since when the CRM holds a value that is not the base: what earlier syncs saw, and what this one has to remember.

A link keeps `vu`, JSON text `{field: {"valeur": text or null, "le": instant}}`; null stands for a field that a person has
emptied. Source of the rule: product.md, *The most recent wins*, time of a CRM change.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from crm_sync.domain.canonique import differe
from crm_sync.domain.types import Champ, cadre

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


class Vu(msgspec.Struct, frozen=True):
    """One value of the CRM and the moment it was first seen."""

    valeur: str | None
    le: str


@dataclass(frozen=True, slots=True)
class TempsCrm:
    """Dates the values that the CRM holds.

    `connus`: field → frame `crm_id`, `valeur`, `le`, the earliest first: the links of one row may each remember.
    """

    connus: "Mapping[str, pd.DataFrame]"
    maintenant: str

    def dater(self, lignes: "pd.DataFrame", champ: Champ) -> "pd.Series[str]":
        """Give each row the time of its value of this field, never NA.

        `lignes`: one row per CRM row, `crm_id`, `crm_c` and `modifie_reel` (NA where it says nothing about a person). A value
        already seen keeps its time; a new one takes the row's own, or is first seen now.
        """
        le = lignes["modifie_reel"].fillna(self.maintenant)
        connus = self.connus.get(champ.nom)
        if connus is None:
            return le
        valeur = f"crm_{champ.nom}"
        retrouves = lignes[["crm_id", valeur]].merge(connus, on="crm_id")
        memes = ~differe(retrouves[valeur], retrouves["valeur"], champ.genre)
        vus = retrouves[memes].drop_duplicates("crm_id").set_index("crm_id")["le"]
        return vus.reindex(lignes["crm_id"]).set_axis(lignes.index).fillna(le)


def lire_vus(noeuds: "pd.DataFrame", maintenant: str) -> TempsCrm:
    """Read what the links of these nodes remember: columns `crm_id` and `vu`."""
    ecrits = noeuds.loc[noeuds["vu"].notna(), ["crm_id", "vu"]]
    lecteur = msgspec.json.Decoder(dict[str, Vu])
    par_champ: dict[str, list[tuple[str | None, ...]]] = {}
    for crm_id, texte in zip(ecrits["crm_id"].tolist(), ecrits["vu"].tolist(), strict=True):
        for nom, vu in lecteur.decode(texte).items():
            par_champ.setdefault(nom, []).append((crm_id, vu.valeur, vu.le))
    colonnes = ("crm_id", "valeur", "le")
    return TempsCrm(
        {nom: cadre(colonnes, lignes).sort_values("le", kind="stable") for nom, lignes in par_champ.items()}, maintenant
    )


def a_retenir(
    lignes: "pd.DataFrame", groupe: "Sequence[Champ]", ecrits: "Mapping[str, pd.Index]", temps: TempsCrm
) -> "list[pd.DataFrame]":
    """Find the CRM values that are not the base after this decision: per field a frame `crm_id`, `champ`, `valeur`, `le`.

    `lignes`: one row per CRM row, with `crm_c` and the new base `nouvelle_c`; `ecrits`: per field the rows that we write,
    whose value is ours and not a person's.
    """
    parties = []
    for champ in groupe:
        nom = champ.nom
        autres = differe(lignes[f"crm_{nom}"], lignes[f"nouvelle_{nom}"], champ.genre)
        if nom in ecrits:
            autres.loc[ecrits[nom]] = False
        if autres.any():
            vues = lignes[autres]
            parties.append(vues[["crm_id"]].assign(champ=nom, valeur=vues[f"crm_{nom}"], le=temps.dater(vues, champ)))
    return parties

"""Which value wins, field by field: the base last synced, the source's value now, the CRM's value now.

    source changed   CRM changed      result
    no               no               untouched
    yes              no               source value
    no               yes              CRM value stays
    yes              yes, other       source value, reported as a conflict
    yes              yes, the same    untouched

A value that the source lacks (null, empty, absent) has not changed and never erases. Fields of one group are decided
together. Source of the rule: product.md, *The most recent wins*.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from crm_sync.domain.canonique import differe
from crm_sync.domain.types import Champ

if TYPE_CHECKING:
    import pandas as pd

CHANGEMENTS = ("crm_id", "source_id", "champ", "decision", "avant", "apres", "conflit", "modifie_a")


def par_decision(champs: Sequence[Champ]) -> Mapping[str, tuple[Champ, ...]]:
    """Group the fields that are decided together; a field without group stands alone under its own name."""
    groupes: dict[str, tuple[Champ, ...]] = {}
    for champ in champs:
        nom = champ.groupe or champ.nom
        groupes[nom] = (*groupes.get(nom, ()), champ)
    return groupes


def fusionner(lignes: "pd.DataFrame", champs: Sequence[Champ]) -> "pd.DataFrame":
    """Decide every field of rows that exist in the CRM.

    `lignes`: one row per source node, with `source_id`, `crm_id`, `modifie_a`, and per field `c` the columns `c` (source),
    `base_c` (NA at a first meeting) and `crm_c`. Returns one row per CRM row and field to be written, columns
    `CHANGEMENTS`; where several source nodes are one CRM row, the latest source time decides (tie: lowest source id).
    """
    import pandas as pd

    parties: list[pd.DataFrame] = []
    for decision, groupe in par_decision(champs).items():
        source_change = reduce(
            or_,
            (lignes[c.nom].notna() & differe(lignes[c.nom], lignes[f"base_{c.nom}"], c.genre) for c in groupe),
        )
        if not source_change.any():
            continue
        candidates = lignes[source_change]
        a_ecrire = {
            c.nom: candidates[c.nom].notna() & differe(candidates[c.nom], candidates[f"crm_{c.nom}"], c.genre)
            for c in groupe
        }
        crm_change = reduce(
            or_,
            (
                candidates[f"crm_{c.nom}"].notna()
                & differe(candidates[f"crm_{c.nom}"], candidates[f"base_{c.nom}"], c.genre)
                for c in groupe
            ),
        )
        parties.extend(
            pd.DataFrame(
                {
                    "crm_id": candidates["crm_id"],
                    "source_id": candidates["source_id"],
                    "champ": champ,
                    "decision": decision,
                    "avant": candidates[f"crm_{champ}"],
                    "apres": candidates[champ],
                    "conflit": crm_change,
                    "modifie_a": candidates["modifie_a"],
                    "a_ecrire": masque,
                }
            )
            for champ, masque in a_ecrire.items()
        )
    if not parties:
        return pd.DataFrame(columns=list(CHANGEMENTS))
    gagnants = _plus_recent(pd.concat(parties, ignore_index=True))
    return gagnants[gagnants["a_ecrire"].astype(bool)].drop(columns="a_ecrire")


def _plus_recent(changements: "pd.DataFrame") -> "pd.DataFrame":
    """Keep, per CRM row and decision, what the source node with the latest time says."""
    gagnants = changements.sort_values(
        ["modifie_a", "source_id"], ascending=[False, True], na_position="last", kind="stable"
    ).drop_duplicates(["crm_id", "decision"])[["crm_id", "decision", "source_id"]]
    return changements.merge(gagnants, on=["crm_id", "decision", "source_id"])


def reunir(lignes: "pd.DataFrame", champs: Sequence[Champ], cible: str) -> "pd.DataFrame":
    """Give the values of rows to be made: one row per distinct `cible`, the fields of all its source nodes together.

    Each decision takes the values of the node with the latest source time that has any (tie: lowest source id).
    """
    ordonnees = lignes.sort_values(
        ["modifie_a", "source_id"], ascending=[False, True], na_position="last", kind="stable"
    )
    seules = ordonnees.drop_duplicates(cible)
    if len(seules) == len(lignes):
        return seules
    resultat = seules.set_index(cible)
    for groupe in par_decision(champs).values():
        noms = [c.nom for c in groupe]
        vides = reduce(and_, (ordonnees[nom].isna() for nom in noms))
        dites = ordonnees[~vides].drop_duplicates(cible).set_index(cible)
        for nom in noms:
            resultat[nom] = dites[nom].reindex(resultat.index)
    return resultat.reset_index()

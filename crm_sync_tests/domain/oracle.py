"""The rules of the domain once more, slow and obvious: one row, one field, one prospect at a time.

The domain decides on whole tables; what it decides is compared with this. Nothing here is fast, and nothing here is
shared with what it judges, save the canonical form of a value, which has tests of its own. Who is who is in
`oracle_identite`.
"""

from collections.abc import Mapping, Sequence

from crm_sync.domain.canonique import GENRES
from crm_sync.domain.types import Champ

Ligne = Mapping[str, str | None]


def memes_valeurs(a: str | None, b: str | None, champ: Champ) -> bool:
    """Whether two values are one; nothing is nothing's equal only."""
    if a is None or b is None:
        return a is b
    return a == b or GENRES[champ.genre](a) == GENRES[champ.genre](b)


def groupes(champs: Sequence[Champ]) -> list[list[Champ]]:
    """The fields that are decided together."""
    noms = dict.fromkeys(champ.groupe or champ.nom for champ in champs)
    return [[champ for champ in champs if (champ.groupe or champ.nom) == nom] for nom in noms]


def plus_recent(noeuds: Sequence[Ligne]) -> Ligne:
    """The node with the latest source time; of equals, and of those without a time, the one with the lowest id."""
    dates = [noeud["modifie_a"] for noeud in noeuds if noeud["modifie_a"] is not None]
    derniers = [noeud for noeud in noeuds if noeud["modifie_a"] == max(dates)] if dates else noeuds
    return min(derniers, key=lambda noeud: str(noeud["source_id"]))


# --- Rows to be made of several nodes (what exists: `oracle_fusion`)


def reunion(noeuds: Sequence[Ligne], champs: Sequence[Champ]) -> dict[str, dict[str, str | None]]:
    """CRM id → the values of a row that is to be made of these nodes."""
    lignes = {}
    for crm_id in {str(noeud["crm_id"]) for noeud in noeuds}:
        miens = [noeud for noeud in noeuds if noeud["crm_id"] == crm_id]
        ligne: dict[str, str | None] = {}
        for groupe in groupes(champs):
            disants = [noeud for noeud in miens if any(noeud[champ.nom] is not None for champ in groupe)]
            dit = plus_recent(disants) if disants else {}
            ligne |= {champ.nom: dit.get(champ.nom) for champ in groupe}
        lignes[crm_id] = ligne
    return lignes

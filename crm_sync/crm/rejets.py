"""What is put aside, kept open as long as it is, with the date it first was.

Grain: one open row of `rejet` per stage and node. Each stage states what it puts aside now; what it no longer states
closes itself.
"""

from collections.abc import Iterable

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.requetes import requete
from crm_sync.domain.motifs import MOTIFS
from crm_sync.domain.types import REJETS

RejetDuMoment = tuple[str | None, ...]
"""A row in the order of `domain.types.REJETS`, preceded by the key of the prospect that carries it."""


def constater(connexion: Connexion, etape: str, rejets: Iterable[RejetDuMoment], porteurs: list[str] | None) -> int:
    """State what a stage puts aside, for these prospects or, with None, for all; inside the caller's transaction.

    Returns how many lines were stated.
    """
    lignes = list(rejets)
    colonnes: dict[str, list[str | None]] = {
        nom: [ligne[rang] for ligne in lignes] for rang, nom in enumerate(("porteur", *REJETS))
    }
    textes = [MOTIFS[str(motif)] for motif in colonnes["motif"]]
    parametres = {"etape": etape, **colonnes}
    connexion.execute(requete("normalises.fermer_rejets"), {**parametres, "porteurs": porteurs})
    if lignes:
        dits = {"raison": [t.raison for t in textes], "que_faire": [t.que_faire for t in textes]}
        connexion.execute(requete("normalises.ouvrir_rejets"), {**parametres, **dits})
    return len(lignes)

"""Possible duplicates, and what people decided of two records.

Grain: `doublon_possible` one row per unordered pair (`client:ID` or `prospect:ID`), open until somebody decides; `decision`
one row per ordered pair. A decision is read by `domain.identity` at every sync, and beats whatever evidence there is.
"""

from typing import TYPE_CHECKING

from crm_sync.crm.connexion import Bases
from crm_sync.crm.copie import provisoire, textes, verser
from crm_sync.crm.requetes import requete
from crm_sync.domain.identity import Decisions

if TYPE_CHECKING:
    import pandas as pd

COLONNES = ["id_a", "id_b", "regle", "preuve"]


def decisions(bases: Bases) -> Decisions:
    """Read what people decided."""
    lignes = bases.connexion("sync").execute(requete("doublons.decisions")).fetchall()
    return Decisions.depuis((str(verdict), str(a), str(b)) for verdict, a, b in lignes)


def signaler(bases: Bases, paires: "pd.DataFrame") -> None:
    """Report pairs; one that is reported already stays as it is."""
    if paires.empty:
        return
    with bases.transaction("sync") as connexion, provisoire(connexion, "paires", textes(COLONNES)) as table:
        verser(connexion, table, paires[COLONNES])
        connexion.execute(requete("doublons.signaler"))

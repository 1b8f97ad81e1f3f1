"""Plans, what became of them, and the links they settle: the record of every decision.

Order of a lot: planned (plan rows and the ids of new rows are stored) → applied (`crm.apply`, in the service's own
database) → settled (links carry the new base, the lot is closed). A crash between any two leaves enough to go on: a
link `prevu` is written under the same id, a lot without an end is looked up where it would have been applied.
"""

from typing import TYPE_CHECKING
from uuid import uuid4

from psycopg import sql

from crm_sync.crm.apply import est_applique
from crm_sync.crm.connexion import Bases
from crm_sync.crm.copie import verser
from crm_sync.crm.requetes import requete

if TYPE_CHECKING:
    import pandas as pd

DECIDES = ("source_id", "crm_id", "empreinte", "regle", "preuve", "parent_id", "commercial_id")


def reprendre(bases: Bases, entite: str) -> None:
    """Close the lots that a crash left open, by what the service's database says of them.

    Links and bases need no repair: what was written and not settled is met again as equal, what was not is decided anew.
    """
    connexion = bases.connexion("sync")
    for (lot_id,) in connexion.execute(requete("journal.lots_en_suspens"), {"entite": entite}).fetchall():
        etat = "applique" if est_applique(bases, entite, lot_id) else "abandonne"
        connexion.execute(requete("journal.clore_lot"), {"lot_id": lot_id, "etat": etat})


def prevoir(
    bases: Bases, synchronisation_id: str, entite: str, plan: "pd.DataFrame", nouveaux: "pd.DataFrame"
) -> str:
    """Store a plan and the links of the rows it makes, before anything is written; gives the lot's id.

    `nouveaux`: one row per source node that gets a new CRM row, with `source_id`, `crm_id`, `regle`, `preuve`.
    """
    connexion = bases.connexion("sync")
    lot_id = str(uuid4())
    with connexion.transaction():
        connexion.execute(
            requete("journal.nouveau_lot"),
            {"lot_id": lot_id, "synchronisation_id": synchronisation_id, "entite": entite},
        )
        verser(
            connexion,
            sql.Identifier("crm_sync", "plan"),
            plan[["crm_id", "action", "champs", "regle", "preuve"]].assign(lot_id=lot_id),
        )
        verser(
            connexion,
            sql.Identifier("crm_sync", "lien_externe"),
            nouveaux[["source_id", "crm_id", "regle", "preuve"]].assign(entite=entite, etat="prevu"),
        )
    return lot_id


def regler(
    bases: Bases, reglement: str, entite: str, lot_id: str | None, decides: "pd.DataFrame", refuses: set[str]
) -> None:
    """Settle a lot: links of what was decided carry its version and base; what was refused stays open.

    `reglement` names the statement that writes the links; `decides` has the columns `DECIDES` of the nodes to settle.
    """
    connexion = bases.connexion("sync")
    with connexion.transaction():
        connexion.execute(requete("journal.table_decides"))
        verser(connexion, sql.Identifier("decides"), decides[[c for c in DECIDES if c in decides]])
        connexion.execute(requete(reglement))
        if lot_id is None:
            return
        if refuses:
            parametres = {"lot_id": lot_id, "entite": entite, "crm_ids": sorted(refuses)}
            connexion.execute(requete("journal.refuser"), parametres)
            connexion.execute(requete("journal.annuler_prevus"), parametres)
        connexion.execute(requete("journal.clore_lot"), {"lot_id": lot_id, "etat": "applique"})

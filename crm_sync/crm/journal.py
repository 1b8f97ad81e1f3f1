"""Plans, what became of them, and the links they settle: the record of every decision.

Order of a lot: planned (plan rows and the links of new rows are stored) → applied (`crm.apply`, in the service's own
database) → settled (the other links carry their new base, the lot is closed). A crash between any two leaves enough to go
on: a lot without an end is looked up where it would have been applied, and a planned row is written under the same id.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from psycopg import sql

from crm_sync.crm.apply import refus_du_lot
from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.copie import verser
from crm_sync.crm.requetes import requete
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pandas as pd

DECIDES = ("source_id", "crm_id", "empreinte", "regle", "preuve", "parent_id", "commercial_id")


def reprendre(bases: Bases, entite: str) -> None:
    """Close the lots that a crash left open, by what the service's database says of them.

    Of a lot that was applied the links of new rows are written, and what it changed is met again as equal. One that was not
    leaves its links planned: their rows are made under the same ids.
    """
    connexion = bases.connexion("sync")
    for (lot_id,) in connexion.execute(requete("journal.lots_en_suspens"), {"entite": entite}).fetchall():
        refuses = refus_du_lot(bases, entite, lot_id)
        with connexion.transaction():
            if refuses is None:
                connexion.execute(requete("journal.rouvrir_prevus"), {"lot_id": lot_id})
                _clore(connexion, lot_id, "abandonne")
            else:
                _clore_applique(connexion, lot_id, refuses)


def prevoir(
    bases: Bases,
    synchronisation_id: str,
    entite: str,
    reglement: str,
    plan: "pd.DataFrame",
    crees: "pd.DataFrame",
    encore_titulaire: Callable[[], None],
) -> str:
    """Store a plan and the links of the rows it makes, before anything is written; gives the lot's id.

    `crees`: the decisions (columns `DECIDES`) whose CRM row the plan makes; their links are planned until the lot is closed.
    `encore_titulaire` raises when this sync has lost its lock: its ids would take the place of those of the one that has it.
    """
    connexion = bases.connexion("sync")
    lot_id = str(uuid4())
    champs = [c.nom for c in CHAMPS[entite]]
    with connexion.transaction():
        connexion.execute(
            requete("journal.nouveau_lot"),
            {"lot_id": lot_id, "synchronisation_id": synchronisation_id, "entite": entite},
        )
        connexion.execute(
            sql.SQL(
                "create temporary table plan_recu (crm_id text, action text, champs text, regle text, preuve text, {})"
                " on commit drop"
            ).format(sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(c)) for c in champs))
        )
        verser(
            connexion,
            sql.Identifier("plan_recu"),
            plan[["crm_id", "action", "champs", "regle", "preuve", *champs]],
        )
        garder: Any = requete("journal.garder_plan").decode()
        valeurs = sql.SQL(", ").join(sql.Identifier("r", c) for c in champs)
        connexion.execute(sql.SQL(garder).format(valeurs=valeurs), {"lot_id": lot_id})
        _lier(connexion, reglement, crees.assign(lot_id=lot_id))
        encore_titulaire()
    return lot_id


def regler(
    bases: Bases,
    reglement: str,
    lot_id: str | None,
    decides: "pd.DataFrame",
    refuses: set[str],
    encore_titulaire: Callable[[], None],
) -> None:
    """Settle what was decided: links carry its version and base, the lot is closed; what was refused stays open.

    `reglement` names the statement that writes the links; `decides` (columns `DECIDES`) are the nodes whose CRM row existed.
    """
    connexion = bases.connexion("sync")
    with connexion.transaction():
        _lier(connexion, reglement, decides)
        if lot_id is not None:
            _clore_applique(connexion, lot_id, refuses)
        encore_titulaire()


def _lier(connexion: Connexion, reglement: str, decides: "pd.DataFrame") -> None:
    if decides.empty:
        return
    connexion.execute(requete("journal.table_decides"))
    verser(connexion, sql.Identifier("decides"), decides[[c for c in (*DECIDES, "lot_id") if c in decides]])
    connexion.execute(requete(reglement))
    connexion.execute("drop table decides")


def _clore_applique(connexion: Connexion, lot_id: str, refuses: set[str]) -> None:
    if refuses:
        parametres = {"lot_id": lot_id, "crm_ids": sorted(refuses)}
        connexion.execute(requete("journal.refuser"), parametres)
        connexion.execute(requete("journal.annuler_prevus"), parametres)
    connexion.execute(requete("journal.noter_historique"), {"lot_id": lot_id})
    _clore(connexion, lot_id, "applique")


def _clore(connexion: Connexion, lot_id: str, etat: str) -> None:
    connexion.execute(requete("journal.clore_lot"), {"lot_id": lot_id, "etat": etat})

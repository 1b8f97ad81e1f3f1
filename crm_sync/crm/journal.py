"""Plans, what became of them, and the links they settle: the record of every decision.

Order of a lot: planned (plan rows and the links of new rows are stored) → applied (`crm.apply`, in the service's own
database) → settled (the other links carry their new base, the lot is closed). A crash between any two leaves enough to go
on: a lot without an end is looked up where it would have been applied, and a planned row is written under the same id.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from psycopg import sql

from crm_sync.crm.apply import Application, application_du_lot
from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.copie import provisoire, verser
from crm_sync.crm.copie import textes as colonnes_de_texte
from crm_sync.crm.requetes import requete
from crm_sync.domain.plan import en_json
from crm_sync.domain.temps import temps_source
from crm_sync.domain.types import CHAMPS, parmi, textes

if TYPE_CHECKING:
    import pandas as pd

LIENS = ["entite", "source_id", "crm_id", "lot_id", "regle", "preuve", "base", "empreinte"]
TEMPS = ["source_modifie_a", "source_le", "vu"]
PLAN = ["lot_id", "crm_id", "action", "valeurs", "champs", "regle", "preuve"]


def reprendre(bases: Bases, entite: str) -> None:
    """Close the lots that a crash left open, by what the service's database says of them.

    Of a lot that was applied the links of new rows are written, and what it changed is met again as equal. One that was not
    leaves its links planned: their rows are made under the same ids.
    """
    connexion = bases.connexion("sync")
    for (lot_id,) in connexion.execute(requete("journal.lots_en_suspens"), {"entite": entite}).fetchall():
        application = application_du_lot(bases, entite, lot_id)
        with connexion.transaction():
            if application is None:
                connexion.execute(requete("journal.rouvrir_prevus"), {"lot_id": lot_id})
                _clore(connexion, lot_id, "abandonne", None)
            else:
                _clore_applique(connexion, lot_id, application)


def prevoir(
    bases: Bases,
    synchronisation_id: str,
    entite: str,
    lot_id: str,
    plan: "pd.DataFrame",
    crees: "pd.DataFrame",
    encore_titulaire: Callable[[], None],
) -> None:
    """Store a plan and the links of the rows it makes, before any of them can be seen.

    `crees`: the decisions whose CRM row the plan makes (see `_lier`); their links are planned until the lot is closed.
    `encore_titulaire` raises when this sync has lost its lock: its ids would take the place of those of the one that has it.
    """
    connexion = bases.connexion("sync")
    a_creer = plan["action"] == "creation"
    a_garder = plan.assign(lot_id=lot_id, valeurs=None)
    creations = parmi(plan, a_creer)
    a_garder.loc[a_creer, "valeurs"] = en_json({c.nom: textes(creations[c.nom]) for c in CHAMPS[entite]})
    encore_titulaire()  # else the one that has the lock may have made these links already
    with connexion.transaction():
        connexion.execute(
            requete("journal.nouveau_lot"),
            {"lot_id": lot_id, "synchronisation_id": synchronisation_id, "entite": entite},
        )
        verser(connexion, sql.Identifier("crm_sync", "plan"), a_garder[PLAN])
        _lier(connexion, entite, crees.assign(lot_id=lot_id))
        encore_titulaire()


def regler(
    bases: Bases,
    entite: str,
    lot_id: str | None,
    decides: "pd.DataFrame",
    freres: "pd.DataFrame",
    application: Application | None,
    encore_titulaire: Callable[[], None],
) -> None:
    """Settle what was decided: links carry its version and base, the lot is closed; what was refused stays open.

    `decides`: the decisions whose CRM row existed (see `_lier`); `freres`: other nodes of the same rows, whose links get the
    row's base and nothing else.
    """
    connexion = bases.connexion("sync")
    with connexion.transaction():
        _lier(connexion, entite, decides.assign(lot_id=None))
        if not freres.empty:
            _accorder(connexion, entite, freres)
        if lot_id is not None and application is not None:
            _clore_applique(connexion, lot_id, application)
        encore_titulaire()


def clore(bases: Bases, lot_id: str, application: Application) -> None:
    """Close a lot that settles no links."""
    connexion = bases.connexion("sync")
    with connexion.transaction():
        _clore_applique(connexion, lot_id, application)


def _lier(connexion: Connexion, entite: str, decides: "pd.DataFrame") -> None:
    """Write the links of decided nodes, with the values now common to both sides as their base.

    A value that the source lacks leaves the base as it was. `etat` is NA for who has no link yet: those go in by COPY alone.
    """
    from pyarrow import compute as pc

    if decides.empty:
        return
    champs = [c.nom for c in CHAMPS[entite]]
    bases = {nom: pc.coalesce(textes(decides[nom]), textes(decides[f"base_{nom}"])) for nom in champs}
    liens = decides[["source_id", "crm_id", "lot_id", "regle", "preuve", "empreinte", "vu"]].assign(
        entite=entite, base=en_json(bases), source_modifie_a=decides["modifie_a"], source_le=temps_source(decides)
    )
    nouveau = decides["etat"].isna()
    verser(connexion, sql.Identifier("crm_sync", "lien_externe"), parmi(liens[[*LIENS, *TEMPS]], nouveau))
    if not nouveau.all():
        connexion.execute(requete("journal.table_liens"))
        verser(connexion, sql.Identifier("liens"), parmi(liens[[*LIENS, *TEMPS]], ~nouveau))
        connexion.execute(requete("journal.relier"))
        connexion.execute("drop table liens")


def _accorder(connexion: Connexion, entite: str, freres: "pd.DataFrame") -> None:
    """Give the links of these nodes the base of their row: what one node said is then no edit of a person to another."""
    base = en_json({c.nom: textes(freres[f"base_{c.nom}"]) for c in CHAMPS[entite]})
    accordes = freres[["source_id", "vu"]].assign(base=base)
    with provisoire(connexion, "accordes", colonnes_de_texte(accordes.columns)) as table:
        verser(connexion, table, accordes)
        connexion.execute(requete("journal.accorder"), {"entite": entite})


def _clore_applique(connexion: Connexion, lot_id: str, application: Application) -> None:
    if application.refuses:
        parametres = {"lot_id": lot_id, "crm_ids": sorted(application.refuses)}
        connexion.execute(requete("journal.refuser"), parametres)
        connexion.execute(requete("journal.annuler_prevus"), parametres)
    connexion.execute(requete("journal.noter_historique"), {"lot_id": lot_id})
    _clore(connexion, lot_id, "applique", application.ecrit_a)


def _clore(connexion: Connexion, lot_id: str, etat: str, ecrit_a: str | None) -> None:
    connexion.execute(requete("journal.clore_lot"), {"lot_id": lot_id, "etat": etat, "ecrit_a": ecrit_a})

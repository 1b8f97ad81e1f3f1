"""Plans, what became of them, and the links they settle: the record of every decision.

Order of a lot: planned (plan rows and the links of new rows are stored) → applied (`crm.apply`, in the service's own
database) → settled (the other links carry their new base, the lot is closed). A crash between any two leaves enough to go
on: a lot without an end is looked up where it would have been applied, and a planned row is written under the same id.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm.apply import Application, application_du_lot
from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.copie import provisoire, verser
from crm_sync.crm.copie import textes as colonnes_de_texte
from crm_sync.crm.requetes import requete
from crm_sync.domain.lots import avec, retenir
from crm_sync.domain.plan import bases_propres, en_json
from crm_sync.domain.temps import temps_source
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pyarrow as pa

DU_PLAN = ["crm_id", "action", "champs", "regle", "preuve"]
DU_NOEUD = ["source_id", "crm_id", "regle", "preuve", "empreinte"]


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
    plan: "pa.RecordBatch",
    crees: "pa.RecordBatch | None",
    encore_titulaire: Callable[[], None],
) -> None:
    """Store a plan and the links of the rows it makes, before any of them can be seen.

    `crees`: the nodes whose CRM row the plan makes (see `liens`); their links are planned until the lot is closed.
    `encore_titulaire` raises when this sync has lost its lock: its ids would take the place of those of the one that has it.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    connexion = bases.connexion("sync")
    a_creer = pc.equal(plan["action"], "creation")
    creations = retenir(plan, a_creer)
    valeurs = pa.array(en_json({c.nom: creations[c.nom] for c in CHAMPS[entite]}), pa.string())
    du_plan = avec(plan.select(DU_PLAN), {"lot_id": lot_id, "valeurs": None})
    a_garder = avec(du_plan, {"valeurs": pc.replace_with_mask(du_plan["valeurs"], a_creer, valeurs)})
    encore_titulaire()  # else the one that has the lock may have made these links already
    with connexion.transaction():
        connexion.execute(
            requete("journal.nouveau_lot"),
            {"lot_id": lot_id, "synchronisation_id": synchronisation_id, "entite": entite},
        )
        verser(connexion, sql.Identifier("crm_sync", "plan"), a_garder)
        if crees is not None:
            _lier(connexion, entite, lot_id, liens(crees, bases_propres(entite, crees)))
        encore_titulaire()


def regler(
    bases: Bases,
    entite: str,
    lot_id: str | None,
    decides: "pa.RecordBatch",
    freres: "pa.RecordBatch | None",
    application: Application | None,
    encore_titulaire: Callable[[], None],
) -> None:
    """Settle what was decided: links carry its version and base, the lot is closed; what was refused stays open.

    `decides`: the links of the nodes whose CRM row existed (see `liens`); `freres`: those of other nodes of the same rows,
    which get the row's base and what is remembered of it, nothing else.
    """
    connexion = bases.connexion("sync")
    with connexion.transaction():
        _lier(connexion, entite, None, decides)
        if freres is not None and freres.num_rows:
            _accorder(connexion, entite, freres)
        if lot_id is not None and application is not None:
            _clore_applique(connexion, lot_id, application)
        encore_titulaire()


def clore(bases: Bases, lot_id: str, application: Application) -> None:
    """Close a lot that settles no links."""
    connexion = bases.connexion("sync")
    with connexion.transaction():
        _clore_applique(connexion, lot_id, application)


def liens(noeuds: "pa.RecordBatch", bases: Mapping[str, Any], vus: Any = None) -> "pa.RecordBatch":
    """Give the links of decided nodes: one row per node, with the base of each field and what is to be remembered of its row.

    `noeuds`: see `domain.plan.dresser`; `etat` is null for who has no link yet.
    """
    import pyarrow as pa

    return avec(
        noeuds.select(DU_NOEUD),
        {
            "base": pa.array(en_json(bases), pa.string()),
            "source_modifie_a": noeuds["modifie_a"],
            "source_le": temps_source(noeuds),
            "vu": vus,
            "nouveau": noeuds["etat"].is_null(),
        },
    )


def _lier(connexion: Connexion, entite: str, lot_id: str | None, decides: "pa.RecordBatch") -> None:
    """Write links: those of who has none yet go in by COPY alone."""
    from pyarrow import compute as pc

    nouveau = decides["nouveau"]
    lignes = avec(decides.drop_columns("nouveau"), {"entite": entite, "lot_id": lot_id})
    verser(connexion, sql.Identifier("crm_sync", "lien_externe"), retenir(lignes, nouveau))
    connus = retenir(lignes, pc.invert(nouveau))
    if connus.num_rows:
        connexion.execute(requete("journal.table_liens"))
        verser(connexion, sql.Identifier("liens"), connus)
        connexion.execute(requete("journal.relier"))
        connexion.execute("drop table liens")


def _accorder(connexion: Connexion, entite: str, freres: "pa.RecordBatch") -> None:
    """Give the links of these nodes the base of their row: what one node said is then no edit of a person to another."""
    accordes = freres.select(["source_id", "vu", "base"])
    with provisoire(connexion, "accordes", colonnes_de_texte(accordes.schema.names)) as table:
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

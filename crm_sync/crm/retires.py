"""Rows that the CRM marks as deleted: matched like the others, never written, never revived, always reported.

Source of the rule: product.md, *Soft-deleted in the CRM*. What hangs on a client or a sales rep still goes to it, so their links
are made; a client's prospect is settled with nothing written, everything else waits until the row is put back.
"""

from typing import TYPE_CHECKING

from crm_sync.crm import journal
from crm_sync.crm.requetes import requete
from crm_sync.crm.snapshot import retirees
from crm_sync.domain.lots import avec
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from crm_sync.crm.connexion import Bases

MOTIF = "ligne_retiree"


def regler(
    bases: "Bases", entite: str, decisions: "pa.RecordBatch", encore_titulaire: "Callable[[], None]"
) -> frozenset[str]:
    """Settle the links of nodes whose row is marked as deleted, and give those that are put aside.

    Their base stays what it was: nothing was applied.
    """
    if not decisions.num_rows:
        return frozenset()
    regles = decisions
    if entite == "apporteur":
        regles = avec(decisions, {"empreinte": None})
    if entite in {"client", "apporteur"}:
        anciennes = {c.nom: decisions[f"base_{c.nom}"] for c in CHAMPS[entite]}
        liens = journal.liens(regles, anciennes, decisions["vu"])
        journal.regler(bases, entite, None, liens, None, None, encore_titulaire)
    return frozenset() if entite == "client" else frozenset(decisions["source_id"].to_pylist())


def clients_retires(bases: "Bases") -> list[tuple[str, str | None, int, str]]:
    """Give the prospects whose client is marked as deleted, to be reported; each stands for no node, it is settled."""
    marques = sorted(retirees(bases, "client"))
    if not marques:
        return []
    lies = bases.connexion("sync").execute(requete("retires.clients_lies"), {"crm_ids": marques})
    return [(source_id, source_id, 0, MOTIF) for (source_id,) in lies]


def reprendre_les_retablis(bases: "Bases") -> None:
    """Have the prospects decided anew whose client was marked as deleted and is no longer."""
    if bases.crm["client"].deleted_at is None:
        return
    connexion = bases.connexion("sync")
    signales = dict(connexion.execute(requete("retires.clients_signales"), {"motif": MOTIF}).fetchall())
    encore = retirees(bases, "client", sorted(set(signales.values())))
    retablis = [source_id for source_id, crm_id in signales.items() if crm_id not in encore]
    if retablis:
        connexion.execute(requete("retires.reouvrir"), {"source_ids": retablis})

"""The one writer to the CRM: a plan goes in by COPY and is applied by one guarded statement per action.

One transaction per lot, which also marks there that the lot was applied, and what of it was not: after a crash the mark
tells what happened. A
row that somebody changed since the snapshot, or made under the same unique key, is left as it is and handed back.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

from psycopg import sql

from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.copie import verser
from crm_sync.crm.mapping import TABLES, TableCrm
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pandas as pd

Ensuite = Callable[[Connexion, list[str]], None]
"""What belongs to the written rows in their database: runs in the writing transaction, where the temporary table
`plan_du_lot` holds the plan; given the ids that were not written."""

VERROU_APPLY = 7_341_226
"""Key of the advisory lock that two writers of one database never hold together, whatever became of the sync's lock."""


def appliquer(
    bases: Bases,
    entite: str,
    lot_id: str | None,
    lignes: "pd.DataFrame",
    *,
    garde: Callable[[], AbstractContextManager[None]],
    ensuite: Ensuite = lambda _connexion, _refuses: None,
) -> set[str]:
    """Apply a plan in one transaction; gives the CRM ids that were written. An empty plan has no lot.

    `garde` is entered around the commit, and raises where there must be none.

    Raises:
        WriteError: the database refused; nothing of the lot is there.
        DatabaseUnavailableError: the connection broke or a right is missing; nothing of the lot is there.
    """
    table = TABLES[entite]
    champs = [c.nom for c in CHAMPS[entite]]
    with ExitStack() as transaction:
        connexion = transaction.enter_context(bases.transaction(table.service))
        connexion.execute("select pg_advisory_xact_lock(%s)", (VERROU_APPLY,))
        connexion.execute(
            sql.SQL(
                "create temporary table plan_du_lot (crm_id text primary key, action text, jeton text, a_ecrire text[], {})"
                " on commit drop"
            ).format(sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(c)) for c in champs))
        )
        verser(
            connexion,
            sql.Identifier("plan_du_lot"),
            lignes[["crm_id", "action", "jeton", "a_ecrire", *champs]],
        )
        ecrits: set[str] = set()
        if (lignes["action"] == "creation").any():
            ecrits.update(ligne[0] for ligne in connexion.execute(_insertion(table, champs)))
        if (lignes["action"] == "modification").any():
            ecrits.update(ligne[0] for ligne in connexion.execute(_mise_a_jour(table, champs)))
        refuses = sorted(set(lignes["crm_id"]) - ecrits)
        ensuite(connexion, refuses)
        if lot_id is not None:
            connexion.execute("insert into crm_sync.lot_applique (lot_id, refuses) values (%s, %s)", (lot_id, refuses))
        with garde():
            transaction.close()
    return ecrits


def refus_du_lot(bases: Bases, entite: str, lot_id: str) -> set[str] | None:
    """Give the rows of an applied lot that were not written, None of a lot that the CRM does not hold.

    The answer that survives a crash between two databases; a writer that is still at it is waited for.
    """
    with bases.transaction(TABLES[entite].service) as connexion:
        connexion.execute("select pg_advisory_xact_lock(%s)", (VERROU_APPLY,))
        ligne = connexion.execute("select refuses from crm_sync.lot_applique where lot_id = %s", (lot_id,)).fetchone()
    return set(ligne[0]) if ligne else None


def _insertion(table: TableCrm, champs: list[str]) -> sql.Composed:
    return sql.SQL(
        "insert into {table} (id, {colonnes}) "
        "select crm_id::{type_id}, {valeurs} from plan_du_lot where action = 'creation' "
        "on conflict do nothing returning id::text"
    ).format(
        table=table.nom,
        colonnes=sql.SQL(", ").join(table.colonne(c) for c in champs),
        type_id=sql.SQL(table.type_id),
        valeurs=sql.SQL(", ").join(sql.SQL("{}::{}").format(sql.Identifier(c), table.type(c)) for c in champs),
    )


def _mise_a_jour(table: TableCrm, champs: list[str]) -> sql.Composed:
    return sql.SQL(
        "update {table} as t set {affectations}, updated_at = now() from plan_du_lot as p "
        "where p.action = 'modification' and t.id = p.crm_id::{type_id} and t.xmin::text = p.jeton "
        "returning t.id::text"
    ).format(
        table=table.nom,
        type_id=sql.SQL(table.type_id),
        affectations=sql.SQL(", ").join(
            sql.SQL("{col} = case when {nom} = any(p.a_ecrire) then p.{champ}::{genre} else t.{col} end").format(
                col=table.colonne(c), nom=sql.Literal(c), champ=sql.Identifier(c), genre=table.type(c)
            )
            for c in champs
        ),
    )

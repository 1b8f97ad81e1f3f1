"""The one writer to the CRM: a plan goes in by COPY and is applied by one guarded statement per action.

One transaction per lot, which also marks there that the lot was applied, and what of it was not: after a crash the mark
tells what happened. A
row that somebody changed since the snapshot, or made under the same unique key, is left as it is and handed back.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.copie import provisoire, textes, verser
from crm_sync.crm.correspondance import TableCrm
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pandas as pd

Ensuite = Callable[[Connexion, list[str]], None]
"""What belongs to the written rows in their database: runs in the writing transaction, where the temporary table
`plan_du_lot` holds the plan; given the ids that were not written."""

VERROU_APPLY = 7_341_226
"""Key of the advisory lock that two writers of one database never hold together, whatever became of the sync's lock."""


@dataclass(frozen=True, slots=True)
class Application:
    """What became of a lot: the CRM ids that were not written, and when the others were, as Postgres prints it in UTC."""

    refuses: frozenset[str]
    ecrit_a: str


def appliquer(
    bases: Bases,
    entite: str,
    lot_id: str | None,
    lignes: "pd.DataFrame",
    *,
    garde: Callable[[], AbstractContextManager[None]],
    ensuite: Ensuite = lambda _connexion, _refuses: None,
) -> Application:
    """Apply a plan in one transaction. An empty plan has no lot.

    `garde` is entered around the commit, and raises where there must be none.

    Raises:
        WriteError: the database refused; nothing of the lot is there.
        DatabaseUnavailableError: the connection broke or a right is missing; nothing of the lot is there.
    """
    table = bases.crm[entite]
    champs = [c.nom for c in CHAMPS[entite]]
    a_ecrire = lignes[lignes["action"] != "conflit"]
    with ExitStack() as transaction:
        connexion = transaction.enter_context(bases.transaction(table.service))
        connexion.execute("select pg_advisory_xact_lock(%s)", (VERROU_APPLY,))
        colonnes = sql.SQL("crm_id text primary key, action text, jeton text, a_ecrire text[], {}").format(
            textes(champs)
        )
        with provisoire(connexion, "plan_du_lot", colonnes) as plan:
            verser(connexion, plan, a_ecrire[["crm_id", "action", "jeton", "a_ecrire", *champs]])
            ecrits: set[str] = set()
            for action in sorted(set(a_ecrire["action"])):
                ecrits.update(ligne[0] for ligne in connexion.execute(_instruction(action, table, champs)))
            refuses = frozenset(set(a_ecrire["crm_id"]) - ecrits)
            ensuite(connexion, sorted(refuses))
        ecrit_a = _marquer(connexion, lot_id, refuses)
        with garde():
            transaction.close()
    return Application(refuses, ecrit_a)


def _marquer(connexion: Connexion, lot_id: str | None, refuses: frozenset[str]) -> str:
    """Leave the mark of an applied lot, in the transaction that applied it; gives the time of that transaction."""
    if lot_id is not None:
        parametres = (lot_id, sorted(refuses))
        connexion.execute("insert into crm_sync.lot_applique (lot_id, refuses) values (%s, %s)", parametres)
    ligne = connexion.execute("select now()::text").fetchone()
    return str(ligne and ligne[0])


def application_du_lot(bases: Bases, entite: str, lot_id: str) -> Application | None:
    """Tell what became of a lot, None of one that the CRM does not hold.

    The answer that survives a crash between two databases; a writer that is still at it is waited for.
    """
    with bases.transaction(bases.crm[entite].service) as connexion:
        connexion.execute("select pg_advisory_xact_lock(%s)", (VERROU_APPLY,))
        requete = "select refuses, applique_le::text from crm_sync.lot_applique where lot_id = %s"
        ligne = connexion.execute(requete, (lot_id,)).fetchone()
    return Application(frozenset(ligne[0]), str(ligne[1])) if ligne else None


def _insertion(table: TableCrm, champs: list[str]) -> sql.Composed:
    return sql.SQL(
        "insert into {table} ({id}, {colonnes}) "
        "select crm_id::{type_id}, {valeurs} from plan_du_lot where action = 'creation' "
        "on conflict do nothing returning {id}::text"
    ).format(
        table=table.nom,
        id=table.colonne("id"),
        type_id=sql.SQL(table.type("id")),
        colonnes=sql.SQL(", ").join(table.colonne(c) for c in champs),
        valeurs=sql.SQL(", ").join(sql.SQL("{}::{}").format(sql.Identifier(c), sql.SQL(table.type(c))) for c in champs),
    )


def _mise_a_jour(table: TableCrm, champs: list[str]) -> sql.Composed:
    return sql.SQL(
        "update {table} as t set {affectations}, {modifie_a} = now() from plan_du_lot as p "
        "where p.action = 'modification' and t.{id} = p.crm_id::{type_id} and t.xmin::text = p.jeton "
        "returning t.{id}::text"
    ).format(
        table=table.nom,
        modifie_a=table.colonne("updated_at"),
        id=table.colonne("id"),
        type_id=sql.SQL(table.type("id")),
        affectations=sql.SQL(", ").join(
            sql.SQL("{col} = case when {nom} = any(p.a_ecrire) then p.{champ}::{genre} else t.{col} end").format(
                col=table.colonne(c), nom=sql.Literal(c), champ=sql.Identifier(c), genre=sql.SQL(table.type(c))
            )
            for c in champs
        ),
    )


def _suppression(table: TableCrm, _champs: list[str]) -> sql.Composed:
    return sql.SQL(
        "delete from {table} as t using plan_du_lot as p where p.action = 'suppression' "
        "and t.{id} = p.crm_id::{type_id} and t.xmin::text = p.jeton returning t.{id}::text"
    ).format(table=table.nom, id=table.colonne("id"), type_id=sql.SQL(table.type("id")))


def _instruction(action: str, table: TableCrm, champs: list[str]) -> sql.Composed:
    """Give the statement of an action; a deletion is only ever planned where a person undoes a run."""
    instructions = {"creation": _insertion, "modification": _mise_a_jour, "suppression": _suppression}
    return instructions[action](table, champs)

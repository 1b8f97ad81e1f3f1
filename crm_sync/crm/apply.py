"""The one writer to the CRM: a plan goes in by COPY and is applied by one guarded statement per action.

One transaction per lot, which also marks there that the lot was applied, and what of it was not: after a crash the mark
tells what happened. A row that somebody holds or changed since the snapshot, or made under the same unique key, is left as it
is and handed back.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from crm_sync.crm.connexion import Bases, Connexion, la_ligne
from crm_sync.crm.conversions import constante, ecrite, instant_ecrit, instant_retenu
from crm_sync.crm.copie import provisoire, textes, verser
from crm_sync.crm.correspondance import TableCrm
from crm_sync.domain.types import CHAMPS
from crm_sync.errors import WriteError

if TYPE_CHECKING:
    import pyarrow as pa

Ensuite = Callable[[Connexion, list[str]], None]
"""What belongs to the written rows in their database: runs in the writing transaction, where the temporary table
`plan_du_lot` holds the plan; given the ids that were not written."""

TOUTES = sql.SQL("true")
SANS_CEUX_QUI_Y_SONT = sql.SQL("on conflict do nothing")
DATES = ("created_at", "updated_at")
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
    lignes: "pa.RecordBatch",
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
    from pyarrow import compute as pc

    table = bases.crm[entite]
    champs = [c.nom for c in CHAMPS[entite]]
    a_ecrire = lignes.filter(pc.not_equal(lignes["action"], "conflit"))
    with ExitStack() as transaction:
        connexion = transaction.enter_context(bases.transaction(table.service))
        connexion.execute("select pg_advisory_xact_lock(%s)", (VERROU_APPLY,))
        colonnes = sql.SQL("crm_id text primary key, action text, jeton text, a_ecrire text[], {}").format(
            textes(champs)
        )
        with provisoire(connexion, "plan_du_lot", colonnes) as plan:
            verser(connexion, plan, a_ecrire.select(["crm_id", "action", "jeton", "a_ecrire", *champs]))
            manques: set[str] = set()
            for action in sorted(a_ecrire["action"].unique().to_pylist()):
                manques.update(ligne[0] for ligne in connexion.execute(_instruction(action, table)))
                if action == "creation":
                    manques -= _inserer_un_par_un(connexion, table, sorted(manques))
            refuses = frozenset(manques)
            ensuite(connexion, sorted(refuses))
        ecrit_a = _marquer(connexion, table, lot_id, refuses)
        with garde():
            transaction.close()
    return Application(refuses, ecrit_a)


def _marquer(connexion: Connexion, table: TableCrm, lot_id: str | None, refuses: frozenset[str]) -> str:
    """Leave the mark of an applied lot, in the transaction that applied it; gives the time that its rows bear."""
    ecrit_a = instant_retenu(table, "updated_at", sql.SQL("now()"))
    if lot_id is None:
        curseur = connexion.execute(sql.SQL("select ({})::text").format(ecrit_a))
    else:
        marque = sql.SQL(
            "insert into crm_sync.lot_applique (lot_id, applique_le, refuses, transaction_id) "
            "values (%s, {}, %s, pg_current_xact_id()) returning applique_le::text"
        ).format(ecrit_a)
        curseur = connexion.execute(marque, (lot_id, sorted(refuses)))
    return str(la_ligne(curseur)[0])


def application_du_lot(bases: Bases, entite: str, lot_id: str) -> Application | None:
    """Tell what became of a lot, None of one that the CRM does not hold.

    The answer that survives a crash between two databases; a writer that is still at it is waited for.
    """
    with bases.transaction(bases.crm[entite].service) as connexion:
        connexion.execute("select pg_advisory_xact_lock(%s)", (VERROU_APPLY,))
        requete = "select refuses, applique_le::text from crm_sync.lot_applique where lot_id = %s"
        ligne = connexion.execute(requete, (lot_id,)).fetchone()
    return Application(frozenset(ligne[0]), str(ligne[1])) if ligne else None


def _insertion(
    table: TableCrm,
    lesquelles: sql.Composable = TOUTES,
    en_conflit: sql.Composable = SANS_CEUX_QUI_Y_SONT,
) -> sql.Composed:
    """Make rows: every mapped field, the constants of `insert`, and our time where a column wants one."""
    valeurs = {table.colonnes[c]: _ou_le_defaut(table, c) for c in table.champs}
    valeurs |= {table.colonnes[date]: _maintenant(table, date) for date in DATES if table.a(date)}
    valeurs |= {colonne: constante(table, colonne) for colonne in table.insert}
    return sql.SQL(
        "insert into {table} ({id}, {colonnes}) overriding system value "
        "select crm_id::{type_id}, {valeurs} from plan_du_lot where action = 'creation' and {lesquelles} "
        "{en_conflit} returning {id}::text as id"
    ).format(
        lesquelles=lesquelles,
        en_conflit=en_conflit,
        table=table.nom,
        id=table.colonne("id"),
        type_id=sql.SQL(table.type("id")),
        colonnes=sql.SQL(", ").join(map(sql.Identifier, valeurs)),
        valeurs=sql.SQL(", ").join(valeurs.values()),
    )


def _ou_le_defaut(table: TableCrm, champ: str) -> sql.Composed:
    """Give a value to insert; where there is none and the column must have one, its own default."""
    valeur = ecrite(table, champ, table.genre(champ), sql.Identifier(champ))
    defaut = table.obligatoires.get(table.colonnes[champ])
    return sql.SQL("coalesce({}, {})").format(valeur, sql.SQL(defaut)) if defaut else valeur


def _inserer_un_par_un(connexion: Connexion, table: TableCrm, crm_ids: list[str]) -> set[str]:
    """Find out why rows were not made: somebody has one of the same unique key, or something of theirs swallows ours.

    Gives those that could be made after all. The first that is made neither way stops the lot: a row that we cannot see is no
    reason to make another.

    Raises:
        WriteError: a trigger of theirs let a row disappear.
    """
    faites: set[str] = set()
    for crm_id in crm_ids:
        instruction = _insertion(table, sql.SQL("crm_id = {}").format(sql.Literal(crm_id)), sql.SQL(""))
        try:
            with connexion.transaction():
                ligne = connexion.execute(instruction).fetchone()
        except (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation):
            continue
        if ligne is None:
            raise WriteError(
                f"Une ligne destinée à {table.schema}.{table.table} disparaît à l'insertion : un déclencheur de cette table "
                "ou une règle la retient. La transaction est annulée. Corriger le déclencheur, puis relancer."
            )
        faites.add(crm_id)
    return faites


def _mise_a_jour(table: TableCrm) -> sql.Composed:
    """Change rows: of the fields that we may update those that the plan names; their counters move on with it.

    A row that somebody holds is left to them, like one that they changed: waiting for it we would hold up whoever wants one of
    the others. The lock is that of an update that changes no key: who refers to the row is not in its way. Rows are found by
    their ids: a hash join alone would read their whole table, twice, for the one row that changed.
    """
    affectations = [
        sql.SQL("{col} = case when {nom} = any(p.a_ecrire) then {valeur} else t.{col} end").format(
            col=table.colonne(c),
            nom=sql.Literal(c),
            valeur=ecrite(table, c, table.genre(c), sql.SQL("p.{}").format(sql.Identifier(c))),
        )
        for c in table.champs
        if table.modifiable(c)
    ]
    if table.a("updated_at"):
        affectations.append(sql.SQL("{} = {}").format(table.colonne("updated_at"), _maintenant(table, "updated_at")))
    affectations += [
        sql.SQL("{col} = coalesce(t.{col}, 0) + 1").format(col=sql.Identifier(compteur)) for compteur in table.increment
    ]
    return sql.SQL(
        "with libres as materialized (select t.{id} as id from {table} as t join plan_du_lot as p "
        "on t.{id} = p.crm_id::{type_id} and t.xmin::text = p.jeton where p.action = 'modification' and t.{id} = any({ids}) "
        "for no key update of t skip locked) "
        "update {table} as t set {affectations} from plan_du_lot as p join libres as l on l.id = p.crm_id::{type_id} "
        "where p.action = 'modification' and t.{id} = p.crm_id::{type_id} and t.xmin::text = p.jeton and t.{id} = any({ids}) "
        "returning t.{id}::text as id"
    ).format(
        ids=_ids_du_lot(table, "modification"),
        table=table.nom,
        id=table.colonne("id"),
        type_id=sql.SQL(table.type("id")),
        affectations=sql.SQL(", ").join(affectations),
    )


def _suppression(table: TableCrm) -> sql.Composed:
    return sql.SQL(
        "delete from {table} as t using plan_du_lot as p where p.action = 'suppression' and t.{id} = any({ids}) "
        "and t.{id} = p.crm_id::{type_id} and t.xmin::text = p.jeton returning t.{id}::text as id"
    ).format(
        table=table.nom,
        id=table.colonne("id"),
        type_id=sql.SQL(table.type("id")),
        ids=_ids_du_lot(table, "suppression"),
    )


def _ids_du_lot(table: TableCrm, action: str) -> sql.Composed:
    """Name the rows of an action as an array, by which an index finds them."""
    return sql.SQL("array(select m.crm_id::{} from plan_du_lot as m where m.action = {})").format(
        sql.SQL(table.type("id")), sql.Literal(action)
    )


def _maintenant(table: TableCrm, champ: str) -> sql.Composed:
    return instant_ecrit(sql.SQL("now()"), table.type(champ), table.timezone)


def _instruction(action: str, table: TableCrm) -> sql.Composed:
    """Give the statement of an action, which tells of which rows it wrote nothing: mostly none.

    A deletion is only ever planned where a person undoes a run.
    """
    instructions = {"creation": _insertion, "modification": _mise_a_jour, "suppression": _suppression}
    return sql.SQL(
        "with ecrits as ({instruction}) select p.crm_id from plan_du_lot as p "
        "where p.action = {action} and not exists (select 1 from ecrits as e where e.id = p.crm_id)"
    ).format(instruction=instructions[action](table), action=sql.Literal(action))

"""What the CRM holds now, of the rows that a stage has reason to look at: read once, as text, with each row's version.

`jeton` is the row's version (`xmin`): `apply` writes only where it still is, and what somebody changed in between is
decided again. A sync that has nothing to look at reads nothing.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm.connexion import Bases, erreurs_traduites
from crm_sync.crm.copie import lire
from crm_sync.crm.requetes import requete
from crm_sync.domain.lots import avec, dans, tableau
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pyarrow as pa


def lire_lignes(bases: Bases, entite: str, crm_ids: Iterable[str]) -> "pa.RecordBatch":
    """Read CRM rows by id; ids that lead nowhere give no row.

    Columns: `crm_id`, `jeton`, `supprime` (true where the CRM marks the row as deleted), `modifie_crm` (the row's updated_at,
    null where it has none), `notre_ecriture` (true where that is the time of a write of ours, or the row's version is one, and
    says nothing of a person), and `crm_c` per field.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    colonnes = ("crm_id", "jeton", "supprime", "modifie_crm", *(f"crm_{c.nom}" for c in CHAMPS[entite]))
    ids = list(dict.fromkeys(crm_ids))
    if not ids:
        return tableau((*colonnes, "notre_ecriture"), ())
    table = bases.crm[entite]
    champs = sql.SQL(", ").join(
        sql.SQL("t.{}::text as {}").format(sql.Identifier(c.nom), sql.Identifier(f"crm_{c.nom}"))
        for c in CHAMPS[entite]
    )
    selection = sql.SQL(
        "select t.id::text as crm_id, t.jeton, t.supprime::text as supprime, t.updated_at::text as modifie_crm, {champs} "
        "from {table} as t "
        "where t.id = any(%(ids)s::{type_id}[])"
    ).format(champs=champs, table=table.relation, type_id=sql.SQL(table.types_id["id"]))
    with bases.lecture(table.service) as connexion:
        lignes = lire(connexion, selection, {"ids": table.ids(ids)})
        notres = () if bases.crm.integree else connexion.execute(requete("snapshot.nos_transactions")).fetchall()
    heures = bases.connexion("sync").execute(requete("journal.nos_heures"), {"entite": entite})
    notre = dans(lignes["modifie_crm"], {str(ligne[0]) for ligne in heures})
    if notres:  # their own triggers may have set another time
        notre = pc.or_(notre, dans(lignes["jeton"], {str(ligne[0]) for ligne in notres}))
    return avec(lignes, {"notre_ecriture": pc.cast(notre, pa.string())})


def freres(bases: Bases, entite: str, crm_ids: list[str], decides: list[str]) -> "pa.RecordBatch | None":
    """Read the other source nodes of these CRM rows: what they say now, and what was last applied of them.

    `decides`: source ids that are looked at already. Mostly there are no others, and that is known from the links alone: None.
    """
    connexion = bases.connexion("sync")
    ids = {"entite": entite, "crm_ids": crm_ids, "decides": decides}
    autres = [ligne[0] for ligne in connexion.execute(requete("rapprochement.autres_noeuds"), ids)]
    return lire(connexion, de_la_vue("freres", entite), {"source_ids": autres}) if autres else None


def de_la_vue(nom: str, entite: str) -> sql.Composed:
    """Give a statement of `rapprochement.sql` over the view of an entity."""
    texte: Any = requete(f"rapprochement.{nom}").decode()
    return sql.SQL(texte).format(vue=sql.Identifier("crm_sync", f"rapprochement_{entite}"))


def lignes_du_crm(bases: Bases, entite: str, nom: str, **parametres: Any) -> list[tuple[Any, ...]]:
    """Run a reading statement of sql/ (`file.name`) over the CRM's tables, in the database of this entity."""
    with bases.lecture(bases.crm[entite].service) as connexion:
        return connexion.execute(bases.crm.composer(nom), parametres or None).fetchall()


def existantes(bases: Bases, entite: str, crm_ids: Iterable[str]) -> set[str]:
    """Tell which of these rows the CRM has: what a person deleted is nobody's client and nobody's sales rep."""
    table = bases.crm[entite]
    ids = table.ids(crm_ids)
    if not ids:
        return set()
    # Asked for by what lacks, of which there is little; found by the key where few are asked for.
    selection = sql.SQL(
        "with trouvees as materialized (select t.id from {table} as t where t.id = any(%(ids)s::text[]::{type_id}[])) "
        "select v.id from unnest(%(ids)s::text[]) as v (id) "
        "where not exists (select 1 from trouvees as t where t.id = v.id::{type_id})"
    ).format(table=table.relation, type_id=sql.SQL(table.types_id["id"]))
    with bases.lecture(table.service) as connexion:
        return set(ids).difference(*connexion.execute(selection, {"ids": ids}).fetchall())


def disparues(bases: Bases, entite: str, crm_ids: str | None) -> list[str]:
    """Give those of these rows that the CRM no longer has; `crm_ids`: an array as Postgres prints it, for it may be long."""
    table = bases.crm[entite]
    selection = sql.SQL(
        "select distinct v.id from unnest(%s::text[]) as v (id) "
        "where not exists (select 1 from {} as t where t.id::text = v.id)"
    ).format(table.relation)
    with bases.lecture(table.service) as connexion:
        return [ligne[0] for ligne in connexion.execute(selection, (crm_ids,))]


def retirees(bases: Bases, entite: str, crm_ids: Iterable[str] | None = None) -> set[str]:
    """Tell which of these rows, or of all, the CRM marks as deleted."""
    table = bases.crm[entite]
    if table.deleted_at is None:
        return set()
    ids = None if crm_ids is None else table.ids(crm_ids)
    selection = sql.SQL("select t.id::text from {} as t where t.supprime and {}").format(
        table.relation,
        sql.SQL("true" if ids is None else "t.id = any(%s::{}[])").format(sql.SQL(table.types_id["id"])),
    )
    with bases.lecture(table.service) as connexion:
        return {ligne[0] for ligne in connexion.execute(selection, None if ids is None else (ids,))}


def non_attribue(bases: Bases) -> str | None:
    """Give the reserved apporteur's id, None as long as nobody needed one."""
    with erreurs_traduites(bases.lieu("sync")):
        ligne = bases.connexion("sync").execute(requete("contrats.lien_non_attribue")).fetchone()
    return ligne[0] if ligne else None

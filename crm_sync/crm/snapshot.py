"""What the CRM holds now, of the rows that a stage has reason to look at: read once, as text, with each row's version.

`jeton` is the row's version (`xmin`): `apply` writes only where it still is, and what somebody changed in between is
decided again. A sync that has nothing to look at reads nothing.
"""

from typing import TYPE_CHECKING

from psycopg import sql

from crm_sync.crm.connexion import Bases
from crm_sync.crm.copie import lire, verser
from crm_sync.crm.mapping import TABLES
from crm_sync.domain.types import CHAMPS, cadre

if TYPE_CHECKING:
    import pandas as pd


def lire_lignes(bases: Bases, entite: str, crm_ids: "pd.Series[str]") -> "pd.DataFrame":
    """Read CRM rows by id: `crm_id`, `jeton`, and `crm_c` per field; ids that lead nowhere give no row."""
    if crm_ids.empty:
        return cadre(("crm_id", "jeton", *(f"crm_{c.nom}" for c in CHAMPS[entite])), ())
    table = TABLES[entite]
    colonnes = sql.SQL(", ").join(
        sql.SQL("t.{}::text as {}").format(table.colonne(c.nom), sql.Identifier(f"crm_{c.nom}")) for c in CHAMPS[entite]
    )
    selection = sql.SQL(
        "select t.id::text as crm_id, t.xmin::text as jeton, {colonnes} from {table} as t "
        "inner join vues as v on v.crm_id = t.id::text"
    ).format(colonnes=colonnes, table=table.nom)
    with bases.transaction(table.service) as connexion:
        connexion.execute("create temporary table vues (crm_id text primary key) on commit drop")
        verser(connexion, sql.Identifier("vues"), crm_ids.dropna().drop_duplicates().to_frame("crm_id"))
        return lire(connexion, selection.as_bytes(connexion))


def existantes(bases: Bases, entite: str, crm_ids: "pd.Series[str]") -> set[str]:
    """Tell which of these rows the CRM has: what a person deleted is nobody's client and nobody's sales rep."""
    table = TABLES[entite]
    selection = sql.SQL("select v.crm_id from vues as v inner join {} as t on t.id::text = v.crm_id").format(table.nom)
    with bases.transaction(table.service) as connexion:
        connexion.execute("create temporary table vues (crm_id text primary key) on commit drop")
        verser(connexion, sql.Identifier("vues"), crm_ids.dropna().drop_duplicates().to_frame("crm_id"))
        return set(lire(connexion, selection.as_bytes(connexion))["crm_id"])

"""The KPI tables *contracts per commercial*: every contract of the CRM counted, also those that no sync brought.

Both tables are replaced by one statement: a reader sees the old figures or the new ones, never none or half.
"""

from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases, erreurs_traduites
from crm_sync.crm.mapping import TABLES
from crm_sync.crm.requetes import requete
from crm_sync.domain.statuts import STATUTS, STATUTS_VENDUS


def _texte(nom: str) -> sql.Composed:
    texte: Any = requete(f"kpi.{nom}").decode()
    return sql.SQL(texte).format(**{entite: table.nom for entite, table in TABLES.items()})


def recalculer(bases: Bases) -> None:
    """Replace both KPI tables; of an unchanged CRM only `calcule_le` moves.

    Raises:
        WriteError, DatabaseUnavailableError: nothing was replaced.
    """
    with erreurs_traduites(bases.lieu("core")):
        equipes = bases.connexion("core").execute(_texte("utilisateurs")).fetchall()
    with erreurs_traduites(bases.lieu("sync")):
        reserve = bases.connexion("sync").execute(requete("contrats.lien_non_attribue")).fetchone()
    utilisateurs, managers = zip(*equipes, strict=True) if equipes else ((), ())
    parametres = {
        "statuts": list(STATUTS),
        "vendus": list(STATUTS_VENDUS),
        "utilisateurs": list(utilisateurs),
        "managers": list(managers),
        "non_attribue": reserve[0] if reserve else None,
    }
    connexion = bases.connexion("commercial")
    with erreurs_traduites(bases.lieu("commercial")):
        connexion.execute(_texte("remplacer"), parametres)


def tableau(bases: Bases) -> list[dict[str, Any]]:
    """Read the KPI table, one dict per sales rep, best first."""
    connexion = bases.connexion("commercial")
    with erreurs_traduites(bases.lieu("commercial")), connexion.cursor(row_factory=dict_row) as curseur:
        return curseur.execute(_texte("tableau")).fetchall()


def portefeuilles(bases: Bases) -> dict[str, tuple[str, int]]:
    """Count each sales rep's contracts now: apporteur's id → name and number."""
    lignes = bases.connexion("commercial").execute(_texte("portefeuilles")).fetchall()
    return {str(crm_id): (str(nom), int(nombre)) for crm_id, nom, nombre in lignes}


def totaux(bases: Bases) -> tuple[int, int, int]:
    """Give the contracts counted per sales rep, per month, and held by the CRM."""
    ligne = bases.connexion("commercial").execute(_texte("totaux")).fetchone()
    assert ligne is not None  # noqa: S101  an aggregate gives one row
    return int(ligne[0]), int(ligne[1]), int(ligne[2])

"""The CRM's button as the read API serves it: a request filed within a limit, and how far a sync is.

`demande_par` of a request that is filed here is the user's id; whose name that is is read from the live table. A request made
while a sync runs is taken up by the next one, and all that wait by one (`crm.session`).
"""

from typing import Any
from uuid import uuid4

from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases
from crm_sync.crm.lecture import lire
from crm_sync.crm.requetes import requete

NOMBRE, FENETRE_S = 5, 60
"""Requests that one person may file, in how many seconds."""


def deposer(bases: Bases, utilisateur_id: str) -> tuple[str | None, int]:
    """File a request: its id; or None, and the seconds to wait, where this person has filed enough lately.

    The count stands in the table: it holds for every process that serves.
    """
    parametres = {"id": str(uuid4()), "par": utilisateur_id, "nombre": NOMBRE, "fenetre_s": FENETRE_S}
    with bases.transaction("sync") as connexion, connexion.cursor(row_factory=dict_row) as curseur:
        curseur.execute("set transaction read write")
        curseur.execute(requete("demandes_vues.garde"), parametres)
        deposee = curseur.execute(requete("demandes_vues.deposer"), parametres).fetchone()
        if deposee:
            return str(deposee["id"]), 0
        reste = curseur.execute(requete("demandes_vues.attente"), parametres).fetchone()
        return None, max(1, (reste or {}).get("attente_s") or 1)


def suivi(bases: Bases, ident: str) -> dict[str, Any] | None:
    """Read a request, or a sync that nobody asked for, by its id; None where there is none."""
    lignes = lire(bases, "sync", "demandes_vues.demande", id=ident) or lire(
        bases, "sync", "demandes_vues.execution", id=ident
    )
    if not lignes:
        return None
    return lignes[0] | {"demande_par": _nom(bases, lignes[0]["demande_par"])}


def en_attente(bases: Bases, utilisateur_id: str) -> dict[str, Any] | None:
    """Read the last request of one person that still waits, `id` and `demande_le`; None where none does."""
    lignes = lire(bases, "sync", "demandes_vues.en_attente", par=utilisateur_id)
    return lignes[0] if lignes else None


def derniere(bases: Bases) -> dict[str, Any] | None:
    """Read the last request or sync: one that runs, else one that waits, before others; None before the first."""
    lignes = lire(bases, "sync", "demandes_vues.derniere")
    return suivi(bases, lignes[0]["id"]) if lignes else None


def _nom(bases: Bases, demande_par: str | None) -> str | None:
    """Name who asked: by the user's id, else as the CRM wrote it."""
    if demande_par is None or not bases.crm["utilisateur"].ids([demande_par]):
        return demande_par
    lignes = lire(bases, "core", "demandes_vues.demandeur", id=demande_par)
    return lignes[0]["nom"] if lignes else demande_par

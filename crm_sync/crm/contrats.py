"""Contracts: which CRM contract each waiting one is, by its reference, and who holds it.

A contract that another client of the CRM holds under the same reference is never taken from them here: it is put aside.
Source of the rule: product.md, *Contrat*.
"""

from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.copie import lire, verser
from crm_sync.crm.ecriture import Contexte, Decisions, Etape
from crm_sync.crm.mapping import TABLES
from crm_sync.crm.requetes import requete
from crm_sync.domain.contrats import departager
from crm_sync.domain.keys import cle_reference
from crm_sync.domain.plan import attribuer_ids
from crm_sync.domain.statuts import STATUTS_VENDUS

if TYPE_CHECKING:
    import pandas as pd


def decider(contexte: Contexte, attente: "pd.DataFrame") -> Decisions:
    """Decide every waiting contract: by link, else by reference, else a new one."""
    connexion = contexte.bases.connexion("sync")
    ligne = connexion.execute(requete("contrats.lien_non_attribue")).fetchone()
    non_attribue = ligne[0] if ligne else None
    departage = departager(attente, *_detenteurs(contexte, attente))
    lignes = attribuer_ids(departage.lignes)
    lignes["commercial_id"] = lignes["commercial_id"].mask(
        lignes["nouveau"] & lignes["commercial_id"].isna(), non_attribue
    )
    historique = _Historique(contexte, non_attribue, lignes)
    return Decisions(
        lignes.assign(parent_id=lignes["client_id"]),
        departage.rejets,
        ensuite=historique.vendre,
        apres=historique.noter,
    )


def _detenteurs(contexte: Contexte, attente: "pd.DataFrame") -> tuple[dict[str, str], dict[str, str]]:
    """Give reference key → CRM contract, and CRM contract → its living client, for what waits without a link."""
    cherchees = set(attente.loc[attente["crm_id"].isna(), "cle_reference"])
    if not cherchees:
        return {}, {}
    contrats: dict[str, str] = {}
    detenteurs: dict[str, str] = {}
    for crm_id, reference, client_id in sorted(_executer(contexte, "contrat", "contrats.references")):
        cle = cle_reference(reference)
        if cle in cherchees and cle not in contrats:
            contrats[cle] = crm_id
            if client_id is not None:
                detenteurs[crm_id] = client_id
    ids = sorted(set(detenteurs.values()))
    vivants = {ligne[0] for ligne in _executer(contexte, "client", "contrats.clients_existants", ids=ids)}
    return contrats, {crm_id: client for crm_id, client in detenteurs.items() if client in vivants}


def _executer(contexte: Contexte, entite: str, nom: str, **parametres: Any) -> list[tuple[Any, ...]]:
    table = TABLES[entite]
    texte: Any = requete(nom).decode()
    connexion = contexte.bases.connexion(table.service)
    return connexion.execute(sql.SQL(texte).format(**{entite: table.nom}), parametres or None).fetchall()


class _Historique:
    """Who holds each decided contract, and who sold it: noted beside the write, kept as stretches with dates."""

    def __init__(self, contexte: Contexte, non_attribue: str | None, lignes: "pd.DataFrame") -> None:
        self._contexte = contexte
        self._non_attribue = non_attribue
        self._lignes = lignes
        self._lectures: dict[str, pd.DataFrame] = {}

    def vendre(self, connexion: Connexion) -> None:
        """Set *vendu par* where a contract is first seen signed; runs in the writing transaction."""
        connexion.execute("create temporary table vus (crm_id text primary key) on commit drop")
        verser(connexion, sql.Identifier("vus"), self._lignes[["crm_id"]].drop_duplicates())
        connexion.execute("analyze vus")
        parametres = {"vendus": list(STATUTS_VENDUS), "non_attribue": self._non_attribue}
        connexion.execute(_sur_contrats("contrats.vendre"), parametres)
        self._lectures["portefeuille"] = lire(connexion, _sur_contrats("contrats.tenus").as_bytes(connexion))
        self._lectures["vendu_par"] = lire(connexion, requete("contrats.vendus"))

    def noter(self) -> None:
        """Keep each change as a stretch with its dates; a contract whose holder is the same adds nothing."""
        connexion = self._contexte.bases.connexion("sync")
        for lecture, tenus in self._lectures.items():
            with connexion.transaction():
                connexion.execute(
                    "create temporary table tenus (contrat_id text primary key, commercial_id text) on commit drop"
                )
                verser(connexion, sql.Identifier("tenus"), tenus)
                parametres = {
                    "lecture": lecture,
                    "synchronisation_id": self._contexte.synchronisation_id,
                }
                connexion.execute(requete("contrats.clore_historique"), parametres)
                connexion.execute(requete("contrats.ouvrir_historique"), parametres)


def _sur_contrats(nom: str) -> sql.Composed:
    texte: Any = requete(nom).decode()
    return sql.SQL(texte).format(contrat=TABLES["contrat"].nom)


ETAPE = Etape("contrat", "contrats", "contrats", "/Souscription/contrats", decider)

"""Clients: who each waiting prospect is in the CRM, by the rules of `domain.identity`.

Most waiting prospects are linked, exist, and have kept their name: they are who they were. The others are judged on the
evidence that `crm.candidats` gathers.
"""

from typing import TYPE_CHECKING

from psycopg import sql

from crm_sync.crm import candidats, doublons, retires, snapshot
from crm_sync.crm.connexion import Bases, Connexion, la_ligne
from crm_sync.crm.copie import verser
from crm_sync.crm.ecriture import Contexte, Decisions, Etape, premiere_rencontre
from crm_sync.crm.requetes import requete
from crm_sync.domain.canonique import differe
from crm_sync.domain.identity import identifier
from crm_sync.domain.plan import attribuer_ids
from crm_sync.domain.types import liste, parmi

if TYPE_CHECKING:
    import pandas as pd


def decider(contexte: Contexte, attente: "pd.DataFrame") -> Decisions:
    """Decide every waiting prospect: linked ones keep their client, the others are matched by evidence or become new ones."""
    import pandas as pd

    decisions = doublons.decisions(contexte.bases)
    a_juger = _a_juger(contexte, attente, doublons.nommes(decisions))
    lies = parmi(attente, ~a_juger).assign(groupe=None, regle="lien", preuve=None)
    if not a_juger.any():
        return Decisions(attribuer_ids(lies), {})
    indecis = parmi(attente, a_juger)
    juges = identifier(*candidats.rassembler(contexte.bases, indecis, decisions))
    doublons.signaler(contexte.bases, juges.doublons)
    trouves = indecis.rename(columns={"crm_id": "avant"}).merge(juges.lignes, on="source_id")
    avant = trouves.pop("avant")
    ailleurs = (avant.notna() & (avant != trouves["crm_id"]).fillna(value=True)).astype(bool)
    trouves = premiere_rencontre(trouves, "client", ailleurs)
    toutes = trouves if lies.empty else pd.concat([lies, trouves], ignore_index=True)  # together they are a copy
    lignes = attribuer_ids(toutes, contexte.ids("client"))
    return Decisions(
        lignes, juges.rejets, len(juges.doublons), ensuite=lambda connexion, _: _noter_cles(connexion, lignes)
    )


def reouvrir_les_orphelins(contexte: Contexte) -> None:
    """Have the prospects decided anew whose client a person has deleted: they follow a contract, or wait for a person.

    And those whose client was marked as deleted and is there again.
    """
    retires.reprendre_les_retablis(contexte.bases)
    if disparus := _disparus(contexte.bases):
        contexte.bases.connexion("sync").execute(requete("clients.reouvrir"), {"crm_ids": disparus})


def _disparus(bases: Bases) -> list[str]:
    """Give the clients of settled prospects that the CRM no longer has: asked for at once where both share a database."""
    connexion = bases.connexion("sync")
    if bases.urls["core"] == bases.urls["sync"]:
        return [ligne[0] for ligne in connexion.execute(bases.crm.composer("clients.disparus"))]
    (lies,) = la_ligne(connexion.execute(requete("clients.lies")))
    return snapshot.disparues(bases, "client", lies)


def _a_juger(contexte: Contexte, attente: "pd.DataFrame", nommes: frozenset[str]) -> "pd.Series[bool]":
    """Tell who needs evidence: no link yet, a client that is gone, another name than before, or named in a decision."""
    lie = attente["crm_id"].notna()
    if not lie.any():
        return ~lie
    existants = contexte.existantes("client", liste(attente.loc[lie, "crm_id"]))
    prevu = attente["etat"].fillna("") == "prevu"
    autre_nom = differe(attente["nom"], attente["base_nom"]) | differe(attente["prenom"], attente["base_prenom"])
    nomme = ("prospect:" + attente["source_id"]).isin(nommes) | ("client:" + attente["crm_id"]).isin(nommes)
    return ~lie | (~prevu & (~attente["crm_id"].isin(existants) | autre_nom | nomme))


def _noter_cles(connexion: Connexion, lignes: "pd.DataFrame") -> None:
    """Keep the keys of clients made from a single prospect: they were worked out already."""
    nouvelles = lignes.loc[lignes["nouveau"], ["crm_id", *candidats.VALEURS, *candidats.CLES]]
    seules = nouvelles.drop_duplicates("crm_id", keep=False)
    verser(connexion, sql.Identifier("crm_sync", "cle_client"), seules.rename(columns={"crm_id": "client_id"}))


ETAPE = Etape(
    "client",
    "clients",
    "clients",
    "/",
    decider,
    preparer=reouvrir_les_orphelins,
    signaler=lambda contexte: retires.clients_retires(contexte.bases),
    regarder="a_regarder_client",
)

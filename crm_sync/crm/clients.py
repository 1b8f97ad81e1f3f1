"""Clients: who each waiting prospect is in the CRM, by the rules of `domain.identity`.

Most waiting prospects are linked, exist, and have kept their name: they are who they were. The others are judged on the
evidence that `crm.candidats` gathers.
"""

from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm import candidats, doublons, retires, snapshot
from crm_sync.crm.connexion import Bases, Connexion, la_ligne
from crm_sync.crm.copie import verser
from crm_sync.crm.ecriture import Contexte, Decisions, Etape, premiere_rencontre
from crm_sync.crm.requetes import requete
from crm_sync.domain.canonique import differe
from crm_sync.domain.decisions import CLIENT, PROSPECT
from crm_sync.domain.identity import identifier
from crm_sync.domain.lots import a_la_suite, avec, certain, dans, distincts, repetes, retenir
from crm_sync.domain.plan import attribuer_ids

if TYPE_CHECKING:
    import pyarrow as pa


def decider(contexte: Contexte, attente: "pa.RecordBatch") -> Decisions:
    """Decide every waiting prospect: linked ones keep their client, the others are matched by evidence or become new ones."""
    from pyarrow import compute as pc

    decisions = doublons.decisions(contexte.bases)
    a_juger = _a_juger(contexte, attente, doublons.nommes(decisions))
    lies = retenir(attente, pc.invert(a_juger))
    lies = avec(lies, {"groupe": None, "regle": "lien", "preuve": None})
    if not pc.any(a_juger).as_py():
        return Decisions(attribuer_ids(lies), {})
    indecis = retenir(attente, a_juger)
    juges = identifier(*candidats.rassembler(contexte.bases, indecis, decisions))
    doublons.signaler(contexte.bases, juges.doublons)
    lignes = attribuer_ids(a_la_suite(_juges(indecis, juges.lignes), lies), contexte.ids("client"))
    return Decisions(
        lignes,
        juges.rejets,
        juges.doublons.num_rows,
        ensuite=lambda connexion, _: _noter_cles(connexion, lignes),
    )


def _juges(indecis: "pa.RecordBatch", reponses: "pa.RecordBatch") -> "pa.RecordBatch":
    """Give those who were judged and are not put aside, with the answers; one who was another client meets this one first."""
    from pyarrow import compute as pc

    rangs = pc.index_in(indecis["source_id"], value_set=reponses["source_id"])
    trouves = retenir(indecis, rangs.is_valid())
    avant, dites = trouves["crm_id"], reponses.take(rangs.drop_null())
    trouves = avec(trouves, {nom: dites[nom] for nom in ("crm_id", "groupe", "regle", "preuve")})
    ailleurs = pc.and_not(avant.is_valid(), certain(pc.equal(avant, trouves["crm_id"])))
    return premiere_rencontre(trouves, "client", ailleurs)


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


def _a_juger(contexte: Contexte, attente: "pa.RecordBatch", nommes: frozenset[str]) -> Any:
    """Tell who needs evidence: no link yet, a client that is gone, another name than before, or named in a decision."""
    from pyarrow import compute as pc

    crm_id = attente["crm_id"]
    lie = crm_id.is_valid()
    if not pc.any(lie).as_py():
        return pc.invert(lie)
    existe = dans(crm_id, contexte.existantes("client", distincts(crm_id)))
    autre_nom = pc.or_(*(differe(attente[nom], attente[f"base_{nom}"]) for nom in ("nom", "prenom")))
    genres = ((PROSPECT, attente["source_id"]), (CLIENT, crm_id))
    nomme = pc.or_(*(dans(pc.binary_join_element_wise(genre, ids, ""), nommes) for genre, ids in genres))
    douteux = pc.or_(pc.invert(existe), pc.or_(autre_nom, nomme))
    return pc.or_(pc.invert(lie), pc.and_not(douteux, certain(pc.equal(attente["etat"], "prevu"))))


def _noter_cles(connexion: Connexion, lignes: "pa.RecordBatch") -> None:
    """Keep the keys of clients made from a single prospect: they were worked out already."""
    import pyarrow as pa
    from pyarrow import compute as pc

    nouvelles = retenir(lignes, lignes["nouveau"])
    seules = retenir(nouvelles, pc.invert(repetes(nouvelles["crm_id"])))
    cles = {"client_id": seules["crm_id"], **{nom: seules[nom] for nom in (*candidats.VALEURS, *candidats.CLES)}}
    verser(connexion, sql.Identifier("crm_sync", "cle_client"), pa.RecordBatch.from_pydict(cles))


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

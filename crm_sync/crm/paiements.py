"""Bank details: one row per client and IBAN; a source id that comes with a new IBAN changes its row.

Source of the rule: product.md, *Bank details*.
"""

from typing import TYPE_CHECKING

from crm_sync.crm.copie import lire
from crm_sync.crm.ecriture import Contexte, Decisions, Etape
from crm_sync.domain.lots import avec, dans, distincts, retenir, traduire
from crm_sync.domain.plan import attribuer_ids

if TYPE_CHECKING:
    import pyarrow as pa


def decider(contexte: Contexte, attente: "pa.RecordBatch") -> Decisions:
    """Decide all waiting bank details: the row that the client already has of this IBAN, else the linked one, else new.

    The client's own row of the IBAN comes before the link, so that a changed IBAN never runs into a row that holds it.
    """
    from pyarrow import compute as pc

    a_un_client = dans(attente["client_id"], contexte.existantes("client", distincts(attente["client_id"])))
    perdus = attente["source_id"].filter(pc.invert(a_un_client)).to_pylist()
    attente = retenir(attente, a_un_client)
    cles = pc.binary_join_element_wise(attente["client_id"], attente["iban"], " ")
    lien, trouves = attente["crm_id"], traduire(cles, _existants(contexte, attente))
    regle = pc.if_else(lien.is_valid(), "lien", pc.if_else(trouves.is_valid(), "iban", "creation"))
    decidees = {"crm_id": pc.coalesce(trouves, lien), "groupe": cles, "regle": regle, "preuve": None}
    return Decisions(
        attribuer_ids(avec(attente, decidees), contexte.ids("information_paiement")),
        dict.fromkeys(perdus, "client_ecarte"),
    )


def _existants(contexte: Contexte, attente: "pa.RecordBatch") -> dict[str, str]:
    """Give `client IBAN` → CRM row for the clients concerned; of several rows of one IBAN a living one, the oldest."""
    crm = contexte.bases.crm
    clients = {"clients": distincts(attente["client_id"])}
    with contexte.bases.lecture(crm["information_paiement"].service) as connexion:
        lignes = lire(connexion, crm.composer("paiements.existants"), clients)
    lignes = retenir(lignes, lignes["iban"].is_valid())
    lignes = lignes.sort_by([(nom, "ascending") for nom in ("supprime", "cree_le", "crm_id")])
    trouves: dict[str, str] = {}
    for client, iban, crm_id in zip(*(lignes[nom].to_pylist() for nom in ("client_id", "iban", "crm_id")), strict=True):
        trouves.setdefault(f"{client} {''.join(iban.split()).upper()}", crm_id)
    return trouves


ETAPE = Etape("information_paiement", "informations_paiement", "paiements", "/informationsPaiement", decider)

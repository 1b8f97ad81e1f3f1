"""Bank details: one row per client and IBAN; a source id that comes with a new IBAN changes its row.

Source of the rule: product.md, *Bank details*.
"""

from typing import TYPE_CHECKING

from crm_sync.crm.copie import lire
from crm_sync.crm.ecriture import Contexte, Decisions, Etape
from crm_sync.domain.plan import attribuer_ids
from crm_sync.domain.types import en_cadre, liste, parmi

if TYPE_CHECKING:
    import pandas as pd


def decider(contexte: Contexte, attente: "pd.DataFrame") -> Decisions:
    """Decide all waiting bank details: the row that the client already has of this IBAN, else the linked one, else new.

    The client's own row of the IBAN comes before the link, so that a changed IBAN never runs into a row that holds it.
    """
    sans_client = ~attente["client_id"].isin(contexte.existantes("client", liste(attente["client_id"].dropna())))
    perdus = liste(attente.loc[sans_client, "source_id"])
    attente = parmi(attente, ~sans_client)
    cle = attente["client_id"] + " " + attente["iban"]
    existants = _existants(contexte, attente)
    trouves = cle.map(existants).astype(cle.dtype)
    # A link that was planned and not written keeps its id; a written one gives way to the row that has the IBAN.
    gardes = attente["crm_id"].where(attente["etat"].fillna("") == "prevu")
    crm_id = gardes.fillna(trouves).fillna(attente["crm_id"])
    regle = attente["crm_id"].notna().map({True: "lien"}).fillna(trouves.notna().map({True: "iban", False: "creation"}))
    return Decisions(
        attribuer_ids(
            attente.assign(crm_id=crm_id, groupe=cle, regle=regle, preuve=None), contexte.ids("information_paiement")
        ),
        dict.fromkeys(perdus, "client_ecarte"),
    )


def _existants(contexte: Contexte, attente: "pd.DataFrame") -> dict[str, str]:
    """Give `client IBAN` → CRM row for the clients concerned; of several rows of one IBAN a living one, the oldest."""
    crm = contexte.bases.crm
    clients = {"clients": liste(attente["client_id"].drop_duplicates())}
    with contexte.bases.lecture(crm["information_paiement"].service) as connexion:
        lignes = en_cadre(lire(connexion, crm.composer("paiements.existants"), clients))
    lignes = lignes[lignes["iban"].notna()].sort_values(["supprime", "cree_le", "crm_id"])
    cles = lignes["client_id"] + " " + lignes["iban"].str.replace(r"\s", "", regex=True).str.upper()
    trouves: dict[str, str] = {}
    for cle, crm_id in zip(liste(cles), liste(lignes["crm_id"]), strict=True):
        trouves.setdefault(cle, crm_id)
    return trouves


ETAPE = Etape("information_paiement", "informations_paiement", "paiements", "/informationsPaiement", decider)

"""Contracts: which CRM contract each waiting one is, by its reference, and who holds it.

A contract that another client of the CRM holds under the same reference is never taken from them here: it is put aside.
Source of the rule: product.md, *Contrat*.
"""

from typing import TYPE_CHECKING

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.copie import lire
from crm_sync.crm.ecriture import Contexte, Decisions, Etape, premiere_rencontre
from crm_sync.crm.requetes import requete
from crm_sync.crm.snapshot import existantes, lignes_du_crm, non_attribue, retirees
from crm_sync.domain.contrats import Detention, departager
from crm_sync.domain.keys import cle_reference
from crm_sync.domain.plan import attribuer_ids
from crm_sync.domain.statuts import STATUTS_VENDUS
from crm_sync.domain.types import avec, dans, en_cadre, liste, parmi

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def decider(contexte: Contexte, attente: "pd.DataFrame") -> Decisions:
    """Decide every waiting contract: by link, else by reference, else a new one."""
    reserve = non_attribue(contexte.bases)
    attente = _sans_les_anciens(contexte, attente)
    retires = retirees(contexte.bases, "contrat", liste(attente["crm_id"].dropna()))
    retire = attente["crm_id"].isin(retires)
    # Of one that the CRM marks as deleted a living one of the same reference may have taken the place.
    libres = attente.assign(crm_id=attente["crm_id"].mask(retire))
    lies = _lies(contexte, libres)
    departage = departager(libres, lies, _detention(contexte, libres, lies))
    lignes = _suivre_les_vivants(departage.lignes, attente["crm_id"])
    lignes = attribuer_ids(lignes, contexte.ids("contrat"))
    a_creer = lignes["nouveau"] | (lignes["etat"].fillna("") == "prevu")
    lignes["commercial_id"] = lignes["commercial_id"].mask(a_creer & ~_nomme(lignes), reserve)
    lignes, sans_attache = _sans_attache(contexte, lignes, a_creer)
    rejets = {**departage.rejets, **sans_attache}
    return Decisions(
        lignes,
        rejets,
        ensuite=lambda service, refuses: _vendre(service, contexte, lignes, reserve, refuses),
        apercu=lambda instantane: _sans_les_egares(contexte, instantane),
    )


def _sans_les_anciens(contexte: Contexte, attente: "pd.DataFrame") -> "pd.DataFrame":
    """Have an older version of a prospect name the sales rep that its contracts were last given (promise 4).

    The sales rep is the prospect's, not the contract's, whose own `updatedAt` says nothing of it.
    """
    lie = attente["crm_id"].notna()
    if not lie.any():
        return attente
    prospects = liste(attente.loc[lie, "id_prospect"].drop_duplicates())
    lignes = contexte.bases.connexion("sync").execute(requete("contrats.anciens"), {"prospects": prospects})
    ancien = lie & attente["id_prospect"].isin([ligne[0] for ligne in lignes])
    return attente.assign(commercial_id=attente["commercial_id"].mask(ancien, attente["base_commercial_id"]))


def _sans_les_egares(contexte: Contexte, instantane: "pa.RecordBatch") -> "pa.RecordBatch":
    """Read a client or a sales rep that leads nowhere as none."""
    import pyarrow as pa
    from pyarrow import compute as pc

    if not instantane.num_rows:
        return instantane
    reels = {}
    for entite, colonne in (("client", "crm_client_id"), ("apporteur", "crm_commercial_id")):
        ids = instantane[colonne]
        existent = dans(ids, contexte.existantes(entite, ids.drop_null().unique().to_pylist()))
        reels[colonne] = pc.if_else(existent, ids, pa.scalar(None, pa.string()))
    return avec(instantane, reels)


def _suivre_les_vivants(lignes: "pd.DataFrame", liens: "pd.Series[str]") -> "pd.DataFrame":
    """Keep the link of a contract to which no other answers; one that another answers to meets that row first."""
    avant = liens.loc[lignes.index]
    lignes = lignes.assign(crm_id=lignes["crm_id"].fillna(avant))
    ailleurs = (avant.notna() & (avant != lignes["crm_id"]).fillna(value=False)).astype(bool)
    return premiere_rencontre(lignes, "contrat", ailleurs) if ailleurs.any() else lignes


def transferer(contexte: Contexte) -> None:
    """Hand the link of a contract that left its prospect to the prospect that carries it now.

    Its base goes with it: the change of client is then one field that the source changed, like any other.
    """
    connexion = contexte.bases.connexion("sync")
    with connexion.transaction():
        if connexion.execute(requete("contrats.sans_noeud")).fetchone():
            connexion.execute(requete("contrats.transferer"))


def _sans_attache(
    contexte: Contexte, lignes: "pd.DataFrame", a_creer: "pd.Series[bool]"
) -> tuple["pd.DataFrame", dict[str, str]]:
    """Put aside what would hang on nobody: its client or sales rep is put aside, or a person has deleted them.

    A contract that exists keeps the sales rep it has.
    """
    clients = contexte.existantes("client", liste(lignes["client_id"].dropna()))
    commerciaux = contexte.existantes("apporteur", liste(lignes["commercial_id"].dropna()))
    lignes = lignes.assign(commercial_id=lignes["commercial_id"].where(lignes["commercial_id"].isin(commerciaux)))
    sans_client, sans_commercial = ~lignes["client_id"].isin(clients), a_creer & ~_nomme(lignes)
    return parmi(lignes, ~sans_client & ~sans_commercial), {
        **dict.fromkeys(liste(lignes.loc[sans_commercial, "source_id"]), "commercial_ecarte"),
        **dict.fromkeys(liste(lignes.loc[sans_client, "source_id"]), "client_ecarte"),
    }


def _nomme(lignes: "pd.DataFrame") -> "pd.Series[bool]":
    """Tell of each node whether one of its contract's nodes names a sales rep: *Non attribué* is for those that none does."""
    nomme = lignes["commercial_id"].notna()
    if lignes["crm_id"].is_unique:
        return nomme
    return lignes["crm_id"].isin(lignes.loc[nomme, "crm_id"])


def _lies(contexte: Contexte, attente: "pd.DataFrame") -> "pd.DataFrame":
    """Give the linked contracts of the same references that do not wait."""
    connexion = contexte.bases.connexion("sync")
    parametres = {
        "cles": liste(attente["cle_reference"].drop_duplicates()),
        "attendent": liste(attente["source_id"]),
    }
    autres = [ligne[0] for ligne in connexion.execute(requete("contrats.memes_references"), parametres)]
    return en_cadre(lire(connexion, requete("contrats.lies"), {"source_ids": autres})) if autres else attente.iloc[:0]


def _detention(contexte: Contexte, attente: "pd.DataFrame", lies: "pd.DataFrame") -> Detention:
    """Read what the CRM holds of the references that wait without a link, or that several carry."""
    cherchees = {*liste(attente.loc[attente["crm_id"].isna(), "cle_reference"]), *liste(lies["cle_reference"])}
    if not cherchees:
        return Detention({}, {})
    contrats: dict[str, str] = {}
    detenteurs: dict[str, str] = {}
    lignes = lignes_du_crm(contexte.bases, "contrat", "contrats.references", cles=sorted(cherchees))
    for crm_id, reference, client_id, _supprime in sorted(lignes, key=_les_vivants_d_abord):
        cle = cle_reference(reference)
        if cle is not None and cle in cherchees and cle not in contrats:
            contrats[cle] = crm_id
            if client_id is not None:
                detenteurs[crm_id] = client_id
    vivants = existantes(contexte.bases, "client", set(detenteurs.values()))
    return Detention(contrats, {crm_id: client for crm_id, client in detenteurs.items() if client in vivants})


def _les_vivants_d_abord(ligne: tuple[str, str | None, str | None, bool]) -> tuple[bool, str, str, str]:
    crm_id, reference, client_id, supprime = ligne
    return supprime, crm_id, reference or "", client_id or ""


def _vendre(
    connexion: Connexion, contexte: Contexte, lignes: "pd.DataFrame", non_attribue: str | None, refuses: list[str]
) -> None:
    """Set *vendu par* where a contract is first seen signed; runs in the writing transaction."""
    parametres = {"vendus": list(STATUTS_VENDUS), "non_attribue": non_attribue}
    connexion.execute(requete("contrats.vendre_crees"), {**parametres, "refuses": refuses})
    crm = contexte.bases.crm
    if existants := crm["contrat"].ids(liste(lignes.loc[~lignes["nouveau"], "crm_id"].drop_duplicates())):
        connexion.execute(crm.composer("contrats.vendre"), {**parametres, "decides": existants})


ETAPE = Etape("contrat", "contrats", "contrats", "/Souscription/contrats", decider, preparer=transferer)

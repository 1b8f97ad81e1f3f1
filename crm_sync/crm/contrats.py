"""Contracts: which CRM contract each waiting one is, by its reference, and who holds it.

A contract that another client of the CRM holds under the same reference is never taken from them here: it is put aside.
Source of the rule: product.md, *Contrat*.
"""

from typing import TYPE_CHECKING, Any

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.copie import lire
from crm_sync.crm.ecriture import Contexte, Decisions, Etape, premiere_rencontre
from crm_sync.crm.requetes import requete
from crm_sync.crm.snapshot import existantes, lignes_du_crm, non_attribue, retirees
from crm_sync.domain.contrats import Detention, departager
from crm_sync.domain.keys import cle_reference
from crm_sync.domain.lots import avec, certain, dans, distincts, la_ou, retenir
from crm_sync.domain.plan import attribuer_ids
from crm_sync.domain.statuts import STATUTS_VENDUS

if TYPE_CHECKING:
    import pyarrow as pa


def decider(contexte: Contexte, attente: "pa.RecordBatch") -> Decisions:
    """Decide every waiting contract: by link, else by reference, else a new one."""
    import pyarrow as pa
    from pyarrow import compute as pc

    reserve = non_attribue(contexte.bases)
    attente = _sans_les_anciens(contexte, attente)
    lien = attente["crm_id"]
    # Of one that the CRM marks as deleted a living one of the same reference may have taken the place.
    retire = dans(lien, retirees(contexte.bases, "contrat", distincts(lien)))
    libres = avec(attente, {"avant": lien, "crm_id": la_ou(pc.invert(retire), lien)})
    lies = _lies(contexte, libres)
    departage = departager(libres, lies, _detention(contexte, libres, lies))
    lignes = attribuer_ids(_suivre_les_vivants(departage.lignes), contexte.ids("contrat"))
    a_creer = pc.or_(lignes["nouveau"], certain(pc.equal(lignes["etat"], "prevu")))
    sans_nom = pc.and_not(a_creer, _nomme(lignes))
    commercial = pc.if_else(sans_nom, pa.scalar(reserve, pa.string()), lignes["commercial_id"])
    lignes = avec(lignes, {"commercial_id": commercial})
    lignes, sans_attache = _sans_attache(contexte, lignes, a_creer)
    rejets = {**departage.rejets, **sans_attache}
    return Decisions(
        lignes,
        rejets,
        ensuite=lambda service, refuses: _vendre(service, contexte, lignes, reserve, refuses),
        apercu=lambda instantane: _sans_les_egares(contexte, instantane),
    )


def _sans_les_anciens(contexte: Contexte, attente: "pa.RecordBatch") -> "pa.RecordBatch":
    """Have an older version of a prospect name the sales rep that its contracts were last given (promise 4).

    The sales rep is the prospect's, not the contract's, whose own `updatedAt` says nothing of it.
    """
    from pyarrow import compute as pc

    lie = attente["crm_id"].is_valid()
    if not pc.any(lie).as_py():
        return attente
    prospects = distincts(attente["id_prospect"].filter(lie))
    lignes = contexte.bases.connexion("sync").execute(requete("contrats.anciens"), {"prospects": prospects})
    ancien = pc.and_(lie, dans(attente["id_prospect"], [ligne[0] for ligne in lignes]))
    commercial = pc.if_else(ancien, attente["base_commercial_id"], attente["commercial_id"])
    return avec(attente, {"commercial_id": commercial})


def _sans_les_egares(contexte: Contexte, instantane: "pa.RecordBatch") -> "pa.RecordBatch":
    """Read a client or a sales rep that leads nowhere as none."""
    if not instantane.num_rows:
        return instantane
    reels = {}
    for entite, colonne in (("client", "crm_client_id"), ("apporteur", "crm_commercial_id")):
        ids = instantane[colonne]
        existent = dans(ids, contexte.existantes(entite, distincts(ids)))
        reels[colonne] = la_ou(existent, ids)
    return avec(instantane, reels)


def _suivre_les_vivants(lignes: "pa.RecordBatch") -> "pa.RecordBatch":
    """Keep the link of a contract to which no other answers (`avant`); one that another answers to meets that row first."""
    from pyarrow import compute as pc

    avant, crm_id = lignes["avant"], pc.coalesce(lignes["crm_id"], lignes["avant"])
    return premiere_rencontre(avec(lignes, {"crm_id": crm_id}), "contrat", certain(pc.not_equal(avant, crm_id)))


def transferer(contexte: Contexte) -> None:
    """Hand the link of a contract that left its prospect to the prospect that carries it now.

    Its base goes with it: the change of client is then one field that the source changed, like any other.
    """
    connexion = contexte.bases.connexion("sync")
    with connexion.transaction():
        if connexion.execute(requete("contrats.sans_noeud")).fetchone():
            connexion.execute(requete("contrats.transferer"))


def _sans_attache(
    contexte: Contexte, lignes: "pa.RecordBatch", a_creer: Any
) -> tuple["pa.RecordBatch", dict[str, str]]:
    """Put aside what would hang on nobody: its client or sales rep is put aside, or a person has deleted them.

    A contract that exists keeps the sales rep it has.
    """
    from pyarrow import compute as pc

    clients = contexte.existantes("client", distincts(lignes["client_id"]))
    commerciaux = contexte.existantes("apporteur", distincts(lignes["commercial_id"]))
    commercial = lignes["commercial_id"]
    lignes = avec(lignes, {"commercial_id": la_ou(dans(commercial, commerciaux), commercial)})
    sans_client = pc.invert(dans(lignes["client_id"], clients))
    sans_commercial = pc.and_not(a_creer, _nomme(lignes))
    source_ids = lignes["source_id"]
    return retenir(lignes, pc.invert(pc.or_(sans_client, sans_commercial))), {
        **dict.fromkeys(source_ids.filter(sans_commercial).to_pylist(), "commercial_ecarte"),
        **dict.fromkeys(source_ids.filter(sans_client).to_pylist(), "client_ecarte"),
    }


def _nomme(lignes: "pa.RecordBatch") -> Any:
    """Tell of each node whether one of its contract's nodes names a sales rep: *Non attribué* is for those that none does."""
    return dans(lignes["crm_id"], lignes["crm_id"].filter(lignes["commercial_id"].is_valid()))


def _lies(contexte: Contexte, attente: "pa.RecordBatch") -> "pa.RecordBatch":
    """Give the linked contracts of the same references that do not wait."""
    connexion = contexte.bases.connexion("sync")
    parametres = {
        "cles": distincts(attente["cle_reference"]),
        "attendent": attente["source_id"].to_pylist(),
    }
    autres = [ligne[0] for ligne in connexion.execute(requete("contrats.memes_references"), parametres)]
    return lire(connexion, requete("contrats.lies"), {"source_ids": autres}) if autres else attente.slice(length=0)


def _detention(contexte: Contexte, attente: "pa.RecordBatch", lies: "pa.RecordBatch") -> Detention:
    """Read what the CRM holds of the references that wait without a link, or that several carry."""
    sans_lien = attente["cle_reference"].filter(attente["crm_id"].is_null())
    cherchees = {*distincts(sans_lien), *distincts(lies["cle_reference"])}
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
    connexion: Connexion, contexte: Contexte, lignes: "pa.RecordBatch", non_attribue: str | None, refuses: list[str]
) -> None:
    """Set *vendu par* where a contract is first seen signed; runs in the writing transaction."""
    from pyarrow import compute as pc

    parametres = {"vendus": list(STATUTS_VENDUS), "non_attribue": non_attribue}
    connexion.execute(requete("contrats.vendre_crees"), {**parametres, "refuses": refuses})
    crm = contexte.bases.crm
    if existants := crm["contrat"].ids(distincts(lignes["crm_id"].filter(pc.invert(lignes["nouveau"])))):
        connexion.execute(crm.composer("contrats.vendre"), {**parametres, "decides": existants})


ETAPE = Etape("contrat", "contrats", "contrats", "/Souscription/contrats", decider, preparer=transferer)

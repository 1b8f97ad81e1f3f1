"""Which CRM contract a contract of the source is, and who keeps it where two clients claim one reference.

Source of the rules: product.md, *Contrat*. A contract never leaves the client that holds it on weak evidence.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sync.domain.lots import a_la_suite, avec, certain, dans, repetes, retenir, traduire
from crm_sync.domain.temps import par_recence

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Detention:
    """What the CRM holds of the references that are looked for.

    `contrats`: reference key → CRM contract; `detenteurs`: CRM contract → the living client that holds it.
    """

    contrats: Mapping[str, str]
    detenteurs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Departage:
    """The outcome: contracts to decide on, and those put aside.

    `lignes` has `crm_id` (null: new), `groupe`, `regle` (`lien`, `reference`, `creation`), `preuve`; `rejets` is source id →
    motif.
    """

    lignes: "pa.RecordBatch"
    rejets: Mapping[str, str]


def departager(attente: "pa.RecordBatch", lies: "pa.RecordBatch", detention: Detention) -> Departage:
    """Find the CRM contract of every waiting one: link, else reference, else a new one.

    `attente`: one row per prospect and reference that waits: `source_id`, `cle_reference`, `client_id` (CRM), `crm_id` (linked,
    else null), `modifie_a`. `lies`: the linked ones of the same references that do not wait, same columns.

    Where several clients carry a reference, one of them keeps it, and the others are put aside (`reference_detenue`,
    `reference_disputee`); so is the only one that carries it where another client holds it. A contract that we brought and
    that its prospect no longer carries is none of these: its link has gone to who carries it now.
    """
    from pyarrow import compute as pc

    cles, lien, client = attente["cle_reference"], attente["crm_id"], attente["client_id"]
    trouve = pc.coalesce(lien, traduire(cles, detention.contrats))
    detenteur = traduire(trouve, detention.detenteurs)
    gagnants = _gagnants(attente, lies, detention)
    gagne = certain(pc.equal(client, traduire(cles, gagnants)))
    perdu = pc.and_not(dans(cles, gagnants), gagne)
    detenu = pc.and_(certain(pc.not_equal(detenteur, client)), lien.is_null())
    libre = pc.and_(perdu, detenteur.is_null())
    trouves = pc.if_else(trouve.is_valid(), "reference", "creation")
    lignes = avec(
        attente,
        {"crm_id": trouve, "groupe": cles, "regle": pc.if_else(lien.is_valid(), "lien", trouves), "preuve": None},
    )
    source_ids = attente["source_id"]
    rejets = {
        **dict.fromkeys(source_ids.filter(pc.or_(detenu, perdu)).to_pylist(), "reference_detenue"),
        **dict.fromkeys(source_ids.filter(libre).to_pylist(), "reference_disputee"),
    }
    return Departage(retenir(lignes, pc.invert(pc.or_(detenu, perdu))), rejets)


def _gagnants(attente: "pa.RecordBatch", lies: "pa.RecordBatch", detention: Detention) -> dict[str, str | None]:
    """Say for each reference that several clients carry who keeps it; None: none of them.

    The one that holds it already; else, where nobody holds it, the most recent (tie: lowest source id).
    """
    colonnes = ["cle_reference", "client_id", "crm_id", "modifie_a", "source_id"]
    tous = a_la_suite(attente.select(colonnes), lies.select(colonnes))
    partages = retenir(tous, repetes(tous["cle_reference"]))  # mostly none
    ordonnes = partages.take(par_recence(partages["modifie_a"], partages["source_id"]))
    porteurs: dict[str, list[tuple[str | None, str | None]]] = defaultdict(list)
    for cle, client, lien in zip(*(ordonnes[nom].to_pylist() for nom in colonnes[:3]), strict=True):
        porteurs[cle].append((client, lien))
    gagnants: dict[str, str | None] = {}
    for cle, siens in porteurs.items():
        clients = [client for client, _ in siens]
        if len(set(clients)) > 1:
            contrat = next((lien for _, lien in siens if lien is not None), detention.contrats.get(cle, ""))
            detenteur = detention.detenteurs.get(contrat)
            gagnants[cle] = clients[0] if detenteur is None else detenteur if detenteur in clients else None
    return gagnants

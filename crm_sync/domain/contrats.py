"""Which CRM contract a contract of the source is, and who keeps it where two clients claim one reference.

Source of the rules: product.md, *Contrat*. A contract never leaves the client that holds it on weak evidence.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Detention:
    """What the CRM holds of the references that are looked for.

    `contrats`: reference key → CRM contract; `detenteurs`: CRM contract → the living client that holds it; `presents`: those
    of the holders that have a prospect in this answer.
    """

    contrats: Mapping[str, str]
    detenteurs: Mapping[str, str]
    presents: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Departage:
    """The outcome: contracts to decide on, and those put aside.

    `lignes` has `crm_id` (NA: new), `groupe`, `regle` (`lien`, `reference`, `transfert`, `creation`), `preuve`; `rejets` is
    source id → motif.
    """

    lignes: "pd.DataFrame"
    rejets: Mapping[str, str]


def departager(attente: "pd.DataFrame", lies: "pd.DataFrame", detention: Detention) -> Departage:
    """Find the CRM contract of every waiting one: link, else reference, else a new one.

    `attente`: one row per prospect and reference that waits: `source_id`, `cle_reference`, `client_id` (CRM), `crm_id` (linked,
    else NA), `modifie_a`. `lies`: the linked ones of the same references that do not wait, same columns.

    Where several clients carry a reference, one of them keeps it, and the others are put aside (`reference_detenue`,
    `reference_disputee`); so is the only one that carries it where another client holds it, unless this answer holds that
    client's prospect without it.
    """
    texte = attente["source_id"].dtype
    trouve = attente["crm_id"].fillna(attente["cle_reference"].map(detention.contrats).astype(texte))
    detenteur = trouve.map(detention.detenteurs, na_action="ignore").astype(texte)
    a_un_autre = (detenteur.notna() & (detenteur != attente["client_id"])).fillna(value=False).astype(bool)
    cede = a_un_autre & detenteur.isin(detention.presents)
    gagnants = _gagnants(attente, lies, detention)
    dispute = attente["cle_reference"].isin(gagnants)
    perdu = dispute & (attente["client_id"] != attente["cle_reference"].map(gagnants)).fillna(value=True).astype(bool)
    detenu = a_un_autre & ~cede & attente["crm_id"].isna() & ~dispute

    rejets = {
        **dict.fromkeys(attente.loc[detenu, "source_id"].tolist(), "reference_detenue"),
        **{
            qui: "reference_disputee" if libre else "reference_detenue"
            for qui, libre in zip(
                attente.loc[perdu, "source_id"].tolist(), detenteur[perdu].isna().tolist(), strict=True
            )
        },
    }
    regle = (
        attente["crm_id"].notna().map({True: "lien"}).fillna(trouve.notna().map({True: "reference", False: "creation"}))
    )
    lignes = attente.assign(
        crm_id=trouve,
        groupe=attente["cle_reference"],
        regle=regle.mask(cede & attente["crm_id"].isna(), "transfert"),
        preuve=None,
    )
    return Departage(lignes[~detenu & ~perdu], rejets)


def _gagnants(attente: "pd.DataFrame", lies: "pd.DataFrame", detention: Detention) -> dict[str, str | None]:
    """Say for each reference that several clients carry who keeps it; None: none of them.

    The one that holds it already; else, where that one's prospect is in this answer without it, or nobody holds it, the most
    recent (tie: lowest source id).
    """
    import pandas as pd

    colonnes = ["source_id", "cle_reference", "client_id", "crm_id", "modifie_a"]
    tous = pd.concat([attente[colonnes], lies[colonnes]], ignore_index=True)
    paires = tous.drop_duplicates(["cle_reference", "client_id"])
    disputees = paires.loc[paires["cle_reference"].duplicated(), "cle_reference"]
    ordonnes = tous[tous["cle_reference"].isin(disputees)].sort_values(
        ["modifie_a", "source_id"], ascending=[False, True], na_position="last", kind="stable"
    )
    gagnants: dict[str, str | None] = {}
    for cle, porteurs in ordonnes.groupby("cle_reference"):
        liens = porteurs["crm_id"].dropna().tolist()
        contrat = liens[0] if liens else detention.contrats.get(str(cle), "")
        detenteur = detention.detenteurs.get(contrat)
        clients = porteurs["client_id"].tolist()
        if detenteur is None or (detenteur not in clients and detenteur in detention.presents):
            gagnants[str(cle)] = clients[0]
        else:
            gagnants[str(cle)] = detenteur if detenteur in clients else None
    return gagnants

"""Which CRM contract a contract of the source is, and who keeps it where two clients claim one reference.

Source of the rules: product.md, *Contrat*. A contract never leaves the client that holds it on weak evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sync.domain.types import liste, parmi

if TYPE_CHECKING:
    import pandas as pd


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

    `lignes` has `crm_id` (NA: new), `groupe`, `regle` (`lien`, `reference`, `creation`), `preuve`; `rejets` is source id →
    motif.
    """

    lignes: "pd.DataFrame"
    rejets: Mapping[str, str]


def departager(attente: "pd.DataFrame", lies: "pd.DataFrame", detention: Detention) -> Departage:
    """Find the CRM contract of every waiting one: link, else reference, else a new one.

    `attente`: one row per prospect and reference that waits: `source_id`, `cle_reference`, `client_id` (CRM), `crm_id` (linked,
    else NA), `modifie_a`. `lies`: the linked ones of the same references that do not wait, same columns.

    Where several clients carry a reference, one of them keeps it, and the others are put aside (`reference_detenue`,
    `reference_disputee`); so is the only one that carries it where another client holds it. A contract that we brought and
    that its prospect no longer carries is none of these: its link has gone to who carries it now.
    """
    texte = attente["source_id"].dtype
    trouve = attente["crm_id"].fillna(attente["cle_reference"].map(detention.contrats).astype(texte))
    detenteur = trouve.map(detention.detenteurs, na_action="ignore").astype(texte)
    a_un_autre = (detenteur.notna() & (detenteur != attente["client_id"])).fillna(value=False).astype(bool)
    gagnants = _gagnants(attente, lies, detention)
    dispute = attente["cle_reference"].isin(gagnants)
    perdu = dispute & (attente["client_id"] != attente["cle_reference"].map(gagnants)).fillna(value=True).astype(bool)
    detenu = a_un_autre & attente["crm_id"].isna()

    rejets = {
        **dict.fromkeys(liste(attente.loc[detenu, "source_id"]), "reference_detenue"),
        **{
            qui: "reference_disputee" if libre else "reference_detenue"
            for qui, libre in zip(liste(attente.loc[perdu, "source_id"]), detenteur[perdu].isna().tolist(), strict=True)
        },
    }
    regle = (
        attente["crm_id"].notna().map({True: "lien"}).fillna(trouve.notna().map({True: "reference", False: "creation"}))
    )
    lignes = attente.assign(
        crm_id=trouve,
        groupe=attente["cle_reference"],
        regle=regle,
        preuve=None,
    )
    return Departage(parmi(lignes, ~detenu & ~perdu), rejets)


def _gagnants(attente: "pd.DataFrame", lies: "pd.DataFrame", detention: Detention) -> dict[str, str | None]:
    """Say for each reference that several clients carry who keeps it; None: none of them.

    The one that holds it already; else, where nobody holds it, the most recent (tie: lowest source id).
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
        liens = liste(porteurs["crm_id"].dropna())
        contrat = liens[0] if liens else detention.contrats.get(str(cle), "")
        detenteur = detention.detenteurs.get(contrat)
        clients = liste(porteurs["client_id"])
        gagnants[str(cle)] = clients[0] if detenteur is None else detenteur if detenteur in clients else None
    return gagnants

"""Which CRM contract a contract of the source is, and who wins where two prospects carry one reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Departage:
    """The outcome: contracts to decide on, and those put aside.

    `lignes` has `crm_id` (NA: new), `groupe`, `regle`, `preuve`; `rejets` is source id → motif.
    """

    lignes: "pd.DataFrame"
    rejets: Mapping[str, str]


def departager(attente: "pd.DataFrame", contrats: Mapping[str, str], detenteurs: Mapping[str, str]) -> Departage:
    """Find the CRM contract of every waiting one: link, else reference, else a new one.

    `attente`: one row per prospect and reference: `source_id`, `cle_reference`, `client_id` (CRM), `crm_id` (linked, else NA),
    `modifie_a`. `contrats`: reference key → CRM contract; `detenteurs`: CRM contract → the living client that holds it.

    A contract whose reference another living client holds is put aside, and, of several that nobody holds and different
    clients claim, all but those of the client of the most recent (tie: lowest source id).
    """
    lie = attente["crm_id"].notna()
    texte = attente["source_id"].dtype
    trouve = attente["cle_reference"].map(contrats).astype(texte).mask(lie)
    detenteur = trouve.map(detenteurs, na_action="ignore").astype(texte)
    detenu = (detenteur.notna() & (detenteur != attente["client_id"])).fillna(value=False).astype(bool)
    rejets = dict.fromkeys(attente.loc[detenu, "source_id"].tolist(), "reference_detenue")

    libres = attente[~lie & detenteur.isna()].sort_values(
        ["modifie_a", "source_id"], ascending=[False, True], na_position="last", kind="stable"
    )
    gagnants = libres.drop_duplicates("cle_reference").set_index("cle_reference")["client_id"]
    perdants = libres[libres["client_id"] != libres["cle_reference"].map(gagnants)]
    rejets |= dict.fromkeys(perdants["source_id"].tolist(), "reference_disputee")

    regle = lie.map({True: "lien"}).fillna(trouve.notna().map({True: "reference", False: "creation"}))
    lignes = attente.assign(
        crm_id=attente["crm_id"].fillna(trouve), groupe=attente["cle_reference"], regle=regle, preuve=None
    )
    return Departage(lignes[~lignes["source_id"].isin(rejets)], rejets)

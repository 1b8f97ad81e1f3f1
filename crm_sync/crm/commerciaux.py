"""Sales reps: the `utilisateur` and the `apporteur` of each, found by e-mail or made.

An existing `utilisateur` is never written. A made one is inactive and has no password: it can receive contracts, not log
in. Source of the rule: product.md, *Commercial*.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crm_sync.crm import journal
from crm_sync.crm.ecriture import Contexte, Decisions, Etape, ecrire, premiere_rencontre
from crm_sync.crm.snapshot import lignes_du_crm
from crm_sync.domain.canonique import differe
from crm_sync.domain.keys import cle_email
from crm_sync.domain.plan import attribuer_ids, bases_propres
from crm_sync.domain.types import CHAMPS, liste, parmi, tableau

if TYPE_CHECKING:
    import pandas as pd

NON_ATTRIBUE = "non_attribue"
"""Source id of the reserved apporteur that holds contracts without a known sales rep."""


def decider(contexte: Contexte, attente: "pd.DataFrame") -> Decisions:
    """Decide every waiting sales rep: the user first, then the apporteur that stands for them."""
    reserve = attente["source_id"] == NON_ATTRIBUE
    utilisateurs, intenables = _utilisateurs(contexte, parmi(attente, ~reserve))
    ids = attente["source_id"].map(utilisateurs).astype(attente["source_id"].dtype)
    # Somebody made a user of the same address a moment ago: found at the next look, never doubled.
    manques = ids.isna() & ~reserve
    rejets = {qui: intenables.get(qui, "ligne_modifiee") for qui in liste(attente.loc[manques, "source_id"])}
    lignes = _apporteurs(contexte, attente.assign(ancien_id=attente["utilisateur_id"], utilisateur_id=ids)[~manques])
    passes = int((lignes["regle"] == "adresse_d_un_autre").sum())
    texte = (
        f"{passes} commerciaux de la source portent à présent l'adresse d'un autre commercial du CRM : leurs contrats passent "
        "à celui-ci. Si c'est une erreur, la faire corriger dans la source."
    )
    return Decisions(lignes, rejets, avertissements=(texte,) if passes else ())


def _adresse_changee(attente: "pd.DataFrame") -> "pd.Series[bool]":
    """Tell who comes with another address than last time: it may belong to somebody else."""
    return attente["base_email"].notna() & differe(attente["email"], attente["base_email"], "email")


def _utilisateurs(contexte: Contexte, attente: "pd.DataFrame") -> tuple[dict[str, str], Mapping[str, str]]:
    """Give source id → CRM user, making the users that no address leads to, and source id → motif where the CRM cannot hold one.

    Once linked, a changed address is the same person, unless the CRM knows it as somebody else's.
    """
    par_email: dict[str, str] = {}
    for crm_id, email in lignes_du_crm(contexte.bases, "utilisateur", "commerciaux.utilisateurs"):
        par_email.setdefault(cle_email(email) or "", crm_id)
    emails = attente["cle_email"].map(par_email, na_action="ignore").astype(attente["source_id"].dtype)
    decisions = attribuer_ids(
        attente.assign(
            crm_id=emails.where(_adresse_changee(attente)).fillna(attente["utilisateur_id"]).fillna(emails),
            etat=attente["utilisateur_etat"],
            groupe=attente["cle_email"].fillna(attente["source_id"]),
            regle=emails.notna().map({True: "email", False: "creation"}),
            preuve=None,
            role="commercial",
            actif="false",
            # What exists is never written, so nothing is compared with what a sync once wrote.
            **{f"base_{c.nom}": None for c in CHAMPS["utilisateur"]},
        ),
        contexte.ids("utilisateur"),
    )
    # Found or linked ones are settled only; what is to be made, or was about to be when a crash came, is written.
    a_faire = decisions["nouveau"] | (decisions["etat"].fillna("") == "prevu")
    ecriture = ecrire(contexte, "utilisateur", decisions[a_faire])
    trouvees = tableau(parmi(decisions, ~a_faire))
    liens = journal.liens(trouvees, bases_propres("utilisateur", trouvees))
    journal.regler(contexte.bases, "utilisateur", None, liens, None, None, contexte.encore_titulaire)
    sans = ecriture.refuses | ecriture.supprimees | ecriture.intenables.keys()
    trouves = parmi(decisions, ~decisions["source_id"].isin(sans))
    return dict(zip(liste(trouves["source_id"]), liste(trouves["crm_id"]), strict=True)), ecriture.intenables


def _apporteurs(contexte: Contexte, attente: "pd.DataFrame") -> "pd.DataFrame":
    """Find each sales rep's apporteur: by link, by user, else by address among those without user."""
    par_utilisateur: dict[str, str] = {}
    par_email: dict[str, str] = {}
    for crm_id, utilisateur_id, email in lignes_du_crm(contexte.bases, "apporteur", "commerciaux.apporteurs"):
        if utilisateur_id is not None:
            par_utilisateur.setdefault(utilisateur_id, crm_id)
        elif cle := cle_email(email):
            par_email.setdefault(cle, crm_id)
    texte = attente["source_id"].dtype
    par_adresse = attente["cle_email"].map(par_email, na_action="ignore").astype(texte)
    trouves = attente["utilisateur_id"].map(par_utilisateur, na_action="ignore").astype(texte).fillna(par_adresse)
    # The address is now that of another user, or of an apporteur without user: the contracts go there.
    autre = (attente["crm_id"].notna() & _adresse_changee(attente)) & (
        (attente["utilisateur_id"] != attente["ancien_id"]).fillna(value=False)
        | (par_adresse.notna() & (par_adresse != attente["crm_id"]).fillna(value=False))
    )
    autre = autre.fillna(value=False).astype(bool)
    lie = attente["crm_id"].notna() & ~autre
    regle = lie.map({True: "lien", False: None})
    regle = regle.fillna(trouves.notna().map({True: "email", False: "creation"})).mask(autre, "adresse_d_un_autre")
    return attribuer_ids(
        premiere_rencontre(
            attente.assign(
                crm_id=attente["crm_id"].where(lie).fillna(trouves),
                groupe=attente["utilisateur_id"].fillna(attente["source_id"]),
                regle=regle,
                preuve=None,
            ),
            "apporteur",
            autre,
        ),
        contexte.ids("apporteur"),
    )


ETAPE = Etape(
    "apporteur",
    "commerciaux",
    "commerciaux",
    "/commercial",
    decider,
    avec=("utilisateur",),
    regarder="a_regarder_apporteur",
)

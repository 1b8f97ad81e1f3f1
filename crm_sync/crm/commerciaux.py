"""Sales reps: the `utilisateur` and the `apporteur` of each, found by e-mail or made.

An existing `utilisateur` is never written. A made one is inactive and has no password: it can receive contracts, not log
in. Source of the rule: product.md, *Commercial*.
"""

from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm import journal
from crm_sync.crm.ecriture import Contexte, Decisions, Etape, ecrire
from crm_sync.crm.mapping import TABLES
from crm_sync.crm.requetes import requete
from crm_sync.domain.keys import cle_email
from crm_sync.domain.plan import attribuer_ids
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pandas as pd

NON_ATTRIBUE = "non_attribue"
"""Source id of the reserved apporteur that holds contracts without a known sales rep."""


def decider(contexte: Contexte, attente: "pd.DataFrame") -> Decisions:
    """Decide every waiting sales rep: the user first, then the apporteur that stands for them."""
    reserve = attente["source_id"] == NON_ATTRIBUE
    utilisateurs = _utilisateurs(contexte, attente[~reserve])
    ids = attente["source_id"].map(utilisateurs).astype(attente["source_id"].dtype)
    # Somebody made a user of the same address a moment ago: found at the next look, never doubled.
    manques = ids.isna() & ~reserve
    rejets = dict.fromkeys(attente.loc[manques, "source_id"].tolist(), "ligne_modifiee")
    return Decisions(_apporteurs(contexte, attente.assign(utilisateur_id=ids)[~manques]), rejets)


def _utilisateurs(contexte: Contexte, attente: "pd.DataFrame") -> dict[str, str]:
    """Give source id → CRM user, making the users that no address leads to."""
    par_email: dict[str, str] = {}
    for crm_id, email in sorted(_lire(contexte, "utilisateur", "commerciaux.utilisateurs")):
        par_email.setdefault(cle_email(email) or "", crm_id)
    emails = attente["cle_email"].map(par_email, na_action="ignore").astype(attente["source_id"].dtype)
    decisions = attribuer_ids(
        attente.assign(
            crm_id=attente["utilisateur_id"].fillna(emails),
            etat=attente["utilisateur_etat"],
            groupe=attente["cle_email"].fillna(attente["source_id"]),
            regle=emails.notna().map({True: "email", False: "creation"}),
            preuve=None,
            role="commercial",
            actif="false",
            # What exists is never written, so nothing is compared with what a sync once wrote.
            **{f"base_{c.nom}": None for c in CHAMPS["utilisateur"]},
        )
    )
    # Found or linked ones are settled only; what is to be made, or was about to be when a crash came, is written.
    a_faire = decisions["nouveau"] | (decisions["etat"].fillna("") == "prevu")
    ecriture = ecrire(contexte, "utilisateur", decisions[a_faire])
    journal.regler(contexte.bases, "utilisateur", None, decisions[~a_faire], set(), contexte.encore_titulaire)
    trouves = decisions[~decisions["source_id"].isin(ecriture.refuses | ecriture.supprimees)]
    return dict(zip(trouves["source_id"].tolist(), trouves["crm_id"].tolist(), strict=True))


def _apporteurs(contexte: Contexte, attente: "pd.DataFrame") -> "pd.DataFrame":
    """Find each sales rep's apporteur: by link, by user, else by address among those without user."""
    par_utilisateur: dict[str, str] = {}
    par_email: dict[str, str] = {}
    existants = _lire(contexte, "apporteur", "commerciaux.apporteurs")
    for crm_id, utilisateur_id, email, _cree_le in sorted(existants, key=lambda ligne: (ligne[3], ligne[0])):
        if utilisateur_id is not None:
            par_utilisateur[utilisateur_id] = crm_id
        elif cle := cle_email(email):
            par_email.setdefault(cle, crm_id)
    texte = attente["source_id"].dtype
    par_les_deux = (
        attente["utilisateur_id"]
        .map(par_utilisateur, na_action="ignore")
        .astype(texte)
        .fillna(attente["cle_email"].map(par_email, na_action="ignore").astype(texte))
    )
    regle = attente["crm_id"].notna().map({True: "lien", False: None})
    regle = regle.fillna(par_les_deux.notna().map({True: "email", False: "creation"}))
    return attribuer_ids(
        attente.assign(
            crm_id=attente["crm_id"].fillna(par_les_deux),
            groupe=attente["utilisateur_id"].fillna(attente["source_id"]),
            regle=regle,
            preuve=None,
        )
    )


def _lire(contexte: Contexte, entite: str, nom: str) -> list[tuple[Any, ...]]:
    table = TABLES[entite]
    texte: Any = requete(nom).decode()
    with contexte.bases.transaction(table.service) as connexion:
        return connexion.execute(sql.SQL(texte).format(**{entite: table.nom})).fetchall()


ETAPE = Etape("apporteur", "commerciaux", "commerciaux", "/commercial", decider, avec=("utilisateur",))

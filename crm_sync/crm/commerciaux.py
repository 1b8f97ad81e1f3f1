"""Sales reps: the `utilisateur` and the `apporteur` of each, found by e-mail or made.

An existing `utilisateur` is never written. A made one is inactive and has no password: it can receive contracts, not log
in. Source of the rule: product.md, *Commercial*.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crm_sync.crm import journal
from crm_sync.crm.ecriture import Contexte, Decisions, Etape, ecrire, premiere_rencontre
from crm_sync.crm.snapshot import lignes_du_crm
from crm_sync.domain.canonique import differe
from crm_sync.domain.keys import cle_email
from crm_sync.domain.lots import avec, certain, dans, la_ou, retenir, traduire
from crm_sync.domain.plan import attribuer_ids, bases_propres
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pyarrow as pa

NON_ATTRIBUE = "non_attribue"
"""Source id of the reserved apporteur that holds contracts without a known sales rep."""


def decider(contexte: Contexte, attente: "pa.RecordBatch") -> Decisions:
    """Decide every waiting sales rep: the user first, then the apporteur that stands for them."""
    from pyarrow import compute as pc

    reserve = pc.equal(attente["source_id"], NON_ATTRIBUE)
    utilisateurs, intenables = _utilisateurs(contexte, retenir(attente, pc.invert(reserve)))
    ids = traduire(attente["source_id"], utilisateurs)
    # Somebody made a user of the same address a moment ago: found at the next look, never doubled.
    manque = pc.and_not(ids.is_null(), reserve)
    manques = attente["source_id"].filter(manque).to_pylist()
    rejets = {qui: intenables.get(qui, "ligne_modifiee") for qui in manques}
    attente = avec(attente, {"ancien_id": attente["utilisateur_id"], "utilisateur_id": ids})
    lignes = _apporteurs(contexte, retenir(attente, pc.invert(manque)))
    passes = pc.sum(pc.equal(lignes["regle"], "adresse_d_un_autre")).as_py()
    texte = (
        f"{passes} commerciaux de la source portent à présent l'adresse d'un autre commercial du CRM : leurs contrats passent "
        "à celui-ci. Si c'est une erreur, la faire corriger dans la source."
    )
    return Decisions(lignes, rejets, avertissements=(texte,) if passes else ())


def _adresse_changee(attente: "pa.RecordBatch") -> Any:
    """Tell who comes with another address than last time: it may belong to somebody else."""
    from pyarrow import compute as pc

    return pc.and_(attente["base_email"].is_valid(), differe(attente["email"], attente["base_email"], "email"))


def _utilisateurs(contexte: Contexte, attente: "pa.RecordBatch") -> tuple[dict[str, str], Mapping[str, str]]:
    """Give source id → CRM user, making the users that no address leads to, and source id → motif where the CRM cannot hold one.

    Once linked, a changed address is the same person, unless the CRM knows it as somebody else's.
    """
    from pyarrow import compute as pc

    par_email: dict[str, str] = {}
    for crm_id, email in lignes_du_crm(contexte.bases, "utilisateur", "commerciaux.utilisateurs"):
        par_email.setdefault(cle_email(email) or "", crm_id)
    trouves = traduire(attente["cle_email"], par_email)
    d_abord = la_ou(_adresse_changee(attente), trouves)
    decidees = {
        "crm_id": pc.coalesce(d_abord, attente["utilisateur_id"], trouves),
        "etat": attente["utilisateur_etat"],
        "groupe": pc.coalesce(attente["cle_email"], attente["source_id"]),
        "regle": pc.if_else(trouves.is_valid(), "email", "creation"),
        "preuve": None,
        "role": "commercial",
        "actif": "false",
        # What exists is never written, so nothing is compared with what a sync once wrote.
        **{f"base_{c.nom}": None for c in CHAMPS["utilisateur"]},
    }
    decisions = attribuer_ids(avec(attente, decidees), contexte.ids("utilisateur"))
    # Found or linked ones are settled only; what is to be made, or was about to be when a crash came, is written.
    a_faire = pc.or_(decisions["nouveau"], certain(pc.equal(decisions["etat"], "prevu")))
    ecriture = ecrire(contexte, "utilisateur", retenir(decisions, a_faire))
    connus = retenir(decisions, pc.invert(a_faire))
    liens = journal.liens(connus, bases_propres("utilisateur", connus))
    journal.regler(contexte.bases, "utilisateur", None, liens, None, None, contexte.encore_titulaire)
    sans = ecriture.refuses | ecriture.supprimees | ecriture.intenables.keys()
    poses = retenir(decisions, pc.invert(dans(decisions["source_id"], sans)))
    return dict(zip(poses["source_id"].to_pylist(), poses["crm_id"].to_pylist(), strict=True)), ecriture.intenables


def _apporteurs(contexte: Contexte, attente: "pa.RecordBatch") -> "pa.RecordBatch":
    """Find each sales rep's apporteur: by link, by user, else by address among those without user."""
    from pyarrow import compute as pc

    par_utilisateur: dict[str, str] = {}
    par_email: dict[str, str] = {}
    for crm_id, utilisateur_id, email in lignes_du_crm(contexte.bases, "apporteur", "commerciaux.apporteurs"):
        if utilisateur_id is not None:
            par_utilisateur.setdefault(utilisateur_id, crm_id)
        elif cle := cle_email(email):
            par_email.setdefault(cle, crm_id)
    lien, utilisateur = attente["crm_id"], attente["utilisateur_id"]
    du_compte, de_l_adresse = traduire(utilisateur, par_utilisateur), traduire(attente["cle_email"], par_email)
    # Where the address is now that of another user, or of an apporteur without user, the contracts go there.
    changee = pc.and_(lien.is_valid(), _adresse_changee(attente))
    autre_compte = certain(pc.not_equal(utilisateur, attente["ancien_id"]))
    autre = pc.and_(changee, pc.or_(autre_compte, certain(pc.not_equal(de_l_adresse, lien))))
    trouves = pc.coalesce(la_ou(pc.and_not(changee, autre_compte), de_l_adresse), du_compte, de_l_adresse)
    garde = pc.and_not(lien.is_valid(), autre)
    crm_id = pc.coalesce(la_ou(garde, lien), trouves)
    regle = pc.if_else(garde, "lien", pc.if_else(trouves.is_valid(), "email", "creation"))
    decidees = {
        "crm_id": crm_id,
        # A user has one apporteur: another one, found by its address, stays without.
        "utilisateur_id": la_ou(pc.invert(certain(pc.not_equal(du_compte, crm_id))), utilisateur),
        "groupe": pc.coalesce(utilisateur, attente["source_id"]),
        "regle": pc.if_else(autre, "adresse_d_un_autre", regle),
        "preuve": None,
    }
    lignes = premiere_rencontre(avec(attente, decidees), "apporteur", autre)
    return attribuer_ids(lignes, contexte.ids("apporteur"))


ETAPE = Etape(
    "apporteur",
    "commerciaux",
    "commerciaux",
    "/commercial",
    decider,
    avec=("utilisateur",),
    regarder="a_regarder_apporteur",
)

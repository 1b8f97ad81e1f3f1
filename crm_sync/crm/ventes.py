"""*Vendu par*: who sold a contract, read, and corrected by a person.

Set once, when a contract is first seen signed: `crm.contrats` writes it with the contract (`contrat_vente`, with the date);
the history begins with a person's first correction. The sale is in the contracts' database, the history in ours.
Source of the rule: product.md, "a correction is an explicit, recorded act".
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from crm_sync.crm import fiche, libelles
from crm_sync.crm.connexion import Bases
from crm_sync.crm.requetes import requete
from crm_sync.crm.snapshot import non_attribue
from crm_sync.domain.keys import cle_email
from crm_sync.domain.statuts import STATUTS_VENDUS
from crm_sync.errors import ConfigurationError, RefusedError


class Vente(NamedTuple):
    """A contract and its sale: apporteurs' ids. `vendeur` None: nobody noted it; it counts for `tenant` where signed."""

    tenant: str
    signe: bool
    vendeur: str | None
    vu_signe_le: datetime | None


class Correction(NamedTuple):
    """What a correction did: `ancien` is who it counted for before (None: nobody); the same two where nothing changed."""

    run_id: str
    contrat_id: str
    cible: str
    ancien_id: str | None
    ancien: str | None
    commercial_id: str
    commercial: str


def vente(bases: Bases, contrat_id: str) -> Vente | None:
    """Read who sold one contract; None where the CRM has no such contract."""
    parametres = {"contrat_id": contrat_id, "vendus": list(STATUTS_VENDUS)}
    with bases.transaction("commercial") as connexion:
        ligne = connexion.execute(bases.crm.composer("ventes.vente"), parametres).fetchone()
    return Vente(*ligne) if ligne else None


def preparer(bases: Bases, contrat: str, commercial: str) -> tuple[str, str, Vente, str | None]:
    """Find what a correction is about: the contract, the sales rep, the sale as noted, and who it counts for now.

    Raises:
        ConfigurationError: no such contract or sales rep, or several.
        RefusedError: the contract is not signed, or the sales rep is *Non attribué*.
    """
    contrat_id = _contrat(bases, contrat)
    commercial_id = _commercial(bases, commercial)
    reserve = non_attribue(bases)
    actuelle = vente(bases, contrat_id)
    if reserve and commercial_id == reserve:
        raise RefusedError("« Non attribué » ne vend pas : donner l'adresse ou l'identifiant d'un commercial.")
    if actuelle is None or not (actuelle.signe or actuelle.vendeur):
        raise RefusedError("Ce contrat n'est pas signé : personne ne l'a encore vendu. Rien n'a été écrit.")
    herite = actuelle.tenant if not reserve or actuelle.tenant != reserve else None
    ancien = actuelle.vendeur or herite
    return contrat_id, commercial_id, actuelle, ancien


def corriger(bases: Bases, contrat: str, commercial: str, moi: str, titulaire: Callable[[], None]) -> Correction:
    """Note who sold a contract; a second time the same changes nothing. `titulaire` raises where the sync's lock is lost.

    Raises:
        ConfigurationError, RefusedError: see `preparer`.
    """
    contrat_id, commercial_id, actuelle, ancien = preparer(bases, contrat, commercial)
    if actuelle.vendeur != commercial_id:
        parametres = {"contrat_id": contrat_id, "commercial_id": commercial_id, "ancien": ancien, "moi": moi}
        # The history is committed first: after a crash in between, the same command again only sets the sale.
        with bases.transaction("commercial") as connexion:
            connexion.execute(requete("ventes.poser"), parametres)
            with bases.transaction("sync") as notre:
                titulaire()
                notre.execute(requete("ventes.noter"), parametres)
    noms = libelles.lire(bases, [{"entite": "contrat", "crm_id": contrat_id}])
    return Correction(
        moi,
        contrat_id,
        noms.cible("contrat", contrat_id),
        ancien,
        noms.commercial(ancien),
        commercial_id,
        noms.commerciaux.get(commercial_id) or commercial_id,
    )


def _contrat(bases: Bases, contrat: str) -> str:
    reference = contrat.removeprefix("contrat:")
    trouves = fiche.contrats_de_reference(bases, reference)
    if len(trouves) != 1:
        combien = "Aucun contrat" if not trouves else f"{len(trouves)} contrats"
        raise ConfigurationError(f"{combien} du CRM sous la référence « {reference} » : il en faut un.")
    return trouves[0]


def _commercial(bases: Bases, qui: str) -> str:
    """Find an apporteur by id, or by the e-mail that it or its user has."""
    with bases.transaction("core") as connexion:
        utilisateurs = dict(connexion.execute(bases.crm.composer("commerciaux.utilisateurs")).fetchall())
    with bases.transaction("commercial") as connexion:
        apporteurs = connexion.execute(bases.crm.composer("commerciaux.apporteurs")).fetchall()
    cle = cle_email(qui)
    trouves = {
        crm_id
        for crm_id, utilisateur_id, email in apporteurs
        if crm_id == qui.lower() or (cle and cle in {cle_email(email), cle_email(utilisateurs.get(utilisateur_id))})
    }
    if len(trouves) != 1:
        combien = "Aucun commercial" if not trouves else f"{len(trouves)} commerciaux"
        raise ConfigurationError(
            f"{combien} du CRM sous cette adresse ou cet identifiant : « crm-sync kpi --json » donne les commercial_id."
        )
    return str(trouves.pop())

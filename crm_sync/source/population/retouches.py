"""What a round does to one prospect: one edit, as somebody in the other application would make it.

The touched node's `updatedAt` moves to the round's instant, its parents' do not; and one edit in twenty moves
nobody's, as raw SQL does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from crm_sync.source.population.catalogue import OFFRES
from crm_sync.source.population.commerciaux import Commerciaux
from crm_sync.source.population.fiches import Fiche, premier_contrat
from crm_sync.source.population.hasard import Cas, Flux, alea, cas_de, chance, entre, tire
from crm_sync.source.population.instants import MINUTE, instant, minuit_de_paris, moment_du_tour
from crm_sync.source.population.personnes import autre_telephone
from crm_sync.source.population.souscriptions import Achats, Noeud, decimal

# Two spellings of one sound: the first one found in a name is corrected.
_GRAPHIES = (
    ("TH", "T"),
    ("PH", "F"),
    ("LL", "L"),
    ("NN", "N"),
    ("TT", "T"),
    ("SS", "S"),
    ("Y", "I"),
    ("EAU", "AU"),
)


# How a status begins, the one that follows it, and the date that goes with that.
_SUITES = (("en", "Signé", "dateSignature"), ("sign", "Validé", "dateValidation"), ("valid", "Résilié", None))


@dataclass(frozen=True)
class Contexte:
    """What an edit needs to know besides the prospect itself."""

    hasard: Random
    graine: int
    rang: int
    tour: int
    equipe: Commerciaux
    moment_ms: int

    def achats(self, fiche: Fiche) -> Achats:
        """Draw what the prospect buys at this moment."""
        return Achats(self.hasard, self.graine, self.rang, fiche["idProspect"], self.moment_ms - MINUTE)


def retoucher(fiche: Fiche, graine: int, rang: int, tour: int, equipe: Commerciaux) -> None:
    """Edit a prospect in place; the result always differs from what was there."""
    hasard = alea(graine, rang, flux=Flux.RETOUCHE + tour)
    moment_ms = moment_du_tour(tour) - entre(hasard, MINUTE, 50 * MINUTE)
    contexte = Contexte(hasard, graine, rang, tour, equipe, moment_ms)
    touche = tire(hasard, _RETOUCHES)(fiche, contexte)
    if not chance(hasard, 0.05):
        touche["updatedAt"] = instant(moment_ms)


def dater_la_reparation(fiche: Fiche, graine: int, rang: int, tour: int) -> None:
    """Move the `updatedAt` of the node that a round mended."""
    match cas_de(graine, rang):
        case Cas.CONTRAT_SANS_TITRE | Cas.MONTANT_ILLISIBLE | Cas.DATE_ILLISIBLE:
            noeud = premier_contrat(fiche)
        case Cas.IBAN_FAUX:
            noeud = fiche["informationsPaiement"][0]
        case Cas.COMMERCIAL_SANS_EMAIL:
            noeud = fiche["commercial"]
        case _:
            noeud = fiche
    noeud["updatedAt"] = instant(moment_du_tour(tour))


def _telephone(fiche: Fiche, contexte: Contexte) -> Noeud:
    fiche["telephone"] = autre_telephone(contexte.hasard, contexte.graine, contexte.rang, fiche["telephone"] or "")
    return fiche


def _orthographe(fiche: Fiche, _contexte: Contexte) -> Noeud:
    """Correct the last name: another spelling of the same sound, else a mute letter more or less."""
    nom: str = fiche["nom"]
    for avant, apres in _GRAPHIES:
        for ancien, nouveau in ((avant, apres), (avant.lower(), apres.lower())):
            if ancien in nom[1:]:
                fiche["nom"] = nom[0] + nom[1:].replace(ancien, nouveau, 1)
                return fiche
    muette = "T" if nom.isupper() else "t"
    fiche["nom"] = nom[:-1] if nom.endswith(muette) else nom + muette
    return fiche


def _statut(fiche: Fiche, contexte: Contexte) -> Noeud:
    """Move a contract on: pending, signed, validated, terminated; where none can move, make a new one."""
    contrats: list[Noeud] = [c for souscription in fiche["Souscription"] for c in souscription.get("contrats") or ()]
    jour = minuit_de_paris(contexte.moment_ms)
    for avant, apres, date in _SUITES:
        for contrat in contrats:
            if str(contrat["statut"]).strip().lower().startswith(avant):
                contrat["statut"] = apres
                if date:
                    contrat[date] = jour
                return contrat
    return _nouveau_contrat(fiche, contexte)


def _nouveau_contrat(fiche: Fiche, contexte: Contexte) -> Noeud:
    souscription = fiche["Souscription"][0]
    offre = OFFRES[souscription["offre"]["id"] - 1] if souscription["offre"] else OFFRES[0]
    contrat = contexte.achats(fiche).contrat(offre, neuf=True, tour=contexte.tour)
    souscription["contrats"].append(contrat)
    return contrat


def _nouvel_iban(fiche: Fiche, contexte: Contexte) -> Noeud:
    """Add a bank account, or put a new IBAN under the id of the present one."""
    nouveau = contexte.achats(fiche).compte(0, tour=contexte.tour)
    comptes: list[dict[str, Any]] = fiche.get("informationsPaiement") or []
    if comptes and chance(contexte.hasard, 0.5):
        comptes[0] |= {"IBAN": nouveau["IBAN"], "BIC": nouveau["BIC"]}
        return comptes[0]
    fiche["informationsPaiement"] = [*comptes, nouveau]
    return nouveau


def _autre_commercial(fiche: Fiche, contexte: Contexte) -> Noeud:
    nouveau = contexte.equipe.tire(contexte.hasard.random())
    while nouveau["id"] == fiche["commercialId"]:
        nouveau = contexte.equipe.tire(contexte.hasard.random())
    fiche["commercialId"] = nouveau["id"]
    fiche["commercial"] = nouveau
    return fiche


def _montant(fiche: Fiche, contexte: Contexte) -> Noeud:
    contrat = premier_contrat(fiche)
    centimes = round(float(contrat["montant"] or 0) * 100) + entre(contexte.hasard, 1, 20) * 50
    contrat["montant"] = decimal(centimes)
    return contrat


_RETOUCHES: tuple[Callable[[Fiche, Contexte], Noeud], ...] = (
    *(_statut,) * 6,
    *(_telephone,) * 3,
    *(_nouveau_contrat,) * 3,
    *(_nouvel_iban,) * 3,
    *(_autre_commercial,) * 2,
    *(_montant,) * 2,
    _orthographe,
)

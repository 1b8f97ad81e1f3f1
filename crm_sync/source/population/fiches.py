"""One prospect as the first answer shows it: put together, then spoilt where its rank says so."""

from collections.abc import Callable
from random import Random
from typing import Any

from crm_sync.source.population import personnes
from crm_sync.source.population.catalogue import STATUTS_INCONNUS
from crm_sync.source.population.commerciaux import Commerciaux
from crm_sync.source.population.hasard import INUTILISABLES, Cas, Flux, alea, cas_de, chance, entre, tire
from crm_sync.source.population.instants import (
    DEBUT_MS,
    EPOQUE_MS,
    JOUR,
    MINUTE,
    date_pure,
    instant,
    minuit_de_paris,
)
from crm_sync.source.population.numeros import id_prospect
from crm_sync.source.population.souscriptions import Achats

Fiche = dict[str, Any]

# From a prospect's creation to the last date of its contracts at most 30 days pass.
_DERNIERE_CREATION_MS = EPOQUE_MS - 30 * JOUR
_NAISSANCES = (-25 * 365, 38 * 365)  # days from 1970


def fiche(graine: int, rang: int, equipe: Commerciaux, *, repare: bool = False, apparu_ms: int | None = None) -> Fiche:
    """Make the prospect of a rank: the same for the same arguments, down to the order of its keys.

    `repare`: nothing in it is unusable, whatever its rank's case; all else is as before. `apparu_ms`: when a
    later round brought it, None if it was there from the start.
    """
    place = cas_de(graine, rang)
    cas = None if repare and place in INUTILISABLES else place
    if cas is Cas.DOUBLON:
        return _seconde_lecture(fiche(graine, rang - 1, equipe), graine, rang - 1)
    hasard = alea(graine, rang)
    cree_ms = entre(hasard, DEBUT_MS, _DERNIERE_CREATION_MS) if apparu_ms is None else apparu_ms
    neuf = apparu_ms is not None
    identifiant = id_prospect(rang)
    choisi, nom = personnes.prenom(hasard, cas), personnes.nom_de_famille(graine, rang)
    commercial = equipe.tire(hasard.random())
    if place is Cas.COMMERCIAL_SANS_EMAIL:
        commercial = equipe.occasionnel(rang)
    achats = Achats(hasard, graine, rang, identifiant, cree_ms)
    resultat: Fiche = {
        "idProspect": identifiant,
        "nom": personnes.nom_saisi(hasard, nom),
        "prenom": personnes.prenom_saisi(hasard, choisi),
        "email": personnes.email(hasard, choisi, nom, identifiant),
        "telephone": _telephone(hasard, graine, rang, cas),
        "dateNaissance": _naissance(hasard),
        "commercialId": commercial["id"],
        "createdAt": instant(cree_ms),
        "updatedAt": instant(cree_ms if neuf else entre(hasard, cree_ms, EPOQUE_MS)),
        "informationsPaiement": achats.informations_paiement(),
        "Souscription": achats.souscriptions(neuf=neuf),
        "commercial": commercial,
        "identityCard": _piece_d_identite(hasard, rang, choisi, cree_ms),
    }
    if place is None:
        _lacunes(hasard, resultat)
    elif cas in _MARQUES:
        _MARQUES[cas](resultat, rang)
    return resultat


def premier_contrat(fiche: Fiche) -> dict[str, Any]:
    """Give the first contract: each prospect of the answer has one."""
    contrat: dict[str, Any] = fiche["Souscription"][0]["contrats"][0]
    return contrat


def _seconde_lecture(fiche: Fiche, graine: int, rang: int) -> Fiche:
    """Turn a prospect into what a second read gave while it was being edited: same id, other content."""
    hasard = alea(graine, rang, flux=Flux.SECONDE_LECTURE)
    fiche["telephone"] = personnes.autre_telephone(hasard, graine, rang, fiche["telephone"] or "")
    fiche["updatedAt"] = instant(EPOQUE_MS)
    premier_contrat(fiche)["montant"] = "12.5"
    return fiche


def _telephone(hasard: Random, graine: int, rang: int, cas: Cas | None) -> str:
    match cas:
        case Cas.COUPLE_UN | Cas.COUPLE_DEUX:
            return personnes.telephone_de_couple(hasard, graine, rang)
        case Cas.TELEPHONE_ANNOTE:
            return f"{personnes.telephone(hasard, graine, rang)} ({tire(hasard, ('mari', 'bureau', 'sœur'))})"
        case Cas.DEUX_TELEPHONES:
            premier = personnes.telephone(hasard, graine, rang)
            return f"{premier} / {personnes.autre_telephone(hasard, graine, rang, premier)}"
        case _:
            return personnes.telephone(hasard, graine, rang)


def _naissance(hasard: Random) -> str | None:
    if chance(hasard, 0.35):
        return None
    ms = entre(hasard, *_NAISSANCES) * JOUR
    return tire(hasard, (date_pure, date_pure, minuit_de_paris))(ms)


def _piece_d_identite(hasard: Random, rang: int, choisi: str, cree_ms: int) -> dict[str, Any] | None:
    if not chance(hasard, 0.25):
        return None
    delivree = cree_ms - entre(hasard, 30, 3_000) * JOUR
    lu = instant(cree_ms + MINUTE)
    return {
        "id": rang + 1,
        "type": tire(hasard, ("CNI", "CNI", "CNI", "PASSEPORT", "TITRE_SEJOUR")),
        "numero": f"X{entre(hasard, 10, 99)}{rang:07}",
        "prenoms": choisi,
        "dateDelivrance": date_pure(delivree),
        "dateExpiration": date_pure(delivree + 3_652 * JOUR),
        "rectoUrl": f"/documents/identite/{rang + 1}-recto.jpg",
        "versoUrl": f"/documents/identite/{rang + 1}-verso.jpg",
        "createdAt": lu,
        "updatedAt": lu,
    }


def _lacunes(hasard: Random, fiche: Fiche) -> None:
    """Take away what is often missing; a relation in each of three ways: null, empty, no key at all."""
    match entre(hasard, 1, 100):
        case 1:
            fiche["email"] = None
        case 2:
            fiche["telephone"] = None
    if chance(hasard, 0.03) and fiche["identityCard"] is None:
        del fiche["identityCard"]
    if chance(hasard, 0.1) and fiche["dateNaissance"] is None:
        del fiche["dateNaissance"]
    _sans_commercial(hasard, fiche)
    _sans_compte(hasard, fiche)


def _sans_commercial(hasard: Random, fiche: Fiche) -> None:
    match entre(hasard, 1, 100):
        case 1 | 2 | 3:
            fiche["commercial"] = fiche["commercialId"] = None
        case 4:
            fiche["commercial"] = None
        case 5:
            del fiche["commercial"]


def _sans_compte(hasard: Random, fiche: Fiche) -> None:
    match entre(hasard, 1, 100):
        case 1 | 2 | 3 | 4:
            fiche["informationsPaiement"] = []
        case 5 | 6:
            fiche["informationsPaiement"] = None
        case 7 | 8:
            del fiche["informationsPaiement"]


def _sans_titre(fiche: Fiche, rang: int) -> None:
    premier_contrat(fiche)["titre"] = (None, "")[rang % 2]


def _montant_illisible(fiche: Fiche, rang: int) -> None:
    premier_contrat(fiche)["montant"] = ("à confirmer", "vingt-neuf euros")[rang % 2]


def _date_illisible(fiche: Fiche, rang: int) -> None:
    premier_contrat(fiche)["dateSignature"] = ("2026-02-30T00:00:00.000Z", "bientôt")[rang % 2]


def _iban_faux(fiche: Fiche, rang: int) -> None:
    """Slip on the last digit; the check digits then no longer agree."""
    compte = fiche["informationsPaiement"][0]
    compte["IBAN"] = f"{compte['IBAN'][:-1]}{(int(compte['IBAN'][-1]) + 1 + rang % 8) % 10}"


def _sans_nom(fiche: Fiche, rang: int) -> None:
    fiche["nom"] = (None, " ")[rang % 2]


def _commercial_sans_email(fiche: Fiche, _rang: int) -> None:
    fiche["commercial"]["email"] = None


def _statut_inconnu(fiche: Fiche, rang: int) -> None:
    premier_contrat(fiche)["statut"] = STATUTS_INCONNUS[rang % len(STATUTS_INCONNUS)]


def _autre_prospect(fiche: Fiche, rang: int) -> None:
    premier_contrat(fiche)["prospectId"] = id_prospect(rang + 1)


_MARQUES: dict[Cas | None, Callable[[Fiche, int], None]] = {
    Cas.CONTRAT_SANS_TITRE: _sans_titre,
    Cas.MONTANT_ILLISIBLE: _montant_illisible,
    Cas.DATE_ILLISIBLE: _date_illisible,
    Cas.IBAN_FAUX: _iban_faux,
    Cas.SANS_NOM: _sans_nom,
    Cas.COMMERCIAL_SANS_EMAIL: _commercial_sans_email,
    Cas.STATUT_INCONNU: _statut_inconnu,
    Cas.AUTRE_PROSPECT: _autre_prospect,
}

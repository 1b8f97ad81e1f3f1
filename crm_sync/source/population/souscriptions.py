"""What a prospect bought and pays by: subscriptions, payments, contracts, bank details.

Ids are made from the prospect's rank, so that they are unique in the whole answer; those of nodes that a
later round adds start above `_NOEUDS_PAR_RANG * RANG_MAX`.
"""

from random import Random
from typing import Any

from crm_sync.source.population.catalogue import (
    BANQUES,
    BANQUES_ETRANGERES,
    OFFRES,
    STATUTS,
    STATUTS_PAIEMENT,
)
from crm_sync.source.population.hasard import RANG_MAX, chance, entre, tire
from crm_sync.source.population.instants import (
    EPOQUE_MS,
    HEURE,
    JOUR,
    MINUTE,
    date_pure,
    instant,
    minuit_de_paris,
)
from crm_sync.source.population.numeros import iban, reference

Noeud = dict[str, Any]

_NOEUDS_PAR_RANG = 16
_ENGAGEMENTS = ("sans engagement", "engagement 12 mois", "engagement 24 mois")
_PRELEVEMENTS = ("le 5 du mois", "le 10 du mois", "le 20 du mois")
_STATUTS_PONDERES = tuple(ligne for ligne in STATUTS for _ in range(round(ligne[1] * 100)))
# How many contracts the first and each further subscription hold; none is null, empty or absent in turn.
_PREMIERS = (1,) * 14 + (2,) * 5 + (3,)
_SUIVANTS = (0,) * 4 + (1,) * 13 + (2,) * 3


def id_noeud(rang: int, numero: int, tour: int = 0) -> int:
    """Give the id of a prospect's node number `numero`, or of the one that a later round adds."""
    if tour:
        return (_NOEUDS_PAR_RANG + tour) * RANG_MAX + rang
    return _NOEUDS_PAR_RANG * rang + numero + 1


def decimal(centimes: int) -> str:
    """Write an amount as Prisma writes a decimal: no trailing zeros (`29.9`, `40`)."""
    euros, reste = divmod(centimes, 100)
    return f"{euros}.{reste:02}".rstrip("0") if reste else str(euros)


class Achats:
    """Draws what one prospect bought, from the prospect's own generator."""

    def __init__(self, hasard: Random, graine: int, rang: int, id_prospect: int, cree_ms: int) -> None:
        self._hasard = hasard
        self._graine = graine
        self._rang = rang
        self._id_prospect = id_prospect
        self._cree_ms = cree_ms
        self._contrats = 0
        self._paiements = 0

    def souscriptions(self, *, neuf: bool) -> list[Noeud]:
        """Draw one to three subscriptions; the first holds a contract. `neuf`: nothing is signed yet."""
        combien = 1 if neuf else tire(self._hasard, (1,) * 14 + (2,) * 5 + (3,))
        return [self._souscription(numero, neuf=neuf) for numero in range(combien)]

    def informations_paiement(self) -> list[Noeud]:
        """Draw one bank account, now and then two."""
        return [self.compte(numero) for numero in range(1 + chance(self._hasard, 0.06))]

    def compte(self, numero: int, tour: int = 0) -> Noeud:
        """Draw a bank account: its IBAN is this prospect's alone."""
        etrangere = not tour and chance(self._hasard, 0.05)
        pays, banque, guichet, bic = tire(self._hasard, BANQUES_ETRANGERES if etrangere else BANQUES)
        compte = tour * 3 * RANG_MAX + self._rang * 3 + numero
        numero_iban = iban(pays, banque, guichet, compte)
        if chance(self._hasard, 0.15):
            numero_iban = " ".join(numero_iban[i : i + 4] for i in range(0, len(numero_iban), 4))
        cree = instant(self._cree_ms + MINUTE)
        return {
            "id": id_noeud(self._rang, numero, tour),
            "IBAN": numero_iban,
            "BIC": bic,
            "createdAt": cree,
            "updatedAt": cree,
        }

    def contrat(self, offre: tuple[int, str, str, int, str], *, neuf: bool, tour: int = 0) -> Noeud:
        """Draw a contract for an offer: signed and validated as its status says."""
        hasard = self._hasard
        _, produit, fournisseur, prix, genre = offre
        identifiant = id_noeud(self._rang, self._contrats, tour)
        self._contrats += 1
        label, _, ecritures = STATUTS[2] if neuf else tire(hasard, _STATUTS_PONDERES)
        titre = reference(self._graine, identifiant)
        cree = self._cree_ms + entre(hasard, MINUTE, 8 * HEURE) * (not neuf)
        signe = cree + entre(hasard, 0, 10 * JOUR) if label not in ("En attente", "Annulé") else None
        valide = signe + entre(hasard, HEURE, 15 * JOUR) if signe and label in ("Validé", "Résilié") else None
        modifie = (valide or signe or cree) + entre(hasard, 0, 4 * JOUR) * (not neuf)
        annee = instant(cree)[:4]
        return {
            "id": identifiant,
            "titre": _titre_saisi(hasard, titre),
            "description": _description(hasard, produit) if chance(hasard, 0.8) else None,
            "statut": tire(hasard, ecritures) if chance(hasard, 0.14) else label,
            "dateSignature": _date(hasard, signe),
            "dateValidation": _date(hasard, valide),
            "montant": _montant(hasard, prix),
            "fournisseur": fournisseur,
            "type": genre,
            "documentUrl": f"/documents/contrats/{annee}/{titre}.pdf" if chance(hasard, 0.9) else None,
            "auditTrailUrl": f"/documents/preuves/{annee}/{titre}-audit.pdf" if signe else None,
            "prospectId": self._id_prospect,
            "createdAt": instant(cree),
            "updatedAt": instant(modifie),
        }

    def _souscription(self, numero: int, *, neuf: bool) -> Noeud:
        hasard = self._hasard
        offre = tire(hasard, OFFRES)
        identifiant, nom, fournisseur, prix, _ = offre
        cree = instant(self._cree_ms + MINUTE)
        noeud: Noeud = {
            "id": id_noeud(self._rang, numero),
            "statut": "EN_ATTENTE" if neuf else tire(hasard, ("ACTIVE", "ACTIVE", "ACTIVE", "RESILIEE")),
            "createdAt": cree,
            "updatedAt": cree,
            "offre": {"id": identifiant, "nom": nom, "fournisseur": fournisseur, "prix": decimal(prix)},
            "abonnement": None,
        }
        if chance(hasard, 0.02):
            noeud["offre"] = None
        if not neuf and chance(hasard, 0.5):
            noeud["abonnement"] = {
                "id": id_noeud(self._rang, numero),
                "statut": "ACTIF",
                "dateDebut": date_pure(self._cree_ms + 20 * JOUR),
            }
        _relation(hasard, noeud, "paiements", [] if neuf else self._echeances(prix))
        combien = 1 if neuf else tire(hasard, _SUIVANTS if numero else _PREMIERS)
        _relation(hasard, noeud, "contrats", [self.contrat(offre, neuf=neuf) for _ in range(combien)])
        return noeud

    def _echeances(self, prix: int) -> list[Noeud]:
        premier = self._paiements
        self._paiements += tire(self._hasard, (0, 1, 2, 3, 4))
        return [
            {
                "id": id_noeud(self._rang, numero),
                "montant": decimal(prix),
                "date": date_pure(self._cree_ms + _echeance(numero)),
                "statut": tire(self._hasard, STATUTS_PAIEMENT),
            }
            for numero in range(premier, self._paiements)
            if self._cree_ms + _echeance(numero) <= EPOQUE_MS
        ]


def _echeance(numero: int) -> int:
    return (12 + numero * 30) * JOUR


def _relation(hasard: Random, noeud: Noeud, cle: str, enfants: list[Noeud]) -> None:
    """Set a list of children; where there are none the key is empty, null or left out."""
    if enfants:
        noeud[cle] = enfants
    else:
        match entre(hasard, 1, 3):
            case 1:
                noeud[cle] = []
            case 2:
                noeud[cle] = None


def _description(hasard: Random, produit: str) -> str:
    return f"{produit}, {tire(hasard, _ENGAGEMENTS)}, prélèvement {tire(hasard, _PRELEVEMENTS)}"


def _titre_saisi(hasard: Random, titre: str) -> str:
    if not chance(hasard, 0.02):
        return titre
    return tire(hasard, (titre.lower(), f"{titre[:7]} {titre[7:]}", f" {titre}"))


def _date(hasard: Random, ms: int | None) -> str | None:
    """Write a date as its author stored it: a midnight in Paris, a plain date, or the instant itself."""
    return None if ms is None else tire(hasard, (minuit_de_paris, minuit_de_paris, date_pure, instant))(ms)


def _montant(hasard: Random, prix: int) -> str | float | None:
    """Write an amount: Prisma's text, sometimes a number that somebody converted, rarely none."""
    centimes = prix + tire(hasard, (0, 0, 0, 500, 1010, -100 if prix else 0))
    if chance(hasard, 0.01):
        return None
    return centimes / 100 if chance(hasard, 0.04) else decimal(centimes)

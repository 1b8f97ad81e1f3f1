"""How the tests read an invented answer: its nodes, and what a careful reader makes of their fields."""

import json
import re
from decimal import Decimal, InvalidOperation
from functools import cache

import phonenumbers
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from crm_sync.source.population import corps

GRAINES = (1, 2, 77)


@cache
def mille(graine=1, tour=0, part=0.01):
    return json.loads(corps(1_000, graine, tour, part))


def contrats(prospect):
    return [c for s in prospect["Souscription"] for c in s.get("contrats") or ()]


def comptes(prospect):
    return prospect.get("informationsPaiement") or []


def tous(lire, liste):
    return [noeud for prospect in liste for noeud in lire(prospect)]


def numeros(champ):
    """Read a telephone field as a careful reader would: E.164, only where exactly one reading is valid."""
    lus = []
    for texte in re.split(r"[a-zA-Z(]", champ)[0].split("/"):
        lectures = set()
        national = re.sub(r"^(\+33 ?)(?=69[0-9])", "0", texte.strip())
        for region in ("FR", "RE", "GP", "MQ"):
            numero = phonenumbers.parse(re.sub(r"^00", "+", national), region)
            if phonenumbers.is_valid_number(numero):
                lectures.add(phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164))
        assert len(lectures) == 1, texte
        lus += lectures
    return lus


def iban_valide(texte):
    try:
        IBAN(texte, validate_bban=texte.startswith(("FR", "BE")))
    except SchwiftyException:
        return False
    return True


def montant_lisible(montant):
    try:
        return montant is None or Decimal(str(montant)).is_finite()
    except InvalidOperation:
        return False

"""Who: names as typed, e-mail addresses, telephones as typed.

E-mail addresses stand at `.example` domains only, which nobody can own (RFC 2606).
"""

import unicodedata
from functools import cache
from random import Random

from crm_sync.source.population.hasard import Cas, Flux, alea, cas_de, chance, tire
from crm_sync.source.population.noms import NOMS, PRENOMS_FEMININS, PRENOMS_MASCULINS
from crm_sync.source.population.numeros import MOBILES, OUTRE_MER, six_chiffres

DOMAINES = ("courriel.example", "messagerie.example", "mel.example", "boite.mascareignes.example")


def _tel_quel(texte: str) -> str:
    return texte


def _sans_trait_d_union(texte: str) -> str:
    return texte.replace("-", " ")


def _par_paires(numero: str, separateur: str) -> str:
    return separateur.join(numero[i : i + 2] for i in range(0, 10, 2))


def _espace(numero: str) -> str:
    return _par_paires(numero, " ")


def _pointe(numero: str) -> str:
    return _par_paires(numero, ".")


def _quatre_deux(numero: str) -> str:
    return f"{numero[:4]} {numero[4:6]} {numero[6:8]} {numero[8:]}"


def _international(numero: str) -> str:
    return f"+{OUTRE_MER.get(numero[:4], '33')}{numero[1:]}"


def _international_espace(numero: str) -> str:
    paires = _par_paires(numero, " ")
    return f"+{OUTRE_MER.get(numero[:4], '33')} {paires[1:]}"


def _double_zero(numero: str) -> str:
    return "00" + _international(numero)[1:]


def _comme_en_metropole(numero: str) -> str:
    """Write +33 before an overseas number: wrong to the letter, and met all the time."""
    return f"+33{numero[1:]}"


_SAISIES_NOM = (str.upper,) * 21 + (_tel_quel,) * 8 + (str.lower,)
_SAISIES_PRENOM = (_tel_quel,) * 26 + (str.upper, str.upper, _sans_trait_d_union, str.lower)
_SAISIES_METROPOLE = (
    (_tel_quel,) * 11 + (_espace,) * 3 + (_international,) * 3 + (_pointe, _international_espace, _double_zero)
)
_SAISIES_OUTRE_MER = (
    (_tel_quel,) * 5 + (_quatre_deux,) * 2 + (_international,) * 3 + (_comme_en_metropole,) * 2 + (_double_zero,)
)
_TERRITOIRES = ("0692",) * 6 + ("0690",) * 4 + ("0696",) * 4 + ("0697",)


def nom_de_famille(graine: int, rang: int) -> str:
    """Draw a prospect's last name; the second of a couple has the first's."""
    return tire(alea(graine, _premier_du_couple(graine, rang), flux=Flux.NOM), NOMS)


def prenom(hasard: Random, cas: Cas | None = None) -> str:
    """Draw a first name; a couple is a woman and a man, whose first names never agree."""
    femme = chance(hasard, 0.5)
    if cas in (Cas.COUPLE_UN, Cas.COUPLE_DEUX):
        femme = cas is Cas.COUPLE_UN
    return tire(hasard, PRENOMS_FEMININS if femme else PRENOMS_MASCULINS)


def nom_saisi(hasard: Random, nom: str) -> str:
    """Write a last name as people type it: mostly in capitals."""
    return tire(hasard, _SAISIES_NOM)(nom)


def prenom_saisi(hasard: Random, choisi: str) -> str:
    """Write a first name as people type it: now and then in capitals or without its hyphen."""
    return tire(hasard, _SAISIES_PRENOM)(choisi)


@cache
def pour_adresse(nom: str) -> str:
    """Write a name as in an address: no accent, no space, lower case."""
    decompose = unicodedata.normalize("NFD", nom.replace("œ", "oe").replace("Œ", "oe"))
    return "".join(c for c in decompose.encode("ascii", "ignore").decode().lower() if c.isalnum() or c == "-")


def email(hasard: Random, prenom_choisi: str, nom: str, unique: int) -> str:
    """Make an address that nobody else has: it ends with `unique` (before a `+tag` at most)."""
    court, long = pour_adresse(prenom_choisi), pour_adresse(nom)
    formes = (f"{court}.{long}", f"{court}.{long}", f"{long}.{court}", court[0] + long)
    boite = f"{tire(hasard, formes)}{unique}"
    if chance(hasard, 0.02):
        boite += "+tele"
    adresse = f"{boite}@{tire(hasard, DOMAINES)}"
    if chance(hasard, 0.05):
        adresse = adresse.upper() if chance(hasard, 0.3) else adresse.title()
    return f" {adresse} " if chance(hasard, 0.01) else adresse


def telephone(hasard: Random, graine: int, rang: int) -> str:
    """Draw a telephone as typed, overseas one time in six: its last six digits are this prospect's alone."""
    if chance(hasard, 1 / 6):
        return tire(hasard, _SAISIES_OUTRE_MER)(tire(hasard, _TERRITOIRES) + six_chiffres(graine, rang))
    return tire(hasard, _SAISIES_METROPOLE)(tire(hasard, MOBILES) + six_chiffres(graine, rang))


def telephone_de_couple(hasard: Random, graine: int, rang: int) -> str:
    """Draw the telephone that both of a couple gave: one number, each in a spelling of their own."""
    premier = _premier_du_couple(graine, rang)
    gamme = tire(alea(graine, premier, flux=Flux.NOM), MOBILES)
    return tire(hasard, _SAISIES_METROPOLE)(gamme + six_chiffres(graine, premier))


def autre_telephone(hasard: Random, graine: int, rang: int, ancien: str) -> str:
    """Draw a mobile of this prospect's that is not in `ancien`, the field as it stands."""
    deja = "".join(c for c in ancien if c.isdigit())
    gammes = tuple(gamme for gamme in MOBILES if gamme[1:] not in deja)
    return tire(hasard, _SAISIES_METROPOLE)(tire(hasard, gammes) + six_chiffres(graine, rang))


def _premier_du_couple(graine: int, rang: int) -> int:
    return rang - 1 if rang > 0 and cas_de(graine, rang) is Cas.COUPLE_DEUX else rang

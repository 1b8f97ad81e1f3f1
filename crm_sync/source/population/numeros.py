"""Numbers that are unique by construction: ids, telephones, contract references, IBANs.

Each is a one-to-one image of a rank or an id, so that two people never share one by accident and no memory of
what was given out is needed. Well-formed and valid by their check digits, but invented.
"""

from typing import Final
from uuid import UUID

from crm_sync.source.population.hasard import RANG_MAX, Flux, alea

# All valid mobile ranges for `phonenumbers`, whatever six digits follow. 0688 is kept for the commerciaux.
# The ranges that ARCEP reserves for fiction (0639 98) are no valid numbers to libphonenumber, so they cannot
# serve here.
_GAMMES = (*range(601, 639), *range(640, 688), *range(740, 790))
MOBILES: Final = tuple(f"0{gamme}" for gamme in _GAMMES)
OUTRE_MER: Final = {"0692": "262", "0690": "590", "0696": "596", "0697": "596"}
_COMMERCIAUX: Final = "0688"

_CHIFFRES_DU_COMPTE: Final = {"FR": 11, "BE": 7, "DE": 10, "LU": 13}
_REFERENCES: Final = 9_000_000 * 26**3


def id_prospect(rang: int) -> int:
    """Give the source's id: with gaps, since only prospects with a contract are listed."""
    return 397 + rang * 3 + (rang * 7 % 11) % 3


def six_chiffres(graine: int, rang: int) -> str:
    """Give the last six digits of this rank's numbers; no other rank under a million has them."""
    return f"{(rang * 618_033 + graine * 7_919 + 104_729) % RANG_MAX:06}"


def telephone_commercial(graine: int, numero: int) -> str:
    """Give a commercial's telephone, in a range that no prospect uses."""
    return _COMMERCIAUX + six_chiffres(graine, numero)


def reference(graine: int, contrat_id: int) -> str:
    """Give a contract's reference, such as `8177185WNC`: one for each contract id."""
    melange = (contrat_id * 61_803_398_873 + graine * 1_000_003 + 271_828_182) % _REFERENCES
    chiffres, lettres = divmod(melange, 26**3)
    debut, troisieme = divmod(lettres, 26)
    premiere, deuxieme = divmod(debut, 26)
    return f"{chiffres + 1_000_000}{chr(65 + premiere)}{chr(65 + deuxieme)}{chr(65 + troisieme)}"


def uuid_commercial(graine: int, numero: int) -> str:
    """Give a commercial's id in the other application: a version 4 uuid."""
    return str(UUID(int=alea(graine, numero, flux=Flux.UUID).getrandbits(128), version=4))


def iban(pays: str, banque: str, guichet: str, numero: int) -> str:
    """Make an IBAN, valid by its length, its national key (FR, BE) and mod 97: another for each `numero`.

    `banque` and `guichet` have the lengths of that country; outside FR `numero` is under ten million.

    Raises:
        ValueError: a country whose accounts are not known here.
    """
    if pays not in _CHIFFRES_DU_COMPTE:
        raise ValueError(f"Pays sans modèle d'IBAN : {pays}")
    longueur = _CHIFFRES_DU_COMPTE[pays]
    compte = (numero * 6_180_339_887 + 1_414_213) % 10**longueur
    bban = f"{banque}{guichet}{compte:0{longueur}}"
    match pays:
        case "FR":
            bban += f"{97 - (89 * int(banque) + 15 * int(guichet) + 3 * compte) % 97:02}"
        case "BE":
            bban += f"{int(bban) % 97 or 97:02}"
    # Mod 97 reads letters as numbers from A = 10, the country and two zeros last (ISO 13616).
    cle = 98 - int(f"{bban}{ord(pays[0]) - 55}{ord(pays[1]) - 55}00") % 97
    return f"{pays}{cle:02}{bban}"

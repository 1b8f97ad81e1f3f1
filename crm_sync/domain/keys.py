"""Comparison keys: what two spellings of one e-mail, reference, IBAN, BIC or name have in common.

A key is compared and never stored over what was received. Each function takes one value as typed and gives
its key, or None where it has none; the key of a key is that key. Pure, and without a cache: callers map
distinct values. Keys of telephones are made in `domain.telephones`; which keys are too common to prove
anything is `domain.identity`'s business.

Source of every rule: product.md, *Matching (identity)*.
"""

import re
import string
import unicodedata
from functools import cache, lru_cache

from crm_sync.domain.telephones import cles_telephone

__all__ = ["cle_bic", "cle_email", "cle_iban", "cle_nom", "cle_reference", "cles_telephone", "plier"]

_LARGEUR_NULLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff" + "".join(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Characters without width: joiners, byte order marks, and direction marks that phones and Outlook paste."""

_ESPACES = (
    string.whitespace
    + "\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_BLANCS = _ESPACES + _LARGEUR_NULLE
_SANS_BLANCS = str.maketrans("", "", _BLANCS)

# Strictly narrower than the syntax that the library accepts, so that what matches needs no second opinion:
# ASCII, no doubled hyphen (Punycode), and too short for a limit of length to apply.
_EMAIL_COURANT = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}", re.ASCII)
_LONGUEUR_COURANTE = 64

_LETTRES_EN_NOMBRES = str.maketrans({lettre: str(rang) for rang, lettre in enumerate(string.ascii_uppercase, 10)})
_APOSTROPHES = "'`´‘’‛′ʹʻʼʽˈ＇"
_PLIS = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ı": "i",
        **dict.fromkeys(_APOSTROPHES + _LARGEUR_NULLE, ""),
    }
)
_MOT = re.compile(r"[^\W_]+")


def cle_email(texte: str | None) -> str | None:
    """Key of an e-mail address: trimmed, NFC, lower-cased, its domain in IDNA's ASCII form.

    Dots and `+tags` stay, whoever the provider. None for null, for nothing, and for what is no address by its
    syntax: no dot in the domain, a display name, quotes, two addresses in one field. The DNS is not asked;
    domains reserved for tests or intranets (`.test`, `.local`) are domains like others.
    """
    if texte is None:
        return None
    epure = texte.strip(_BLANCS).lower()
    if len(epure) <= _LONGUEUR_COURANTE and _EMAIL_COURANT.fullmatch(epure):
        return epure
    return _email_verifie(epure)


def _email_verifie(texte: str) -> str | None:
    """Ask the library about a trimmed, lower-cased address; NFC and IDNA are its work."""
    import email_validator

    # The library refuses reserved domains and tells that from no other fault. Below `.test` it looks at their
    # syntax alone; emptying its global list, the other way, would reach further than this call.
    reserve = texte.endswith(tuple(f".{domaine}" for domaine in email_validator.SPECIAL_USE_DOMAIN_NAMES))
    try:
        adresse = email_validator.validate_email(
            f"{texte}.test" if reserve else texte, check_deliverability=False, test_environment=reserve
        )
    except email_validator.EmailNotValidError:
        return None
    domaine = adresse.ascii_domain.removesuffix(".test") if reserve else adresse.ascii_domain
    return f"{adresse.local_part}@{domaine}"


def cle_reference(texte: str | None) -> str | None:
    """Key of a contract reference: NFKC, without spaces at the ends or inside, upper-cased.

    Leading zeros and punctuation stay: `007-A` is neither `7-A` nor `007A`. Zero-width characters, controls
    and what Postgres cannot hold are dropped like spaces. None where nothing is left.
    """
    if texte is None:
        return None
    if texte.isascii() and texte.isprintable():  # of what is asked below only spaces are left
        return texte.upper().replace(" ", "") or None
    cle, avant = texte, None
    while cle != avant:  # NFKC of a letter can give a space (´), and upper-casing can decompose one (ΐ)
        avant = cle
        cle = "".join(c for c in unicodedata.normalize("NFKC", cle).upper() if not _est_vide(c))
    return cle or None


def _est_vide(caractere: str) -> bool:
    return unicodedata.category(caractere) in {"Zs", "Zl", "Zp", "Cc", "Cf", "Cs"}


def cle_iban(texte: str | None) -> str | None:
    """Key of an IBAN, which is also the form that is stored: without spaces, in capitals.

    None for null and for what schwifty refuses: country, length, structure of that country or mod 97. The
    national check digits inside (clé RIB) are not asked for. Only spaces are dropped, no-break and zero-width
    ones among them: a hyphen or a letter from another alphabet is not mended, it makes the IBAN invalid.
    """
    compact = _compact(texte)
    if compact is None:
        return None
    # Most are right, and schwifty takes fifteen times as long to say so as its own French pattern and one division.
    if compact.startswith("FR") and _forme_francaise().fullmatch(compact) and _mod_97(compact):
        return compact
    from schwifty.iban import IBAN

    return compact if IBAN(compact, allow_invalid=True).is_valid else None


@cache
def _forme_francaise() -> re.Pattern[str]:
    """Give what schwifty knows of a French IBAN as one pattern; check digits are never 00, 01 or 99."""
    from schwifty.iban import IBAN

    bban = IBAN("FR", allow_invalid=True).spec.regex.pattern.removeprefix("^").removesuffix("$")
    return re.compile(f"FR(?!00|01|99)[0-9]{{2}}{bban}", re.ASCII)


def _mod_97(iban: str) -> bool:
    """Tell whether the check digits of an IBAN in capitals are right: ISO 7064, mod 97-10."""
    return int((iban[4:] + iban[:4]).translate(_LETTRES_EN_NOMBRES)) % 97 == 1


@lru_cache(maxsize=4096)
def cle_bic(texte: str | None) -> str | None:
    """Key of a BIC, which is also the form that is stored: without spaces, in capitals, 8 or 11 characters.

    None for null and for what schwifty refuses: the structure of ISO 9362, or a country that does not exist.
    `BNPAFRPP` and `BNPAFRPPXXX` name one bank and stay two keys.
    """
    compact = _compact(texte)
    if compact is None:
        return None
    from schwifty.bic import BIC

    return compact if BIC(compact, allow_invalid=True).is_valid else None


def _compact(texte: str | None) -> str | None:
    """Drop spaces and capitalise; None for nothing, and beyond ASCII, where capitals would mend (ı, ſ, ﬁ)."""
    compact = "" if texte is None else texte.translate(_SANS_BLANCS)
    return compact.upper() if compact and compact.isascii() else None


@lru_cache(maxsize=16384)
def cle_nom(texte: str | None) -> str | None:
    """Key of a first or last name: its folded words, one space between them; None where no word is left.

    `Jean-Pierre`, `JEAN PIERRE` and `Jean  Pierre` are `jean pierre`, and `.split()` gives the parts back. An
    apostrophe joins (`N'Diaye` is `ndiaye`), for so it is typed by those who leave it out; that `N Diaye` is
    the same name is for `domain.names` to see, which compares without the spaces. Particles stay.
    """
    return None if texte is None else plier(texte) or None


def plier(texte: str) -> str:
    """Fold a text to lower-case words of letters and digits, without accents, ligatures and punctuation.

    Letters that Unicode does not decompose (œ, æ, ß, ø, ł, đ, ı …) are spelt as they are typed without them.
    """
    if texte.isascii():
        plie = texte.lower().translate(_PLIS)
    else:
        nu = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", texte.translate(_PLIS)).casefold())
        plie = "".join(c for c in nu if not unicodedata.category(c).startswith("M")).translate(_PLIS)
    return " ".join(_MOT.findall(plie))

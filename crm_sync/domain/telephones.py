"""Telephones as typed → comparison keys in E.164.

What belongs here: cutting a field into numbers, and reading one number as `phonenumbers` does, in France and
then overseas. Which numbers are too common to prove anything is `domain.identity`'s business, save fillers.

Source of every rule: product.md, *Matching (identity)*, phone.
"""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

OUTRE_MER = {"RE": 262, "GP": 590, "MQ": 596, "GF": 594, "YT": 262, "PM": 508}
"""Regions tried after France, with their calling codes, in the order of product.md."""

FRANCE = 33
LONGUEUR_NATIONALE = 9
LONGUEUR_COMPOSEE = 18
"""The most that is written for one number: `00`, E.164's fifteen digits, and a trunk `0` among them."""

LONGUEUR_MAX = 250
"""A longer field is a text and not a telephone; libphonenumber has the same limit."""

Numero = tuple[int, str]
"""Calling code and national significant number: E.164 without its plus."""

# The spellings that nearly every field has: nine digits behind the prefix of France or of an overseas code.
_COURANT = re.compile(r"(?:0|(?:\+|00)(33|262|590|594|596)[ .-]?(?:\(0\)|0)?)[ .-]?([1-9](?:[ .-]?[0-9]){8})", re.ASCII)
_HORS_CHIFFRES = str.maketrans("", "", " .-")
_NOTE = re.compile(r"\(([^()]*[A-Za-z][^()]*)\)")
_ETRANGER = re.compile(r"[^0-9+ .,/()\[\]_~-]+")
_ENTRE_DEUX = re.compile(r"[/,]| -+ ?|-+ ")
_GROUPE = re.compile(r"\+?[0-9]+")
_SORTES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)


def cles_telephone(texte: str | None) -> tuple[str, ...]:
    """Keys of a telephone field: its numbers in E.164, sorted and distinct; empty where none can be read.

    - A number is read in France first, then overseas, and only where exactly one comes out valid: `0692…` and
      `+33692…` are `+262692…`. Foreign numbers need their `+` or `00`.
    - Letters are cut off, and part what stands on their two sides: `0612345678 (mari)`, `Tel: 06… ou 01…`.
    - `/`, `,` and a hyphen with a space part two numbers, where the first part is one (`06/12/34/56/78` is
      one number). So do spaces, dots and bare hyphens, where the field falls into whole numbers, each with
      its `0` or `+`, in one way only. One digit too many is no key, nor are two numbers with nothing between.
    - A number of fewer than nine digits (Saint-Pierre) counts only alone in its field: else a remnant.
    - Fillers are none; see `_est_bouche_trou`.
    """
    if texte is None or len(texte) > LONGUEUR_MAX:
        return ()
    courant = _COURANT.fullmatch(texte.strip(" "))
    numeros = _numeros_du_champ(texte) if courant is None else [_d_apres_les_motifs(courant)]
    return tuple(sorted({f"+{n[0]}{n[1]}" for n in numeros if n is not None and not _est_bouche_trou(*n)}))


def _est_bouche_trou(code: int, national: str) -> bool:
    """Tell a filler: all of the subscriber's digits the same (`06 00000000`), or the whole number a run.

    The subscriber's digits are the last eight in France, after `06`, and the last six elsewhere (`0692`).
    `0123456789` is a run, forwards or backwards; a run inside, as in `0612345678`, is somebody's number.
    """
    abonne = national[-8:] if code == FRANCE else national[-6:]
    return len(set(abonne)) == 1 or national in "0123456789" or national in "9876543210"


def _numeros_du_champ(texte: str) -> list[Numero | None]:
    """Cut a field of any spelling into its numbers."""
    ascii_ = texte if texte.isascii() else "".join(map(_signe, texte))
    epure = _ETRANGER.sub(";", _NOTE.sub(r";\1;", ascii_))
    morceaux = [morceau for morceau in epure.split(";") if _GROUPE.search(morceau)]
    if len(morceaux) == 1:
        compose = "".join(_GROUPE.findall(morceaux[0]))
        if len(compose) < LONGUEUR_NATIONALE:
            return [_numero(compose)]
    return [numero for morceau in morceaux for numero in _numeros_du_morceau(morceau)]


def _signe(caractere: str) -> str:
    """Write a character beyond ASCII as the ASCII sign that it stands for in a telephone."""
    if caractere.isascii():
        return caractere
    sorte = unicodedata.category(caractere)
    if sorte == "Nd":
        return str(unicodedata.decimal(caractere))
    if sorte in {"Zs", "Pd", "Cf"} or sorte.startswith("M"):
        return {"Zs": " ", "Pd": "-"}.get(sorte, "")
    large = unicodedata.normalize("NFKC", caractere)  # full-width punctuation
    return large if large in {"+", "/", ",", ".", "(", ")", "[", "]"} else "x"


def _numeros_du_morceau(morceau: str) -> list[Numero]:
    """Read what `/`, `,` or ` - ` part each for itself, or all as one where the first part is no number."""
    parties = [_GROUPE.findall(partie) for partie in _ENTRE_DEUX.split(morceau)]
    lus = [_partage(groupes) for groupes in parties if groupes]
    if len(lus) > 1 and not lus[0]:
        entier = _numero("".join(_GROUPE.findall(morceau)))
        if entier is not None:
            return [entier]
    return [numero for lu in lus for numero in lu]


def _partage(groupes: list[str]) -> list[Numero]:
    """Read groups of digits as one number, else as whole numbers side by side in the only possible way."""
    entier = _numero_long("".join(groupes))
    if entier is not None:
        return [entier]
    # partages[fin]: up to two ways to read the first `fin` groups, for two are as good as many.
    partages: list[list[list[Numero]]] = [[[]]]
    for fin in range(1, len(groupes) + 1):
        ici: list[list[Numero]] = []
        for debut in range(fin - 1, -1, -1):
            suite = groupes[debut:fin]
            if partages[debut] and suite[0][0] in "0+":
                numero = _numero_long("".join(suite))
                if numero is not None:
                    ici.extend([*avant, numero] for avant in partages[debut])
        partages.append(ici[:2])
    return partages[-1][0] if len(partages[-1]) == 1 else []


def _numero_long(compose: str) -> Numero | None:
    """Read one number beside others; None for one too short to be told from a remnant, or too long."""
    return _numero(compose) if LONGUEUR_NATIONALE <= len(compose) <= LONGUEUR_COMPOSEE else None


def _numero(compose: str) -> Numero | None:
    """Read digits, with or without a plus, as one number; None where not exactly one comes out valid.

    A plus further inside begins another number: the library reads none.
    """
    courant = _COURANT.fullmatch(compose)
    return _d_apres_la_bibliotheque(compose) if courant is None else _d_apres_les_motifs(courant)


def _d_apres_la_bibliotheque(compose: str) -> Numero | None:
    """Read a number by the library: in France first, then overseas."""
    lu = _lire(compose, "FR")
    if lu is not None and lu[1]:
        return lu[0]
    ecritures = [compose]
    if lu is not None and lu[0][0] == FRANCE and len(lu[0][1]) == LONGUEUR_NATIONALE:
        ecritures.append(f"0{lu[0][1]}")  # +33692… for 0692…
    essais = [_lire(ecriture, region) for region in OUTRE_MER for ecriture in ecritures]
    trouves = {essai[0] for essai in essais if essai is not None and essai[1]}
    return trouves.pop() if len(trouves) == 1 else None


def _lire(compose: str, region: str) -> tuple[Numero, bool] | None:
    """Parse as dialled from a region: the number, and whether it is valid; None where it cannot be parsed."""
    import phonenumbers

    try:
        lu = phonenumbers.parse(compose, region)
    except phonenumbers.NumberParseException:
        return None
    numero = (lu.country_code or 0, phonenumbers.national_significant_number(lu))
    return numero, phonenumbers.is_valid_number(lu)


def _d_apres_les_motifs(courant: re.Match[str]) -> Numero | None:
    """Read a common spelling by libphonenumber's patterns alone: as the library does, without its parser."""
    code, national = int(courant[1] or FRANCE), courant[2].translate(_HORS_CHIFFRES)
    motifs = _motifs()
    if motifs[code].fullmatch(national):
        return code, national
    if code != FRANCE:
        return None
    trouves = [autre for autre in motifs if autre != FRANCE and motifs[autre].fullmatch(national)]
    return (trouves[0], national) if len(trouves) == 1 else None


@cache
def _motifs() -> dict[int, re.Pattern[str]]:
    """Compile libphonenumber's own patterns of nine-digit numbers, one for each of our calling codes."""
    import phonenumbers

    motifs: dict[int, re.Pattern[str]] = {}
    for code in (FRANCE, *OUTRE_MER.values()):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
        metas = [phonenumbers.PhoneMetadata.metadata_for_region(region) for region in regions]
        motifs[code] = re.compile("|".join(_motif(meta) for meta in metas if meta is not None), re.ASCII)
    return motifs


def _motif(meta: "PhoneMetadata") -> str:
    """Write a region's pattern: a number of any kind, within the region's general description."""
    general = meta.general_desc
    sortes = [getattr(meta, sorte) for sorte in _SORTES]
    de_neuf = [s.national_number_pattern for s in sortes if s and LONGUEUR_NATIONALE in s.possible_length]
    return f"(?=(?:{general.national_number_pattern if general else ''})$)(?:{'|'.join(de_neuf)})"

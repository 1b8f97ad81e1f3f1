"""From bytes to nodes: strict JSON, split into elements as received, each read at the smallest grain.

What belongs here: the syntax of the answer and the translation of the source's names and types into ours. What does not:
any rule about what the values mean (`domain`).
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from crm_sync.domain.types import CommercialLu, ContratLu, Ecart, ElementLu, PaiementLu, ProspectLu
from crm_sync.domain.valeurs import ValeurIllisible, lire_identifiant, nettoyer
from crm_sync.errors import SourceTerminalError
from crm_sync.source import models, noeuds
from crm_sync.source.noeuds import Faute, Forme

N = TypeVar("N", bound=models.Noeud)

PARIS = ZoneInfo("Europe/Paris")
DEMI_CODET = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
ECHAPPEMENT = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|[\s\S])")
SEPARATEUR = re.compile(rb"\s*[\[,]\s*")
BOM = b"\xef\xbb\xbf"
PREVENIR = "Le CRM garde ce qu'il avait ; prévenir le collègue qui tient la source."
MORCEAU = 1 << 16
BLANCS = re.compile(rb"(?:\xef\xbb\xbf)?\s*")


class _CleEnDouble(ValueError):  # noqa: N818
    """An object of the answer says the same key twice."""


def decouper(corps: bytes | bytearray) -> Sequence[msgspec.Raw | memoryview]:
    """Split an answer into its elements, byte for byte as received.

    Raises:
        SourceTerminalError: the answer is not a JSON array in UTF-8; the sentence says which of these it is.
    """
    blancs = BLANCS.match(corps)
    fin = blancs.end() if blancs else 0
    debut = bytes(corps[fin : fin + 10])
    if not debut:
        raise SourceTerminalError(f"La source a répondu par un corps vide au lieu d'une liste. {PREVENIR}")
    if debut.startswith(b"<"):
        raise SourceTerminalError(
            "La source a répondu par une page HTML au lieu de JSON : adresse de connexion, mandataire ou page d'erreur. "
            "Vérifier EXTERNAL_API_URL et EXTERNAL_API_TOKEN."
        )
    _verifier_utf8(corps)
    try:
        contenu = memoryview(corps)[len(BOM) :] if corps.startswith(BOM) else corps
        return _tranches(contenu)
    except msgspec.ValidationError:
        genre = "null" if debut.startswith(b"null") else "un objet" if debut.startswith(b"{") else "autre chose"
        raise SourceTerminalError(f"La source a répondu par {genre} au lieu d'une liste. {PREVENIR}") from None
    except (msgspec.DecodeError, RecursionError) as erreur:
        if "truncated" in str(erreur):
            raise SourceTerminalError(f"La réponse de la source est tronquée. {PREVENIR}") from None
        raise SourceTerminalError(
            f"La réponse de la source n'est pas du JSON strict (NaN et Infinity n'en sont pas). {PREVENIR}"
        ) from None


def _tranches(contenu: bytes | bytearray | memoryview) -> Sequence[msgspec.Raw | memoryview]:
    """Split a JSON array; an escaped lone surrogate, which strict JSON allows and msgspec does not, is no fault."""
    try:
        return msgspec.json.decode(contenu, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        if not DEMI_CODET.search(contenu):
            raise
    # A copy is split in which each half of a pair is an ordinary letter: it is as long, and cut at the same places.
    masque = bytearray(contenu)
    for lu in ECHAPPEMENT.finditer(contenu):
        if DEMI_CODET.match(lu[0]):
            masque[lu.start() : lu.end()] = rb"\u0041"
    vue, fin = memoryview(contenu), 0
    elements: list[memoryview] = []
    for element in msgspec.json.decode(masque, type=list[msgspec.Raw]):
        separateur = SEPARATEUR.match(masque, fin)
        debut = separateur.end() if separateur else fin
        fin = debut + len(memoryview(element))
        elements.append(vue[debut:fin])
    return elements


def _verifier_utf8(corps: bytes | bytearray) -> None:
    """Refuse what is not UTF-8, a piece at a time: as one text an answer with an emoji takes four times its size."""
    lecteur, vue = getincrementaldecoder("utf-8")(), memoryview(corps)
    for debut in range(0, len(vue), MORCEAU):
        en_suspens = len(lecteur.getstate()[0])
        try:
            lecteur.decode(vue[debut : debut + MORCEAU], final=debut + MORCEAU >= len(vue))
        except UnicodeDecodeError as erreur:
            octet = debut - en_suspens + erreur.start
            raise SourceTerminalError(
                f"La réponse de la source n'est pas en UTF-8 (octet {octet}). {PREVENIR}"
            ) from None


def _objet_strict(paires: list[tuple[str, Any]]) -> dict[str, Any]:
    objet = dict(paires)
    if len(objet) != len(paires):
        raise _CleEnDouble
    return objet


def _constante(_nom: str) -> Any:
    raise ValueError


def decoder(charge: bytes) -> Any:
    """Decode one element under the strict rules.

    Raises:
        SourceTerminalError: duplicate keys in one object, `NaN` or `Infinity`, or nesting too deep to be meant.
    """
    try:
        return json.loads(charge, object_pairs_hook=_objet_strict, parse_constant=_constante)
    except _CleEnDouble:
        raise SourceTerminalError(
            f"La réponse de la source contient un objet où la même clé figure deux fois. {PREVENIR}"
        ) from None
    except (ValueError, RecursionError):
        raise SourceTerminalError(f"La réponse de la source n'est pas du JSON strict. {PREVENIR}") from None


def identifiant(element: Any) -> str | None:
    """Give the idProspect of a decoded element as text, or None where there is none that can be used."""
    if not isinstance(element, dict):
        return None
    try:
        return lire_identifiant(element.get("idProspect"))
    except ValeurIllisible:
        return None


def compter(element: Any) -> tuple[int, int]:
    """Count the contract and bank-detail nodes that an element carries, usable or not.

    Whatever stands where a node is expected counts as one, so that the books balance against what was received and not
    against what could be read.
    """
    if not isinstance(element, dict):
        return 0, 0
    contrats = sum(
        len(_elements(souscription, "contrats")) if isinstance(souscription, dict) else 1
        for souscription in _elements(element, "Souscription")
    )
    return contrats, len(_elements(element, "informationsPaiement"))


def _elements(porteur: dict[str, Any], cle: str) -> list[Any]:
    """Give a relation's items: absent, null and empty are none; what is no list is one unreadable item."""
    valeur = porteur.get(cle)
    if valeur is None:
        return []
    return valeur if isinstance(valeur, list) else [valeur]


class _Lecteur:
    """Reads the nodes of one element; gathers what could not be read, and the keys that the models do not describe."""

    def __init__(self) -> None:
        self.ecarts: list[Ecart] = []
        self.inconnues: set[str] = set()

    def noeud(self, forme: Forme[N], objet: Any, entite: str, chemin: str, noeud: str) -> N | None:
        """Read one node; None, and a line put aside, where it cannot be read."""
        if not isinstance(objet, dict):
            self.ecarts.append(Ecart(entite, chemin, noeud, "type_inattendu"))
            return None
        lu = forme.lire(objet)
        if isinstance(lu, Faute):
            nom = _noeud(objet, "titre", noeud) if forme is noeuds.CONTRAT else noeud
            self.ecarts.append(Ecart(entite, f"{chemin}/{lu.champ}", nom, lu.motif))
            return None
        if not forme.cles.issuperset(objet):
            modele = forme.modele.__name__
            self.inconnues |= {f"{modele}.{nettoyer(cle[:60])}" for cle in objet.keys() - forme.cles}
        return lu


def _lire_commercial(objet: Any, commercial_id: str | None, lecteur: _Lecteur) -> CommercialLu | None:
    if objet is None:
        return None
    user = lecteur.noeud(noeuds.USER, objet, "commerciaux", "/commercial", "commercial")
    if user is None:
        return None
    return CommercialLu(user.id or commercial_id, user.nom, user.prenom, user.email, user.telephone, user.updatedAt)


def _lire_contrats(element: dict[str, Any], lecteur: _Lecteur) -> Iterator[ContratLu]:
    for i, brute in enumerate(_elements(element, "Souscription")):
        chemin = f"/Souscription/{i}"
        souscription = lecteur.noeud(noeuds.SOUSCRIPTION, brute, "contrats", chemin, chemin)
        if souscription is None:
            continue
        produit: str | None = None
        if souscription.offre is not None:
            offre = lecteur.noeud(noeuds.OFFRE, souscription.offre, "offres", f"{chemin}/offre", chemin)
            produit = offre.nom if offre else None
        for j, brut in enumerate(_elements(brute, "contrats")):
            ou = f"{chemin}/contrats/{j}"
            lu = lecteur.noeud(noeuds.CONTRAT, brut, "contrats", ou, ou)
            if lu is not None:
                yield ContratLu(
                    ou,
                    lu.id,
                    lu.titre,
                    lu.description,
                    lu.statut,
                    lu.type,
                    lu.fournisseur,
                    produit,
                    lu.montant,
                    lu.dateSignature,
                    lu.dateValidation,
                    lu.documentUrl,
                    lu.auditTrailUrl,
                    lu.prospectId,
                    lu.updatedAt,
                )


def _lire_paiements(element: dict[str, Any], lecteur: _Lecteur) -> Iterator[PaiementLu]:
    for i, brut in enumerate(_elements(element, "informationsPaiement")):
        ou = f"/informationsPaiement/{i}"
        lu = lecteur.noeud(noeuds.INFORMATIONS_PAIEMENT, brut, "informations_paiement", ou, ou)
        if lu is not None:
            yield PaiementLu(ou, lu.id, lu.IBAN, lu.BIC, lu.updatedAt)


def _jour_de_paris(instant: datetime) -> date:
    """Give the day of an instant in Paris: a date without time arrives as midnight UTC or as a Paris midnight."""
    try:
        return instant.astimezone(PARIS).date()
    except OverflowError:  # the last hours of the year 9999
        return instant.date()


def _noeud(brut: dict[str, Any], cle: str, chemin: str) -> str:
    """Name a node by what stays the same when the order of the answer changes, else by where it stands."""
    valeur = brut.get(cle)
    return f"{cle}:{nettoyer(valeur[:200])}" if isinstance(valeur, str) and valeur.strip() else chemin


def lire_charge(charge: bytes) -> ElementLu:
    """Read one element of an accepted answer, as received.

    `prospect` is an `Ecart` where the prospect itself cannot be used; its children are then put aside with it.
    """
    try:
        element = msgspec.json.decode(charge)
    except msgspec.DecodeError:  # what msgspec refuses and strict JSON allows, such as a lone surrogate
        element = decoder(charge)
    contrats, paiements = compter(element)
    lecteur = _Lecteur()
    try:
        prospect = _lire_prospect(element, lecteur)
    except RecursionError:  # nested some hundred deep: strict JSON, and more than can be walked
        prospect = Ecart("clients", "/identityCard", "", "type_inattendu")
    return ElementLu(prospect, contrats, paiements, frozenset(lecteur.inconnues))


def identifiant_strict(charge: bytes) -> str | None:
    """Give the idProspect of an element as received, having checked the whole element against the strict rules.

    Raises:
        SourceTerminalError: see `decoder`.
    """
    # Bytes that an encoder gives back unchanged are strict JSON, and no key can be there twice. Anything else, be it
    # only spaces, is for `decoder` to judge; as is what nests so deep that msgspec has less than eight levels left,
    # for `decoder` gives up a little earlier than msgspec.
    try:
        element = msgspec.json.decode(charge)
        if msgspec.json.encode([[[[[[[[element]]]]]]]]) == b"[[[[[[[[%b]]]]]]]]" % charge:
            return identifiant(element)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return identifiant(decoder(charge))


def _lire_prospect(element: Any, lecteur: _Lecteur) -> ProspectLu | Ecart:
    if not isinstance(element, dict):
        return Ecart("clients", "", "", "element_invalide")
    lu = lecteur.noeud(noeuds.PROSPECT, element, "clients", "", "")
    if lu is None:
        return lecteur.ecarts[0]
    if lu.idProspect is None:
        return Ecart("clients", "/idProspect", "", "identifiant_absent")
    if lu.nom is None:
        return Ecart("clients", "/nom", "", "nom_absent")
    carte = lu.identityCard
    return ProspectLu(
        id_prospect=lu.idProspect,
        nom=lu.nom,
        prenom=lu.prenom,
        email=lu.email,
        telephone=lu.telephone,
        naissance=_jour_de_paris(lu.dateNaissance) if lu.dateNaissance else None,
        identity_card=json.dumps(nettoyer(carte), ensure_ascii=False, sort_keys=True) if carte else None,
        commercial_id=lu.commercialId,
        commercial=_lire_commercial(lu.commercial, lu.commercialId, lecteur),
        contrats=tuple(_lire_contrats(element, lecteur)),
        paiements=tuple(_lire_paiements(element, lecteur)),
        modifie_a=lu.updatedAt,
        ecarts=tuple(lecteur.ecarts),
    )

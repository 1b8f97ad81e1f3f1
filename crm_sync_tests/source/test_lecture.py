"""From bytes to nodes: what is no list is one French sentence, what is no node is put aside alone."""

import copy
import json
import math
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.domain.motifs import MOTIFS
from crm_sync.domain.types import Ecart, ProspectLu
from crm_sync.errors import SourceTerminalError
from crm_sync.source.lecture import MORCEAU, decoder, decouper, identifiant_strict, lire_charge

BOM = b"\xef\xbb\xbf"
SECRET = "FR1420041010050500013M02606"


# --- The answer as a whole

UNE_FICHE = [{"idProspect": 1, "nom": "Élodie", "IBAN": SECRET}]


@pytest.mark.parametrize(
    ("corps", "mot"),
    [
        (b"", "vide"),
        (b" \r\n\t", "vide"),
        (BOM, "vide"),
        (BOM + b" " * 1_000, "vide"),
        (b"null", "null"),
        (b" \n null ", "null"),
        (json.dumps({"prospects": UNE_FICHE}).encode(), "un objet"),
        (b"{}", "un objet"),
        (b'{"erreur": "interne"', "un objet"),
        (b"42", "autre chose"),
        (b"true", "autre chose"),
        (f'"{SECRET}"'.encode(), "autre chose"),
        (f"<!DOCTYPE html><p>{SECRET}</p>".encode(), "HTML"),
        (b"<html><body>Connexion</body></html>", "HTML"),
        (BOM + b"\r\n  <HTML>", "HTML"),
        (b" " * 1_000 + b"<head>", "HTML"),
        (b"<!-- page -->\n<html>", "HTML"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "HTML"),
        ("<html><p>Accès refusé</p></html>".encode("latin-1"), "HTML"),
        (b"[", "tronquée"),
        (b"[{}", "tronquée"),
        (b"[{},", "tronquée"),
        (json.dumps(UNE_FICHE).encode()[:-20], "tronquée"),
        (b'[{"nom": "Mor', "tronquée"),
        (b'[{"montant": NaN}]', "strict"),
        (b"[Infinity]", "strict"),
        (b"[-Infinity]", "strict"),
        (b"[{},]", "strict"),
        (b"[{'nom': 'Moreau'}]", "strict"),
        (b'[{nom: "Moreau"}]', "strict"),
        (b"[] []", "strict"),
        (b"[{}] <!-- fin -->", "strict"),
        (b"[007]", "strict"),
        (b"// prospects\n[]", "strict"),
        (b'["un\ndeux"]', "strict"),
        (b"prospects", "strict"),
        (json.dumps(UNE_FICHE, ensure_ascii=False).encode("latin-1"), "UTF-8"),
        (json.dumps(UNE_FICHE, ensure_ascii=False).encode("cp1252"), "UTF-8"),
        (json.dumps(UNE_FICHE).encode("utf-16"), "UTF-8"),
        (b'[{"nom": "\xed\xa0\x80"}]', "UTF-8"),
        (json.dumps(UNE_FICHE).encode("utf-16-le"), "strict"),
        (rb'["\ud800", NaN]', "strict"),
        (rb'["\ud800",]', "strict"),
        (rb'["\ud800" "\ud800"]', "strict"),
        (rb'["\ud800"]]', "strict"),
        (rb'["\ud80"]', "strict"),
        (rb'["\ud800', "tronquée"),
        (rb'{"\ud800": 1}', "un objet"),
        (b"[" * 200_000, "strict"),
        (b"[" * 5_000 + b"]" * 5_000, "strict"),
        (b'[{"a":' * 5_000, "strict"),
    ],
)
@pytest.mark.parametrize("genre", [bytes, bytearray])
def test_an_answer_that_is_no_list_is_refused_in_one_sentence(genre, corps: bytes, mot: str) -> None:
    with pytest.raises(SourceTerminalError, match=mot) as faute:
        decouper(genre(corps))
    assert SECRET not in str(faute.value)
    assert faute.value.__cause__ is None
    assert faute.value.__suppress_context__ or faute.value.__context__ is None


@pytest.mark.parametrize(
    ("corps", "elements"),
    [
        (b"[]", []),
        (b" \r\n[ ] \t", []),
        (BOM + b"[]", []),
        (BOM + b'\n[{"a" : 1}]', [b'{"a" : 1}']),
        (b" " * 1_000 + b"[1]", [b"1"]),
        (
            b'[ {"b":2,\n "a":"\\u00e9"} , null,"x", [1 , 2] ]',
            [b'{"b":2,\n "a":"\\u00e9"}', b"null", b'"x"', b"[1 , 2]"],
        ),
        (b'[{"montant": 29.90}, {"montant": 1e999}]', [b'{"montant": 29.90}', b'{"montant": 1e999}']),
        (b'[{"a": 1, "a": 2}]', [b'{"a": 1, "a": 2}']),
        (rb'["\ud800"]', [rb'"\ud800"']),
        (
            BOM + rb' [ [1 , "\uDBFF"] ,["\\ud800"], {"\ud83d\ude42":"\"\udfff,\"]"}]',
            [rb'[1 , "\uDBFF"]', rb'["\\ud800"]', rb'{"\ud83d\ude42":"\"\udfff,\"]"}'],
        ),
    ],
)
def test_a_list_is_split_into_its_elements_as_received(corps: bytes, elements: list[bytes]) -> None:
    assert [bytes(element) for element in decouper(corps)] == elements
    assert [bytes(element) for element in decouper(bytearray(corps))] == elements


@pytest.mark.parametrize("octet", [2, 100, MORCEAU - 1, MORCEAU, MORCEAU + 1, 3 * MORCEAU - 2])
@pytest.mark.parametrize("avant", ["a", "é", "🙂"])
def test_the_first_byte_that_is_not_utf_8_is_named(octet: int, avant: str) -> None:
    texte = ('["' + avant * MORCEAU).encode()
    corps = bytearray(texte[:octet].decode(errors="ignore").encode())
    corps += b"x" * (octet - len(corps)) + b"\xff" + b"x" * MORCEAU
    with pytest.raises(SourceTerminalError, match=rf"octet {octet}\)"):
        decouper(corps)


def test_a_text_that_ends_inside_a_character_is_not_utf_8() -> None:
    with pytest.raises(SourceTerminalError, match="UTF-8"):
        decouper(b"[1] " + "é".encode()[:1])
    with pytest.raises(SourceTerminalError, match="UTF-8"):
        decouper(b"[1]".ljust(MORCEAU - 1) + "é".encode()[:1])


@pytest.mark.parametrize(("debut", "au_plus"), [("🙂", 0.5), (r"\ud83d", 1.5)], ids=["an emoji", "half an emoji"])
def test_no_character_makes_an_answer_take_several_times_its_size(debut: str, au_plus: float) -> None:
    corps = (f'["{debut}' + "é" * 2_000_000 + '"]').encode()
    tracemalloc.start()
    try:
        decouper(corps)
        _, sommet = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sommet < len(corps) * au_plus


FEUILLES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=8))
JSON = st.recursive(
    FEUILLES,
    lambda enfants: st.lists(enfants, max_size=3) | st.dictionaries(st.text(max_size=4), enfants, max_size=3),
    max_leaves=6,
)
JSON_STRICT = JSON.filter(lambda valeur: "NaN" not in json.dumps(valeur) and "Infinity" not in json.dumps(valeur))
BLANCS = st.text(st.sampled_from(" \t\r\n"), max_size=3)


@given(st.lists(st.tuples(BLANCS, JSON_STRICT | st.text(st.characters()), st.booleans(), BLANCS), max_size=5))
def test_each_element_keeps_its_bytes(ecrits) -> None:
    textes = [json.dumps(valeur, ensure_ascii=ascii_) for _, valeur, ascii_, _ in ecrits]
    corps = ",".join(f"{avant}{texte}{apres}" for (avant, *_, apres), texte in zip(ecrits, textes, strict=True))
    try:
        recu = f"[{corps}]".encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        return
    assert [bytes(element).decode() for element in decouper(recu)] == textes


# --- One element under the strict rules


@pytest.mark.parametrize(
    "charge",
    [
        b'{"idProspect": 1, "idProspect": 2}',
        b'{"idProspect": 1, "idProspect": 1}',
        b'{"nom": "a", "\\u006eom": "b"}',
        b'[[{"a": [{"b": {"c": 1, "d": 2, "c": 3}}]}]]',
        b'{"Souscription": [{}, {"contrats": [{"titre": "a", "statut": "b", "titre": "a"}]}]}',
    ],
)
def test_the_same_key_twice_in_one_object_is_refused_at_any_depth(charge: bytes) -> None:
    for lire in (decoder, identifiant_strict):
        with pytest.raises(SourceTerminalError, match="même clé"):
            lire(charge)


def test_the_same_key_in_two_objects_is_no_fault() -> None:
    assert decoder(b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}') == {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}


@pytest.mark.parametrize(
    "charge",
    [b'{"a": NaN}', b'{"a": [Infinity]}', b"-Infinity", b'{"a": 1', b"[" * 5_000 + b"]" * 5_000, b"9" * 5_000],
)
def test_what_strict_json_does_not_have_is_refused_without_a_word_of_it(charge: bytes) -> None:
    with pytest.raises(SourceTerminalError, match="strict") as faute:
        decoder(charge)
    assert "999" not in str(faute.value)
    assert "Infinity" not in str(faute.value)


@given(JSON_STRICT)
def test_strict_reading_changes_no_value(valeur) -> None:
    assert decoder(json.dumps(valeur).encode()) == valeur


@given(JSON_STRICT, st.integers(0, 6))
def test_no_depth_hides_a_key_said_twice(valeur, profondeur: int) -> None:
    dedans = f'{{"x": {json.dumps(valeur)}, "y": 0, "x": 0}}'
    for rang in range(profondeur):
        dedans = f"[0, {dedans}]" if rang % 2 else f'{{"z": {dedans}}}'
    with pytest.raises(SourceTerminalError, match="même clé"):
        decoder(dedans.encode())


# --- One prospect

PROSPECT = {
    "idProspect": 397,
    "nom": "Moreau",
    "prenom": "Inès",
    "email": "ines.moreau@courriel.example",
    "telephone": "06 39 98 12 34",
    "dateNaissance": "1984-05-11T22:00:00.000Z",
    "commercialId": "u-1",
    "createdAt": "2025-01-01T08:00:00.000Z",
    "updatedAt": "2025-02-01T09:30:00.250Z",
    "informationsPaiement": [
        {
            "id": 9,
            "IBAN": SECRET,
            "BIC": "BNPAFRPPXXX",
            "prospectId": 397,
            "createdAt": "2025-01-01T08:00:00.000Z",
            "updatedAt": "2025-02-02T00:00:00.000Z",
        },
        {"id": 10, "IBAN": "FR7630006000011234567890189", "BIC": None},
    ],
    "Souscription": [
        {
            "id": 5,
            "statut": "ACTIVE",
            "prospectId": 397,
            "offreId": 3,
            "offre": {"id": 3, "nom": "Fibre 500", "fournisseur": "Télé Ouest", "prix": "29.9", "type": "INTERNET"},
            "contrats": [
                {
                    "id": "c-1",
                    "titre": "8177185WNC",
                    "description": "Ligne fixe",
                    "statut": "Validé",
                    "dateSignature": "2025-01-31T23:00:00.000Z",
                    "dateValidation": None,
                    "montant": "29.9",
                    "fournisseur": "Télé Ouest",
                    "type": "INTERNET",
                    "documentUrl": "contrats/1.pdf",
                    "auditTrailUrl": "",
                    "prospectId": 397,
                    "souscriptionId": 5,
                    "updatedAt": "2025-02-03T00:00:00.000Z",
                },
                {"id": "c-2", "titre": "8177186WNC"},
            ],
            "paiements": [],
            "abonnement": None,
        },
        {"id": 6, "offre": None, "contrats": [{"id": "c-3", "titre": "X-1"}]},
    ],
    "commercial": {
        "id": "u-1",
        "nom": "Roux",
        "prenom": "Léa",
        "email": "lea.roux@agence.example",
        "telephone": None,
        "updatedAt": "2025-01-05T00:00:00.000Z",
    },
    "identityCard": {"numéro": "T7X62TZ79", "delivree": "2020-01-01"},
}
RIEN = object()


def modifie(chemin: str = "", valeur: object = RIEN):
    """Copy the prospect with one value replaced, or taken out: `Souscription/0/contrats/1/montant`."""
    racine = {"": copy.deepcopy(PROSPECT)}
    cles = ["", *(int(cle) if cle.isdecimal() else cle for cle in chemin.split("/") if cle)]
    porteur = racine
    for cle in cles[:-1]:
        porteur = porteur[cle]
    if valeur is RIEN and chemin:
        del porteur[cles[-1]]
    elif chemin:
        porteur[cles[-1]] = valeur
    return racine[""]


def lire(element):
    return lire_charge(json.dumps(element).encode())


def prospect_lu(element) -> ProspectLu:
    lu = lire(element).prospect
    assert isinstance(lu, ProspectLu), lu
    return lu


def test_a_prospect_is_read_with_our_names_and_types() -> None:
    lu = lire(PROSPECT)
    prospect = lu.prospect
    assert prospect.id_prospect == "397"
    assert (prospect.nom, prospect.prenom) == ("Moreau", "Inès")
    assert (prospect.email, prospect.telephone) == ("ines.moreau@courriel.example", "06 39 98 12 34")
    assert prospect.naissance == date(1984, 5, 12), "a Paris midnight, written in UTC"
    assert json.loads(prospect.identity_card) == PROSPECT["identityCard"]
    assert prospect.commercial_id == "u-1"
    assert prospect.commercial == (
        "u-1",
        "Roux",
        "Léa",
        "lea.roux@agence.example",
        None,
        datetime(2025, 1, 5, tzinfo=UTC),
    )
    assert prospect.modifie_a == datetime(2025, 2, 1, 9, 30, 0, 250_000, UTC)
    premier, deuxieme, troisieme = prospect.contrats
    assert premier == (
        "/Souscription/0/contrats/0",
        "c-1",
        "8177185WNC",
        "Ligne fixe",
        "Validé",
        "INTERNET",
        "Télé Ouest",
        "Fibre 500",
        Decimal("29.90"),
        datetime(2025, 1, 31, 23, tzinfo=UTC),
        None,
        "contrats/1.pdf",
        None,
        "397",
        datetime(2025, 2, 3, tzinfo=UTC),
    )
    assert (deuxieme.reference, deuxieme.produit, deuxieme.montant) == ("8177186WNC", "Fibre 500", None)
    assert (troisieme.chemin, troisieme.produit) == ("/Souscription/1/contrats/0", None)
    assert prospect.paiements == (
        ("/informationsPaiement/0", "9", SECRET, "BNPAFRPPXXX", datetime(2025, 2, 2, tzinfo=UTC)),
        ("/informationsPaiement/1", "10", "FR7630006000011234567890189", None, None),
    )
    assert prospect.ecarts == ()
    assert (lu.recus_contrats, lu.recus_paiements, lu.inconnues) == (3, 2, frozenset())


@pytest.mark.parametrize(
    ("envoye", "lu"), [(397, "397"), ("397", "397"), (397.0, "397"), (" a-1\n", "a-1"), (2**63, str(2**63))]
)
@pytest.mark.parametrize(
    "ou", ["idProspect", "commercialId", "informationsPaiement/0/id", "Souscription/0/contrats/0/id"]
)
def test_prisma_s_ids_are_numbers_or_texts(ou: str, envoye, lu: str) -> None:
    prospect = prospect_lu(modifie(ou, envoye))
    trouves = {
        "idProspect": prospect.id_prospect,
        "commercialId": prospect.commercial_id,
        "informationsPaiement/0/id": prospect.paiements[0].id,
        "Souscription/0/contrats/0/id": prospect.contrats[0].id,
    }
    assert trouves[ou] == lu


@pytest.mark.parametrize(
    ("envoye", "lu"),
    [
        ("29.9", "29.90"),
        ("40", "40.00"),
        ("0", "0.00"),
        ("-20.5", "-20.50"),
        ("1e-7", "0.00"),
        ("1.005", "1.01"),
        (29.9, "29.90"),
        (40, "40.00"),
        (0, "0.00"),
        (-0.0, "0.00"),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_prisma_s_decimals_are_texts_or_numbers(envoye, lu) -> None:
    montant = prospect_lu(modifie("Souscription/0/contrats/0/montant", envoye)).contrats[0].montant
    assert (None if montant is None else str(montant)) == lu


@pytest.mark.parametrize(
    ("envoye", "lue"),
    [
        ("1984-05-12T00:00:00.000Z", date(1984, 5, 12)),
        ("1984-05-11T22:00:00.000Z", date(1984, 5, 12)),
        ("1984-01-11T23:00:00.000Z", date(1984, 1, 12)),
        ("1984-05-12", date(1984, 5, 12)),
        ("1908-05-12T00:00:00.000Z", date(1908, 5, 12)),
        ("9999-12-31T23:59:59.000Z", date(9999, 12, 31)),
        ("0001-01-01T00:00:00.000Z", date(1, 1, 1)),
        ("12/05/1984", None),
        (19840512, None),
        (None, None),
    ],
)
def test_a_day_of_birth_is_the_day_in_paris_and_never_costs_the_prospect(envoye, lue) -> None:
    assert prospect_lu(modifie("dateNaissance", envoye)).naissance == lue


@pytest.mark.parametrize("valeur", [None, [], RIEN], ids=["null", "empty", "absent"])
@pytest.mark.parametrize("relation", ["informationsPaiement", "Souscription", "Souscription/0/contrats"])
def test_a_relation_that_is_null_or_empty_or_absent_is_nothing_and_no_fault(relation: str, valeur) -> None:
    lu = lire(modifie(relation, valeur))
    attendus = {"informationsPaiement": (3, 0), "Souscription": (0, 2), "Souscription/0/contrats": (1, 2)}
    assert (lu.recus_contrats, lu.recus_paiements) == attendus[relation]
    assert (len(lu.prospect.contrats), len(lu.prospect.paiements)) == attendus[relation]
    assert lu.prospect.ecarts == ()


@pytest.mark.parametrize("valeur", [None, RIEN], ids=["null", "absent"])
def test_no_commercial_and_no_offer_are_no_fault(valeur) -> None:
    sans_commercial = prospect_lu(modifie("commercial", valeur))
    assert (sans_commercial.commercial, sans_commercial.commercial_id, sans_commercial.ecarts) == (None, "u-1", ())
    sans_offre = prospect_lu(modifie("Souscription/0/offre", valeur))
    assert ([c.produit for c in sans_offre.contrats], sans_offre.ecarts) == ([None] * 3, ())


def test_a_commercial_without_id_has_the_one_that_the_prospect_names() -> None:
    assert prospect_lu(modifie("commercial/id", None)).commercial.source_id == "u-1"
    assert prospect_lu(modifie("commercial/id", "u-2")).commercial.source_id == "u-2", "its own comes first"


@pytest.mark.parametrize("carte", [None, {}, [], "", RIEN])
def test_an_empty_identity_card_is_none(carte) -> None:
    assert prospect_lu(modifie("identityCard", carte)).identity_card is None


def test_an_identity_card_is_written_the_same_whatever_the_order_of_its_keys() -> None:
    cartes = [{"a": 1, "b": {"c": "é", "d": None}}, {"b": {"d": None, "c": "é"}, "a": 1}]
    assert len({prospect_lu(modifie("identityCard", carte)).identity_card for carte in cartes}) == 1


# --- What cannot be used


@pytest.mark.parametrize("element", [None, 12, "Moreau", True, [], [PROSPECT]])
def test_an_element_that_is_no_object_is_put_aside(element) -> None:
    lu = lire(element)
    assert lu.prospect == Ecart("clients", "", "", "element_invalide")
    assert (lu.recus_contrats, lu.recus_paiements) == (0, 0)
    assert identifiant_strict(json.dumps(element).encode()) is None


@pytest.mark.parametrize(
    ("cle", "valeur", "motif"),
    [
        ("idProspect", RIEN, "identifiant_absent"),
        ("idProspect", None, "identifiant_absent"),
        ("idProspect", " ", "identifiant_absent"),
        ("idProspect", {"id": 1}, "type_inattendu"),
        ("idProspect", True, "type_inattendu"),
        ("idProspect", "9" * 201, "identifiant_trop_long"),
        ("nom", RIEN, "nom_absent"),
        ("nom", None, "nom_absent"),
        ("nom", "\u00a0 ", "nom_absent"),
        ("nom", "\x00", "nom_absent"),
        ("nom", ["Moreau"], "type_inattendu"),
        ("prenom", {}, "type_inattendu"),
        ("email", ["ines@courriel.example"], "type_inattendu"),
        ("telephone", False, "type_inattendu"),
        ("commercialId", [], "type_inattendu"),
    ],
)
def test_a_prospect_that_cannot_be_used_takes_its_counted_children_with_it(cle: str, valeur, motif: str) -> None:
    lu = lire(modifie(cle, valeur))
    assert lu.prospect == Ecart("clients", f"/{cle}", "", motif)
    assert (lu.recus_contrats, lu.recus_paiements) == (3, 2), "what was received does not depend on what is usable"


@pytest.mark.parametrize(
    ("chemin", "valeur", "entite", "ou", "motif", "restent"),
    [
        # what was replaced, by what → where it is said, why, and how many contracts and bank details go through
        ("commercial", "Léa Roux", "commerciaux", "/commercial", "type_inattendu", (3, 2)),
        ("commercial", [{"id": "u-1"}], "commerciaux", "/commercial", "type_inattendu", (3, 2)),
        ("commercial/email", ["lea@agence.example"], "commerciaux", "/commercial/email", "type_inattendu", (3, 2)),
        ("commercial/id", "9" * 201, "commerciaux", "/commercial/id", "identifiant_trop_long", (3, 2)),
        ("informationsPaiement", SECRET, "informations_paiement", "/informationsPaiement/0", "type_inattendu", (3, 0)),
        ("informationsPaiement/0", None, "informations_paiement", "/informationsPaiement/0", "type_inattendu", (3, 1)),
        (
            "informationsPaiement/1",
            SECRET,
            "informations_paiement",
            "/informationsPaiement/1",
            "type_inattendu",
            (3, 1),
        ),
        (
            "informationsPaiement/0/IBAN",
            [SECRET],
            "informations_paiement",
            "/informationsPaiement/0/IBAN",
            "type_inattendu",
            (3, 1),
        ),
        (
            "informationsPaiement/1/BIC",
            {},
            "informations_paiement",
            "/informationsPaiement/1/BIC",
            "type_inattendu",
            (3, 1),
        ),
        ("Souscription", "aucune", "contrats", "/Souscription/0", "type_inattendu", (0, 2)),
        ("Souscription/0", None, "contrats", "/Souscription/0", "type_inattendu", (1, 2)),
        ("Souscription/1", 7, "contrats", "/Souscription/1", "type_inattendu", (2, 2)),
        ("Souscription/0/offre", "Fibre", "offres", "/Souscription/0/offre", "type_inattendu", (3, 2)),
        ("Souscription/0/offre/nom", [], "offres", "/Souscription/0/offre/nom", "type_inattendu", (3, 2)),
        ("Souscription/0/contrats", "un", "contrats", "/Souscription/0/contrats/0", "type_inattendu", (1, 2)),
        ("Souscription/0/contrats/0", [], "contrats", "/Souscription/0/contrats/0", "type_inattendu", (2, 2)),
        ("Souscription/0/contrats/1", None, "contrats", "/Souscription/0/contrats/1", "type_inattendu", (2, 2)),
        *(
            (f"Souscription/0/contrats/0/{cle}", valeur, "contrats", f"/Souscription/0/contrats/0/{cle}", motif, (2, 2))
            for cle, valeur, motif in [
                ("titre", {}, "type_inattendu"),
                ("statut", ["Validé"], "type_inattendu"),
                ("id", True, "type_inattendu"),
                ("id", "c" * 201, "identifiant_trop_long"),
                ("montant", "29,90", "montant_illisible"),
                ("montant", "29.90 €", "montant_illisible"),
                ("montant", "NaN", "montant_illisible"),
                ("montant", True, "montant_illisible"),
                ("montant", {"d": [299], "e": 1}, "montant_illisible"),
                ("montant", "10000000000", "montant_trop_grand"),
                ("montant", 1e300, "montant_illisible"),
                ("dateSignature", "31/01/2025", "date_illisible"),
                ("dateSignature", 1738364400000, "date_illisible"),
                ("dateValidation", "0000-00-00T00:00:00.000Z", "date_illisible"),
            ]
        ),
    ],
)
def test_a_node_that_cannot_be_read_is_put_aside_alone(chemin, valeur, entite, ou, motif, restent) -> None:
    lu = lire(modifie(chemin, valeur))
    (ecart,) = lu.prospect.ecarts
    assert (ecart.entite, ecart.chemin, ecart.motif) == (entite, ou, motif)
    assert motif in MOTIFS
    assert (len(lu.prospect.contrats), len(lu.prospect.paiements)) == restent
    assert (lu.prospect.nom, lu.prospect.commercial_id) == ("Moreau", "u-1")
    assert SECRET not in repr(ecart)


@pytest.mark.parametrize("valeur", [None, RIEN, {}, [], True, "9" * 300])
def test_the_id_of_a_subscription_is_not_read_and_so_costs_no_contract(valeur) -> None:
    prospect = prospect_lu(modifie("Souscription/0/id", valeur))
    assert (len(prospect.contrats), prospect.ecarts) == (3, ())


@pytest.mark.parametrize("valeur", ["hier", 12, {}, [], True])
@pytest.mark.parametrize(
    "ou",
    [
        "updatedAt",
        "commercial/updatedAt",
        "informationsPaiement/0/updatedAt",
        "Souscription/0/updatedAt",
        "Souscription/0/contrats/0/updatedAt",
    ],
)
def test_an_updated_at_that_cannot_be_read_proves_nothing_and_costs_nothing(ou: str, valeur) -> None:
    prospect = prospect_lu(modifie(ou, valeur))
    assert prospect.ecarts == ()
    assert (len(prospect.contrats), len(prospect.paiements)) == (3, 2)
    if ou == "updatedAt":
        assert prospect.modifie_a is None


def test_several_bad_nodes_are_put_aside_one_by_one() -> None:
    element = modifie("Souscription/0/contrats/0/montant", "?")
    element["Souscription"][1]["contrats"][0]["dateSignature"] = "?"
    element["informationsPaiement"].append(None)
    prospect = prospect_lu(element)
    assert {ecart.chemin for ecart in prospect.ecarts} == {
        "/Souscription/0/contrats/0/montant",
        "/Souscription/1/contrats/0/dateSignature",
        "/informationsPaiement/2",
    }
    assert len({(ecart.entite, ecart.noeud) for ecart in prospect.ecarts}) == 3
    assert [contrat.reference for contrat in prospect.contrats] == ["8177186WNC"]


def test_a_bad_contract_is_known_again_by_its_reference_when_the_order_changes() -> None:
    element = modifie("Souscription/0/contrats/0/montant", "?")
    retourne = copy.deepcopy(element)
    retourne["Souscription"].reverse()
    retourne["Souscription"][1]["contrats"].reverse()
    assert prospect_lu(element).ecarts[0].noeud == prospect_lu(retourne).ecarts[0].noeud
    assert prospect_lu(element).ecarts[0].chemin != prospect_lu(retourne).ecarts[0].chemin


@pytest.mark.parametrize("titre", [None, "", " ", {}])
def test_bad_contracts_without_a_reference_are_known_by_where_they_stand(titre) -> None:
    element = modifie()
    for contrat in element["Souscription"][0]["contrats"]:
        contrat |= {"titre": titre, "montant": "?"}
    assert len({ecart.noeud for ecart in prospect_lu(element).ecarts}) == 2


# --- Texts that no database expects


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        (r"Mo\u0000reau", "Moreau"),
        (r"Mo\ud800reau", "Mo?reau"),
        (r"\udc00\ud83d", "??"),
        (r"\ud83d\ude42 Moreau", "🙂 Moreau"),
        ("👩‍👩‍👧 Moreau", "👩‍👩‍👧 Moreau"),
        ("مورو \u202eoreau", "مورو \u202eoreau"),
        (r"Moreau\r\nÀ", "Moreau\r\nÀ"),
        ("é" * 10_000, "é" * 10_000),
        ("m" * 10_000, "m" * 10_000),
        ("  Moreau ", "  Moreau "),
    ],
    ids=lambda texte: ascii(texte[:12]),
)
def test_any_text_is_kept_or_made_storable(ecrit: str, lu: str) -> None:
    charge = json.dumps(PROSPECT, ensure_ascii=False).replace('"Moreau"', f'"{ecrit}"').encode()
    prospect = lire_charge(charge).prospect
    assert prospect.nom == lu
    prospect.nom.encode()
    assert (len(prospect.contrats), prospect.ecarts) == (3, ())


def test_texts_of_an_identity_card_are_made_storable_at_any_depth() -> None:
    carte = {"a\x00": [{"b": "x\x00y"}, "\ud800"], "c": 1.5}
    assert json.loads(prospect_lu(modifie("identityCard", carte)).identity_card) == {"a": [{"b": "xy"}, "?"], "c": 1.5}


def test_a_number_that_json_has_and_no_computer_holds_fails_nothing() -> None:
    charge = json.dumps(PROSPECT).replace('"T7X62TZ79"', "[1e999, -1e999]").encode()
    assert identifiant_strict(charge) == "397"
    carte = lire_charge(charge).prospect.identity_card

    def interdit(constante: str) -> None:
        raise AssertionError(constante)

    json.loads(carte, parse_constant=interdit)


@pytest.mark.parametrize("profondeur", [100, 400, 600, 900])
def test_an_identity_card_however_deep_is_kept_or_put_aside(profondeur: int) -> None:
    charge = json.dumps(PROSPECT).replace('"T7X62TZ79"', "[" * profondeur + "]" * profondeur).encode()
    assert identifiant_strict(charge) == "397"
    lu = lire_charge(charge)
    if isinstance(lu.prospect, Ecart):
        assert lu.prospect == Ecart("clients", "/identityCard", "", "type_inattendu")
    else:
        assert lu.prospect.identity_card.count("[") == profondeur
    assert profondeur > 100 or isinstance(lu.prospect, ProspectLu)
    assert (lu.recus_contrats, lu.recus_paiements) == (3, 2)


def test_the_name_of_a_bad_node_can_be_stored() -> None:
    element = modifie("Souscription/0/contrats/0/montant", "?")
    element["Souscription"][0]["contrats"][0]["titre"] = "A\ud800\x00"
    (ecart,) = prospect_lu(element).ecarts
    assert "\x00" not in ecart.noeud
    ecart.noeud.encode()


# --- What nobody had described


def test_unknown_keys_are_told_by_where_they_stand_and_change_nothing() -> None:
    element = copy.deepcopy(PROSPECT)
    contrat = element["Souscription"][0]["contrats"][0]
    for porteur, cle in (
        (element, "civilite"),
        (element["commercial"], "photo"),
        (element["informationsPaiement"][1], "banque"),
        (element["Souscription"][1], "canal"),
        (element["Souscription"][0]["offre"], "promo"),
        (contrat, "remise"),
        (contrat, "x" * 500),
    ):
        porteur[cle] = {"valeur": SECRET}
    lu = lire(element)
    assert lu.inconnues == {
        "Prospect.civilite",
        "User.photo",
        "InformationsPaiement.banque",
        "Souscription.canal",
        "Offre.promo",
        "Contrat.remise",
        f"Contrat.{'x' * 60}",
    }
    assert lu.prospect == lire(PROSPECT).prospect
    assert SECRET not in repr(lu.inconnues)


def test_an_unknown_key_can_be_shown_and_stored_whatever_it_is_called() -> None:
    (inconnue,) = lire({**PROSPECT, "cle\ud800\x00": 1}).inconnues
    inconnue.encode()
    assert "\x00" not in inconnue


def test_a_contract_that_names_another_prospect_is_read_where_it_is_nested() -> None:
    prospect = prospect_lu(modifie("Souscription/0/contrats/0/prospectId", 998))
    assert (prospect.id_prospect, prospect.contrats[0].prospect_id, prospect.ecarts) == ("397", "998", ())


# --- Laws


def chemins(noeud, ici: str = "") -> list[str]:
    suite = noeud.items() if isinstance(noeud, dict) else enumerate(noeud) if isinstance(noeud, list) else ()
    return [
        c for cle, valeur in suite for c in (f"{ici}/{cle}".lstrip("/"), *chemins(valeur, f"{ici}/{cle}".lstrip("/")))
    ]


CHEMINS = [chemin for chemin in chemins(PROSPECT) if not chemin.startswith("identityCard/")]


def nombre_de_noeuds(element) -> tuple[int, int]:
    """Count, by the book, what stands where contracts and bank details stand; what is no list is one node."""

    def liste(valeur):
        return [] if valeur is None else valeur if isinstance(valeur, list) else [valeur]

    contrats = 0
    for souscription in liste(element.get("Souscription")):
        contrats += len(liste(souscription.get("contrats"))) if isinstance(souscription, dict) else 1
    return contrats, len(liste(element.get("informationsPaiement")))


@given(st.sampled_from(CHEMINS), JSON)
def test_no_value_anywhere_breaks_the_reading_or_the_books(chemin: str, valeur) -> None:
    if any(isinstance(f, float) and not math.isfinite(f) for f in feuilles(valeur)):
        return
    element = modifie(chemin, valeur)
    lu = lire(element)
    assert (lu.recus_contrats, lu.recus_paiements) == nombre_de_noeuds(element)
    assert lu.inconnues == frozenset() or isinstance(valeur, dict | list)
    if isinstance(lu.prospect, Ecart):
        assert lu.prospect.entite == "clients"
        assert lu.prospect.motif in MOTIFS
        return
    assert lu.prospect.id_prospect == identifiant_strict(json.dumps(element).encode())
    for entite, recus, bons in (
        ("contrats", lu.recus_contrats, lu.prospect.contrats),
        ("informations_paiement", lu.recus_paiements, lu.prospect.paiements),
    ):
        ecartes = sum(ecart.noeuds for ecart in lu.prospect.ecarts if ecart.entite == entite)
        assert len(bons) + ecartes == recus
    msgspec.json.encode(list(lu.prospect.ecarts))


def feuilles(valeur) -> list:
    if isinstance(valeur, dict):
        return [f for partie in valeur.values() for f in feuilles(partie)]
    return [f for partie in valeur for f in feuilles(partie)] if isinstance(valeur, list) else [valeur]


@given(JSON_STRICT)
def test_any_element_is_a_prospect_or_one_line_put_aside(element) -> None:
    lu = lire(element)
    if isinstance(lu.prospect, ProspectLu):
        assert lu.prospect.id_prospect == identifiant_strict(json.dumps(element).encode())
    else:
        assert lu.prospect.motif in MOTIFS

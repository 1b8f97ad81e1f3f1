"""The colleague's OpenAPI document: every key that we read is in it, and it takes what a sync takes."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from crm_sync.cli import app
from crm_sync.domain.types import Ecart
from crm_sync.source.lecture import lire_charge
from crm_sync.source.models import MODELES, RELATIONS
from crm_sync.source.population import prospects
from crm_sync.source.specification import document
from crm_sync_tests.source.schemas import fautes, resoudre

DOCUMENT = document()
GET = DOCUMENT["paths"]["/prospects"]["get"]
REPONSE = GET["responses"]["200"]["content"]["application/json"]
PROSPECT = DOCUMENT["components"]["schemas"]["Prospect"]
FORMES = {"reference_absente", "montant_illisible", "date_illisible", "nom_absent", "type_inattendu"}
EXEMPLE = REPONSE["examples"]["complet"]["value"][0]


def refus(element: Any) -> list[str]:
    return sorted(fautes(element, PROSPECT, DOCUMENT))


def chemins_ecartes(element: Any) -> list[str]:
    """Give where a sync refuses the form of a value in one element."""
    lu = lire_charge(json.dumps(element).encode()).prospect
    if isinstance(lu, Ecart):
        return [lu.chemin]
    sans_titre = [f"{contrat.chemin}/titre" for contrat in lu.contrats if not (contrat.reference or "").strip()]
    sans_email = ["/commercial/email"] if lu.commercial and not lu.commercial.email else []
    return sorted([ecart.chemin for ecart in lu.ecarts if ecart.motif in FORMES] + sans_titre + sans_email)


def _noeuds(objet: Any) -> Iterator[dict[str, Any]]:
    if isinstance(objet, dict):
        yield objet
    for enfant in objet.values() if isinstance(objet, dict) else objet if isinstance(objet, list) else ():
        yield from _noeuds(enfant)


def test_the_command_prints_the_document_with_and_without_json() -> None:
    for arguments in (["source", "spec"], ["source", "spec", "--json"]):
        fini = CliRunner().invoke(app, arguments)
        assert fini.exit_code == 0
        assert json.loads(fini.output) == DOCUMENT


def test_it_is_openapi_3_1() -> None:
    """The rules of the standard that a document like ours can break; the schemas' keywords are checked by `fautes`."""
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT.keys() <= {"openapi", "info", "jsonSchemaDialect", "servers", "security", "paths", "components"}
    assert DOCUMENT["info"].keys() == {"title", "version", "description"}
    assert all(chemin.startswith("/") for chemin in DOCUMENT["paths"])
    assert GET.keys() <= {"operationId", "summary", "parameters", "responses"}
    for parametre in GET["parameters"]:
        assert parametre.keys() >= {"name", "in", "schema"}
    for statut, reponse in GET["responses"].items():
        assert len(statut) == 3
        assert reponse["description"]
        assert reponse.keys() <= {"description", "headers", "content"}
    for exigence in DOCUMENT["security"]:
        assert exigence.keys() <= DOCUMENT["components"]["securitySchemes"].keys()
    for serveur in DOCUMENT["servers"]:
        assert all(f"{{{nom}}}" in serveur["url"] and v["default"] for nom, v in serveur["variables"].items())
    renvois = [noeud["$ref"] for noeud in _noeuds(DOCUMENT) if "$ref" in noeud]
    assert len(renvois) == 6
    assert all(resoudre(renvoi, DOCUMENT)["type"] == "object" for renvoi in renvois)
    json.dumps(DOCUMENT, allow_nan=False)


def test_every_key_of_every_model_is_in_it_with_its_meaning() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas.keys() == MODELES.keys()
    for nom, modele in MODELES.items():
        proprietes = schemas[nom]["properties"]
        assert list(proprietes) == list(modele.model_fields)
        assert schemas[nom]["description"]
        assert all(propriete["description"] for propriete in proprietes.values())
        assert modele.model_fields.keys() >= modele.NECESSAIRES | modele.FACULTATIVES
        assert not modele.NECESSAIRES & modele.FACULTATIVES


def test_every_model_stands_in_the_relation_that_the_reader_follows() -> None:
    atteints = {relation.modele for relations in RELATIONS.values() for relation in relations.values()}
    assert atteints | {MODELES["Prospect"]} == set(MODELES.values())


def test_its_examples_are_valid_and_usable() -> None:
    for exemple in REPONSE["examples"].values():
        assert not list(fautes(exemple["value"], REPONSE["schema"], DOCUMENT))
        for element in exemple["value"]:
            assert not chemins_ecartes(element)


def test_the_reference_source_s_prospects_are_valid_save_what_a_sync_puts_aside_for_its_form() -> None:
    invalides = 0
    for element in prospects(300, 1):
        attendus = chemins_ecartes(element)
        assert sorted({faute.split(" ")[0] for faute in refus(element)}) == attendus
        invalides += bool(attendus)
    assert 0 < invalides < 15


@pytest.mark.parametrize(
    ("ou", "cle", "valeur", "faute"),
    [
        ((), "idProspect", None, "/idProspect type"),
        ((), "nom", "  ", "/nom pattern"),
        ((), "telephone", 639980012, "/telephone type"),
        ((), "commercial", [], "/commercial type"),
        ((), "informationsPaiement", {}, "/informationsPaiement type"),
        ((), "updatedAt", "hier", "/updatedAt format"),
        (("commercial",), "email", None, "/commercial/email type"),
        (("Souscription", 0, "contrats", 0), "montant", "29,90", "/Souscription/0/contrats/0/montant pattern"),
        (("Souscription", 0, "contrats", 0), "montant", True, "/Souscription/0/contrats/0/montant type"),
        (
            ("Souscription", 0, "contrats", 0),
            "dateSignature",
            "2026-02-30T00:00:00.000Z",
            "/Souscription/0/contrats/0/dateSignature format",
        ),
        (("informationsPaiement", 0), "IBAN", "", "/informationsPaiement/0/IBAN pattern"),
    ],
)
def test_a_mutated_prospect_is_refused_where_it_was_mutated(ou: tuple[Any, ...], cle: str, valeur: Any, faute) -> None:
    element = copy.deepcopy(EXEMPLE)
    assert not refus(element)
    noeud = element
    for pas in ou:
        noeud = noeud[pas]
    noeud[cle] = valeur
    assert refus(element) == [faute]


def test_a_needed_key_may_not_be_absent_and_an_unknown_one_may_come() -> None:
    element = copy.deepcopy(EXEMPLE) | {"nouvelle": 1}
    assert not refus(element)
    del element["Souscription"][0]["contrats"][0]["titre"]
    assert refus(element) == ["/Souscription/0/contrats/0/titre required"]

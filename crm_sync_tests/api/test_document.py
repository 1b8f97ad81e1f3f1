"""The OpenAPI document: French, with an example for each answer that is true to its shape, and no answer beside it."""

import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from crm_sync.api import modeles
from crm_sync.api.exemples import EXEMPLES
from crm_sync_tests.api.conftest import Bureau

SANS_JETON = {"/sante"}


def document(bureau: Bureau) -> Any:
    reponse = bureau.api.client.get("/openapi.json")
    assert reponse.status_code == 200
    return reponse.json()


def operations(bureau: Bureau) -> list[tuple[str, Any]]:
    return [(chemin, une) for chemin, verbes in document(bureau)["paths"].items() for une in verbes.values()]


def test_every_address_of_the_contract_is_there(bureau: Bureau) -> None:
    assert {chemin for chemin, _ in operations(bureau)} == {
        "/kpi/contrats-par-commercial",
        "/kpi/contrats-par-mois",
        "/clients/{id}",
        "/contrats/{id}",
        "/commerciaux/{id}/contrats",
        "/synchronisations",
        "/synchronisations/derniere",
        "/synchronisations/{id}",
        "/moi",
        "/sante",
    }


def test_every_answer_has_an_example_and_words_in_french(bureau: Bureau) -> None:
    for chemin, operation in operations(bureau):
        assert operation["summary"]
        assert ("security" in operation) is (chemin not in SANS_JETON)
        for parametre in operation.get("parameters", ()):
            assert parametre["description"], (chemin, parametre["name"])
        for statut, reponse in operation["responses"].items():
            assert not re.search(r"Successful|Validation Error|Unauthorized|Not Found", reponse["description"])
            assert ("Retry-After" in reponse.get("headers", {})) is (statut in {"429", "503"})
            if statut != "304":
                (contenu,) = reponse["content"].values()
                assert "example" in contenu, (chemin, statut)
        attendus = {"500"} if chemin in SANS_JETON else {"401", "403", "500", "503"}
        assert attendus <= set(operation["responses"])


def test_every_example_is_true_to_its_shape() -> None:
    for nom, exemple in EXEMPLES.items():
        modele = getattr(modeles, nom)
        assert modele.model_validate(exemple).model_dump(mode="json") == exemple


@pytest.mark.longue
@pytest.mark.parametrize("role", ["admin", "manager", "commercial"])
def test_whatever_is_called_with_whatever_answers_as_the_document_says(bureau: Bureau, role: str) -> None:
    """Schemathesis over the whole document; ids that lead somewhere are among those that it tries."""
    schema = schemathesis.openapi.from_url(f"{bureau.api.client.base_url}/openapi.json")
    moi = bureau.de_role(role)
    connus = {
        "/clients/{id}": list(bureau.tout.clients_vus(moi)),
        "/contrats/{id}": list(bureau.tout.contrats_vus(moi)),
        "/commerciaux/{id}/contrats": list(bureau.tout.apporteurs_vus(moi)),
    }
    operations = [resultat.ok() for resultat in schema.get_all_operations()]
    assert len(operations) == 10
    for operation in operations:
        assert _eprouver(operation, bureau.api.en_tetes(moi), connus.get(operation.path, [])) > 0


def _eprouver(operation: Any, entetes: dict[str, str], connus: list[str]) -> int:
    """Call one operation with invented values, and each second time with an id that leads somewhere; gives how often."""
    tentes = 0

    @hypothesis_settings(
        max_examples=50,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def appeler(case: Any) -> None:
        nonlocal tentes
        tentes += 1
        if connus and tentes % 2:
            case.path_parameters = {"id": connus[tentes % len(connus)]}
        # A period that ends before it begins, an invented cursor: refused by rules that a schema has no words for.
        case.call_and_validate(headers=entetes, excluded_checks=[positive_data_acceptance])

    appeler()
    return tentes

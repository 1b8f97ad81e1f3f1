"""The mapping file: what it may say, and every fault of it said at once, in French."""

from pathlib import Path

import pytest

from crm_sync.crm.correspondance import FORMES
from crm_sync.crm.mapping import OBLIGATOIRES, TABLES_TOML, analyser, lire
from crm_sync.errors import ConfigurationError

MINIMAL = """
version = 1
[utilisateur]
table = "public.users"
id = "int"
columns = { id = "id", email = "email" }
[apporteur]
table = "public.brokers"
id = "int"
columns = { id = "id", email = "email" }
[client_base]
table = "public.customers"
id = "int"
columns = { id = "id", nom = "lastName", email = "email" }
[contrat]
table = "public.contracts"
id = "uuid"
CONTRAT
[contrat.columns]
id = "id"
reference = "contractReference"
montant = "amount"
statut = "status"
client_id = "clientId"
commercial_id = "brokerId"
[information_paiement_bancaire]
table = "public.bank_details"
id = "int"
columns = { id = "id", client_id = "customerId", iban = "iban" }
"""


def fichier(contrat: str = "") -> str:
    return MINIMAL.replace("CONTRAT", contrat)


def faute(texte: str) -> str:
    with pytest.raises(ConfigurationError) as leve:
        analyser(texte, "crm.toml")
    assert leve.value.exit_code == 2
    return str(leve.value)


def test_the_example_of_the_contract_is_understood_key_by_key() -> None:
    contrat = analyser(
        fichier(
            """
            values.statut = { valide = "VALIDATED", signe = "SIGNED", resilie = "OTHER", autre = "OTHER" }
            insert = { organizationId = "3f0c", imported = true, tags = ["a"] }
            deleted_at = "deletedAt"
            write = ["statut", "montant"]
            increment = ["version"]
            timezone = "Europe/Paris"
            """
        )
    )["contrat"]
    assert (contrat.service, contrat.schema, contrat.table, contrat.type_id) == (
        "commercial",
        "public",
        "contracts",
        "uuid",
    )
    assert contrat.colonnes["reference"] == "contractReference"
    assert not contrat.a("produit")
    assert list(contrat.valeurs["statut"].items())[2:] == [("resilie", "OTHER"), ("autre", "OTHER")]
    assert contrat.insert == {"organizationId": "3f0c", "imported": True, "tags": ["a"]}
    assert (contrat.deleted_at, contrat.increment, contrat.timezone) == ("deletedAt", ("version",), "Europe/Paris")
    assert contrat.modifiable("montant")
    assert not contrat.modifiable("client_id")


def test_what_is_not_said_has_the_defaults_of_the_contract() -> None:
    correspondance = analyser(fichier())
    assert not correspondance.integree
    assert set(correspondance) == set(OBLIGATOIRES) == set(TABLES_TOML.values())
    contrat = correspondance["contrat"]
    assert (contrat.deleted_at, contrat.increment, contrat.timezone, contrat.write) == (None, (), "UTC", None)
    assert contrat.modifiable("client_id")
    assert not contrat.modifiable("produit")


@pytest.mark.parametrize(
    ("contrat", "dit"),
    [
        ('colums = { id = "id" }', "clé inconnue « colums »"),
        ("values.statut = { valide = 1.5 }", "« values.statut »"),
        ('values.etat = { valide = "V" }', "« etat » n'est pas une colonne"),
        ('values.produit = { a = "b" }', "« values.produit » : cette colonne n'est pas dans columns"),
        ("insert = { clientId = 1 }", "« clientId » est déjà dans columns"),
        ('deleted_at = "status"', "« status » est déjà dans columns"),
        ("deleted_at = 3", "« deleted_at » : le nom d'une colonne est attendu"),
        ('write = ["statut", "id"]', "« id » n'est pas dans columns, ou ne se modifie pas"),
        ('write = ["produit"]', "« produit » n'est pas dans columns"),
        ('write = "statut"', "« write » : une liste de noms est attendu"),
        ('increment = ["version", "version"]', "chacun une fois"),
        ('timezone = "Europe/Parys"', "ce fuseau horaire n'existe pas"),
        ('insert = { "100%" = 1 }', "« 100% »"),
    ],
)
def test_a_fault_is_named_with_its_table(contrat: str, dit: str) -> None:
    message = faute(fichier(contrat))
    assert "[contrat]" in message
    assert dit in message


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ("version = 1", "version = 2", "« version = 1 » est attendu"),
        ("version = 1", "", "« version = 1 » est attendu"),
        ("[utilisateur]", "[utilisateurs]", "« utilisateurs » n'est pas une table"),
        ("[utilisateur]", "[utilisateurs]", "[utilisateur] cette table manque"),
        ('"public.users"', '"users"', "attendu « schéma.table »"),
        ('id = "uuid"', 'id = "serial"', "attendu « uuid » ou « int »"),
        ('id = "uuid"', "", "« id » manque"),
        ('reference = "contractReference"', "", "il y manque reference"),
        ('commercial_id = "brokerId"', "", "il y manque commercial_id"),
        ('nom = "lastName", email = "email"', 'nom = "lastName"', "il y manque email ou telephone"),
        ('iban = "iban"', 'iban = "customerId"', "« customerId » est donnée deux fois"),
        ('iban = "iban"', "iban = 3", "« columns.iban » : le nom d'une colonne est attendu"),
        ('"public.brokers"', '"public.customers"', ""),
        ('"public.bank_details"', '"public.customers"', ""),
        ('"public.customers"', '"public.users"', "public.users est déjà celle de [utilisateur]"),
        ("version = 1", "version = = 1", "n'est pas du TOML valable"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(avant: str, apres: str, dit: str) -> None:
    texte = fichier().replace(avant, apres)
    if dit:
        assert dit in faute(texte)
    else:  # the same name in the database of another service is another table
        analyser(texte)


def test_all_faults_are_said_together() -> None:
    message = faute(fichier('timezone = "X"\nfoo = 1').replace("version = 1", ""))
    assert [mot in message for mot in ("version", "fuseau", "« foo »")] == [True] * 3


def test_a_file_that_is_not_there_is_said_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml, qui n'existe pas"):
        lire(tmp_path / "absent.toml")
    present = tmp_path / "crm.toml"
    present.write_text(fichier(), encoding="utf-8")
    assert lire(present)["contrat"].table == "contracts"


@pytest.mark.parametrize(
    ("type_id", "texte", "possible"),
    [
        ("bigint", "7", True),
        ("bigint", "0", True),
        ("bigint", "-12", True),
        ("bigint", "007", False),
        ("bigint", "-0", False),
        ("bigint", "7 ", False),
        ("uuid", "60434f03-7998-4e45-b7fe-5417eca71405", True),
        ("uuid", "60434F03-7998-4E45-B7FE-5417ECA71405", False),
    ],
)
def test_an_id_is_one_only_as_postgres_prints_it_for_a_decision_keeps_it_as_typed(
    type_id: str, texte: str, possible: bool
) -> None:
    assert bool(FORMES[type_id].fullmatch(texte)) is possible

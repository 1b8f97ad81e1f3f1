"""How a name of theirs fits one of ours."""

import pytest

from crm_sync.domain.noms_crm import (
    CONNU,
    FAIBLE,
    INCONNU,
    PARTIEL,
    forme,
    lire_noms,
    mots,
    note_de_colonne,
    note_de_table,
    vocabulaire,
)
from crm_sync.errors import ConfigurationError


@pytest.mark.parametrize(
    ("nom", "attendus"),
    [
        ("contractReference", ("contract", "reference")),
        ("contract_references", ("contract", "reference")),
        ("IBANNumber", ("iban", "number")),
        ("userID", ("user", "id")),
        ("Pièce d'identité", ("piece", "d", "identite")),
        ("address", ("address",)),
    ],
)
def test_a_name_is_cut_into_folded_words(nom: str, attendus: tuple[str, ...]) -> None:
    assert mots(nom) == attendus


@pytest.mark.parametrize(
    ("entite", "champ", "table", "colonne", "note"),
    [
        ("contrat", "reference", "contracts", "contractReference", CONNU),
        ("contrat", "reference", "contracts", "REFERENCE", CONNU),
        ("contrat", "client_id", "contracts", "clientId", CONNU),
        ("contrat", "reference", "contracts", "title", FAIBLE),
        ("contrat", "reference", "contracts", "partner_reference", PARTIEL),
        ("contrat", "reference", "contracts", "referenced", INCONNU),
        ("client_base", "nom", "clients", "client_last_name", CONNU),
        ("client_base", "nom", "clients", "name", FAIBLE),
        ("client_base", "telephone", "clients", "telephone", CONNU),
        ("information_paiement_bancaire", "iban", "comptes_bancaires", "iban", CONNU),
    ],
)
def test_a_column_is_marked(entite: str, champ: str, table: str, colonne: str, note: int) -> None:
    assert note_de_colonne(vocabulaire().entites[entite], champ, table, colonne) == note


@pytest.mark.parametrize(
    ("entite", "table", "note"),
    [
        ("apporteur", "SalesReps", CONNU),
        ("apporteur", "agents", FAIBLE),
        ("client_base", "old_clients", PARTIEL),
        ("client_base", "invoices", INCONNU),
        ("information_paiement_bancaire", "coordonnees_bancaires", CONNU),
    ],
)
def test_a_table_is_marked(entite: str, table: str, note: int) -> None:
    assert note_de_table(vocabulaire().entites[entite], table) == note


def test_our_own_names_are_all_known() -> None:
    for entite, noms in vocabulaire().entites.items():
        assert note_de_table(noms, entite) == CONNU
        assert {champ for champ in noms.champs if note_de_colonne(noms, champ, entite, champ) != CONNU} == set()
    assert vocabulaire().roles[forme("Commercial")] == "commercial"


ENTIER = "".join(
    f"[{entite}]\ntables = ['{entite}']\n"
    for entite in (
        "utilisateur",
        "apporteur",
        "client_base",
        "contrat",
        "information_paiement_bancaire",
        "partout",
        "roles",
    )
)


@pytest.mark.parametrize(
    ("toml", "faute"),
    [
        ("[contrat", "illisible"),
        ("[contrat]", "il faut les tables"),
        (ENTIER + "[contrat.champs]\nid = 'id'", "liste de mots"),
        (ENTIER + "[contrat.champs]\nid = ['!!']", "liste de mots"),
        (ENTIER + "[contrat.champs]\nid = ['n°']\nreference = ['N']", "désigne id et reference"),
        (ENTIER + "[contrat.faibles]\nid = ['x']", "n'est pas dans champs"),
    ],
)
def test_a_mistake_in_the_file_is_said(toml: str, faute: str) -> None:
    with pytest.raises(ConfigurationError, match=faute):
        lire_noms(toml.encode())

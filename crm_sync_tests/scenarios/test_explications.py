"""Every value and every link can be explained from stored facts (product.md, promise 8)."""

from typing import Any

from crm_sync.crm import explication
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import commercial, contrat, passer, prospect


def pourquoi(base: Base, entite: str, table: str, champ: str | None = None) -> dict[str, Any]:
    with base.bases() as bases:
        trouvee = explication.pourquoi(bases, entite, base.valeur(f"select id::text from {table}"), champ)  # noqa: S608
    assert trouvee is not None
    return trouvee


def champ(explique: dict[str, Any], nom: str) -> dict[str, Any]:
    return next(c for c in explique["champs"] if c["champ"] == nom)


def test_each_field_says_its_value_the_one_before_when_which_run_which_side_and_which_rule(base: Base) -> None:
    premiere = passer(base, prospect(1, contrat("R1", montant="29.9"))).synchronisation_id
    seconde = passer(base, prospect(1, contrat("R1", montant="35"))).synchronisation_id
    explique = pourquoi(base, "contrat", "service_commercial.contrat")
    montant, reference = champ(explique, "montant"), champ(explique, "reference")
    assert (montant["valeur"], montant["avant"], montant["cote"], montant["run"]) == (
        "35.00",
        "29.90",
        "source",
        seconde,
    )
    assert (reference["valeur"], reference["avant"], reference["run"]) == ("R1", None, premiere)
    assert reference["regle"] == "creation"
    assert montant["quand"] > reference["quand"]
    assert montant["preuve"]["source_id"] == "1/R1"


def test_a_value_that_a_person_gave_is_said_to_be_the_crm_s(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    base.lire("update service_core.client_base set telephone = '0199000007', updated_at = '2025-06-01'")
    passer(base, prospect(1, telephone="0199000001", prenom="Autre"))
    telephone = champ(pourquoi(base, "client", "service_core.client_base", "telephone"), "telephone")
    assert (telephone["cote"], telephone["valeur"], telephone["avant"]) == ("crm", "…07", "…01")
    assert telephone["preuve"]["vu_le"].startswith("2025-06-01")


def test_a_conflict_names_both_times_and_keeps_the_loser(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001", updatedAt="2025-01-01T00:00:00.000Z"))
    base.lire("update service_core.client_base set telephone = '0199000007', updated_at = '2025-02-01'")
    passer(base, prospect(1, telephone="0199000003", updatedAt="2025-03-01T00:00:00.000Z"))
    telephone = champ(pourquoi(base, "client", "service_core.client_base"), "telephone")
    assert (telephone["regle"], telephone["cote"]) == ("plus_recent", "source")
    assert telephone["preuve"]["source_le"].startswith("2025-03-01")
    assert telephone["preuve"]["crm_le"].startswith("2025-02-01")
    with base.bases() as bases:
        (entree, *_) = explication.montrables(bases, explication.journal(bases))
    assert [c["perdant"] for c in entree["champs"] if c["champ"] == "telephone"] == ["…07"]


def test_a_link_says_by_which_rule_and_on_what_evidence(base: Base) -> None:
    base.lire(
        "insert into service_core.client_base (nom, prenom, email, telephone) values "
        "('NomB', 'PrenomB', 'personne1@exemple.example.org', '0199000001'), "
        "('Autre', 'Inès', 'personne1@exemple.example.org', null)"
    )
    passer(base, prospect(1, telephone="0199000001"))
    with base.bases() as bases:
        trouve = explication.lien(bases, "client", "1")
    assert trouve is not None
    assert trouve["regle"] == "email"
    assert trouve["preuve"]["cles"] == ["email", "telephone"]
    assert [refus["motif"] for refus in trouve["preuve"]["refuses"]] == ["prenom_different"]
    assert "personne1" not in str(trouve["preuve"])


def test_the_holders_of_a_contract_are_its_history(base: Base) -> None:
    passer(base, prospect(1))
    passer(base, prospect(1, commercial=commercial("Petit")))
    historique = pourquoi(base, "contrat", "service_commercial.contrat")["historique"]
    noms = dict(base.lire("select id::text, nom from service_commercial.apporteur"))
    portefeuille = [h for h in historique if h["lecture"] == "portefeuille"]
    assert [(noms[h["ancien_commercial_id"]], noms[h["commercial_id"]]) for h in portefeuille] == [("Martin", "Petit")]


def test_what_nobody_knows_is_not_explained(base: Base) -> None:
    passer(base, prospect(1))
    with base.bases() as bases:
        assert explication.pourquoi(bases, "client", "00000000-0000-4000-8000-00000000dead") is None
        assert explication.lien(bases, "client", "99") is None

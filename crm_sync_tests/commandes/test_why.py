"""`crm-sync why`: where each value comes from, in words."""

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import commercial, contrat, passer, prospect


@pytest.fixture
def vecu(base: Base) -> str:
    """A contract made by one sync and changed by another, and a client whose phone a person corrected; gives the second run."""
    base.lire(
        "insert into service_core.client_base (nom, prenom, email) values ('NomB', 'PrenomB', 'personne1@exemple.example.org')"
    )
    passer(base, prospect(1, contrat("R1", statut="Signé")))
    run = passer(base, prospect(1, contrat("R1", statut="Validé"), commercial=commercial("Petit"))).synchronisation_id
    base.lire("update service_core.client_base set telephone = '0199000007', updated_at = now()")
    return run


def test_one_field_is_told_with_value_before_when_run_and_rule(ops: Ops, vecu: str) -> None:
    texte = ops("why", "contrat:r1", "statut").sortie
    assert texte.startswith("contrat:R1\n")
    assert "créé pour cette fiche" in texte
    assert "statut : valide" in texte
    assert "avant     signe" in texte
    assert "pourquoi  changé à la source" in texte
    assert f"exécution {vecu}, journal" in texte
    assert "source    fiche 1/R1" in texte


def test_a_link_is_told_with_its_rule_and_evidence(ops: Ops, vecu: str) -> None:
    for qui in ("prospect:1", "personne1@exemple.example.org"):
        texte = ops("why", qui).sortie
        assert "prospect 1, relié le" in texte
        assert "même e-mail et prénoms qui s'accordent (en commun : e-mail)" in texte


def test_what_a_person_wrote_is_no_write_of_ours(ops: Ops, vecu: str) -> None:
    (explique,) = ops("why", "prospect:1", "telephone", "--json").document["explications"]
    (champ,) = explique["champs"]
    assert (champ["cote"], champ["run"], champ["valeur"], champ["avant"]) == ("crm", None, "…07", "…01")
    assert champ["preuve"]["ecrit_avant_par"]
    texte = ops("why", "prospect:1", "telephone").sortie
    assert "pourquoi  saisi dans le CRM" in texte
    assert "écrit     la valeur d'avant" in texte


def test_a_contract_tells_who_held_it_and_who_sold_it(ops: Ops, vecu: str) -> None:
    texte = ops("why", "R1").sortie
    assert "vendu par Camille Martin, vu signé le" in texte
    assert "portefeuille : Camille Martin → Camille Petit" in texte
    (explique,) = ops("why", "R1", "--json").document["explications"]
    assert explique["cible"] == "contrat:R1"
    assert explique["vendu_par"]["commercial"] == "Camille Martin"
    assert [(h["lecture"], h["commercial"]) for h in explique["historique"]] == [("portefeuille", "Camille Petit")]


def test_the_columns_fit_a_narrow_terminal(ops: Ops, vecu: str) -> None:
    lignes = ops("why", "R1", largeur=80).sortie.splitlines()
    tableau = [ligne for ligne in lignes if "  statut  " in ligne]
    assert tableau
    assert max(map(len, tableau)) <= 80
    assert any(ligne.strip() == f"[2] exécution {vecu}" for ligne in lignes)  # the ids stand under the table, whole

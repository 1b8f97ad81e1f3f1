"""`crm-sync removals` and `crm-sync removals approve`, as ops run them, and the client's view afterwards."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from typer.testing import CliRunner

from crm_sync import affichage
from crm_sync.cli import app
from crm_sync_tests.commande import crm_sync
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import IBANS, passer, prospect
from crm_sync_tests.synchro import synchroniser

TOUS = [prospect(numero) for numero in range(1, 6)]


@pytest.fixture
def ops(base: Base, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line in this process, on the test's database."""
    monkeypatch.setenv("CRM_DATABASE_URL", base.url)
    monkeypatch.setattr(affichage.console, "width", affichage.LARGEUR_SANS_TERMINAL)
    return CliRunner()


def dire(ops: CliRunner, *arguments: str) -> str:
    resultat = ops.invoke(app, arguments)
    assert resultat.exit_code == 0, resultat.output
    assert not any(iban in resultat.output for iban in IBANS)
    return resultat.output


def document(ops: CliRunner, *arguments: str) -> dict[str, Any]:
    lu: dict[str, Any] = json.loads(dire(ops, *arguments, "--json"))
    return lu


def test_where_nothing_is_missing_it_says_so(base: Base, ops: CliRunner) -> None:
    assert dire(ops, "removals") == "Rien ne manque : la source envoie tout ce que l'on connaît d'elle.\n"
    passer(base, *TOUS)
    lu = document(ops, "removals")
    assert (lu["complete"], lu["retraits_en_attente"], lu["approbation"]) == (True, 0, None)
    assert lu["retenus"] == lu["manquants"] == lu["disparus"] == []


def test_what_is_withheld_missing_and_marked_is_listed_with_what_to_do(base: Base, ops: CliRunner) -> None:
    passer(base, *TOUS)
    passer(base, *TOUS[1:])
    passer(base, *TOUS[2:])
    texte = dire(ops, "removals")
    lignes = [" ".join(ligne.split()) for ligne in texte.splitlines()]
    assert any(ligne.startswith("retenus prospects 2 ") and ligne.endswith(" — 1, 2") for ligne in lignes)
    assert any(ligne.startswith("manquants contrats 1 ") and ligne.endswith(" 1 1/R1") for ligne in lignes)
    assert any(ligne.startswith("manquants coordonnées bancaires 1 ") and ligne.endswith(" 1 1/…") for ligne in lignes)
    assert "6 retraits sont retenus" in texte
    assert "« crm-sync removals approve », puis « crm-sync sync »" in texte

    assert document(ops, "removals", "approve", "--par", "chef")["approuves"] == 6
    lu = document(ops, "removals")
    assert (lu["approbation"]["nombre"], lu["approbation"]["approuve_par"]) == (6, "chef")
    assert "Une approbation de 6 retraits attend" in lu["message"]
    passer(base, *TOUS[2:])
    lu = document(ops, "removals")
    assert {(noeud["entite"], noeud["source_id"]) for noeud in lu["disparus"]} == {
        (entite, nom.format(numero))
        for numero in (1, 2)
        for entite, nom in (("client", "{}"), ("contrat", "{0}/R{0}"), ("information_paiement", "{}/…"))
    }
    assert all(noeud["disparu_le"] and noeud["depuis"] for noeud in lu["disparus"])
    assert "comptés comme vendus" in dire(ops, "removals")
    assert dire(ops, "client", "contrat:R1").count("disparu de la source le ") == 3
    assert "disparu" not in dire(ops, "client", "contrat:R3")


def lancer(base: Base, dagster_url: str, home: Path, *arguments: str) -> CompletedProcess[str]:
    return crm_sync(*arguments, base=base, dagster_url=dagster_url, home=home)


def test_approving_nothing_is_refused_in_one_sentence(base: Base, dagster_url: str, tmp_path: Path) -> None:
    passer(base, *TOUS)
    refus = lancer(base, dagster_url, tmp_path, "removals", "approve")
    assert refus.returncode == 3
    assert refus.stderr.startswith("Aucun retrait n'est retenu")
    assert refus.stdout == ""
    en_json = lancer(base, dagster_url, tmp_path, "removals", "approve", "--json")
    assert en_json.returncode == 3
    assert json.loads(en_json.stdout)["statut"] == "refusee"


def test_dagster_shows_what_is_withheld_as_a_warning_and_the_sync_succeeds(
    base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, *TOUS)
    source.donner(TOUS[2:])
    issue = synchroniser(base.url, monkeypatch)
    assert issue.reussie
    assert issue.resultat["retraits_en_attente"] == 6
    (phrase,) = [texte for texte in issue.resultat["avertissements"] if "removals" in texte]
    assert "6 éléments connus y manquent" in phrase
    verifications = {v.check_name: v for v in issue.execution.get_asset_check_evaluations()}
    retenue = verifications["aucune_disparition_retenue"]
    assert not retenue.passed
    assert retenue.severity.value == "WARN"
    source.donner(TOUS)
    apres = synchroniser(base.url, monkeypatch).execution.get_asset_check_evaluations()
    assert {v.check_name: v.passed for v in apres}["aucune_disparition_retenue"]

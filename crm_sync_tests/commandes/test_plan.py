"""`crm-sync plan`: what ops read before a sync does it."""

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import commercial, contrat, passer, prospect

A = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def annonce(base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch) -> str:
    """Known people, somebody in the CRM whom a new prospect resembles, and an answer that changes and adds."""
    passer(base, prospect(1), prospect(2))
    base.lire(
        "insert into service_core.client_base (id, nom, prenom, telephone) values (%s, 'Autre', 'Tout', '0199000009')",
        A,
    )
    monkeypatch.setenv("EXTERNAL_API_URL", source.url)
    source.donner(
        [
            prospect(1, contrat("R1", montant="35"), commercial=commercial("Petit"), telephone="0199000001"),
            prospect(2),
            prospect(7),
            prospect(8, telephone="0199000009"),
        ]
    )
    return A


def test_it_tells_creations_changes_movement_and_duplicates_and_writes_nothing(
    base: Base, ops: Ops, annonce: str
) -> None:
    avant = base.empreinte_crm()
    dit = ops("plan", largeur=100)
    assert dit.code == 0
    texte = " ".join(dit.sortie.split())
    assert (
        "1 client : aucun client n'a son e-mail, son téléphone ni une de ses références fiches de la source : 7"
        in texte
    )
    assert f"1 client : client:{annonce} écarté (noms différents) fiches de la source : 8" in texte
    assert "contrat:R1 : modification montant 29,90 → 35,00 changé à la source" in texte
    assert "commercial_id Camille Martin → Camille Petit changé à la source" in texte
    assert "Camille Martin 2 3 +1" in texte
    assert "Camille Petit 0 1 +1" in texte
    assert "1 doublon possible" in texte
    assert "noms différents (vu le" in texte
    assert "Ce que l'on ne peut pas savoir d'avance" in texte
    assert texte.endswith("Pour le faire : crm-sync sync")
    assert base.empreinte_crm() == avant


def test_it_tells_removals_withheld(base: Base, source: SourceEssai, ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    passer(base, *(prospect(numero) for numero in range(1, 6)))
    monkeypatch.setenv("EXTERNAL_API_URL", source.url)
    source.donner([prospect(1)])
    texte = ops("plan").sortie
    assert "retraits sont retenus, rien n'est marqué" in texte
    assert "« crm-sync removals approve »" in texte


def test_its_document_says_the_same(ops: Ops, annonce: str) -> None:
    lu = ops("plan", "--json").document
    plan = lu["plan"]
    assert set(plan) == {
        "ecritures",
        "creations",
        "regles",
        "kpi",
        "doublons_possibles",
        "retraits",
        "inconnu",
    }
    assert lu["clients"]["crees"] == 2
    assert {e["cible"] for e in plan["ecritures"]} >= {"contrat:R1", "contrat:R7", "commercial Camille Petit"}
    assert not any("journal_id" in e for e in plan["ecritures"])  # it has no number before it is written
    (refusee,) = [c for c in plan["creations"] if c["source_ids"] == ["8"]]
    assert refusee["preuve"]["refuses"] == [{"crm_id": annonce, "motif": "nom_different"}]
    assert [(p["id_a"], p["id_b"]) for p in plan["doublons_possibles"]] == [(f"client:{A}", "prospect:8")]
    assert plan["retraits"]["retraits_en_attente"] == 0


def test_no_line_is_wider_than_the_terminal(ops: Ops, annonce: str) -> None:
    for largeur in (80, 100):
        lignes = [ligne for ligne in ops("plan", largeur=largeur).sortie.splitlines() if "→" in ligne]
        assert lignes
        assert max(map(len, lignes)) <= largeur

"""`crm-sync journal`, `journal restore` and `undo`: what was done, by which run, and how it is taken back."""

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import contrat, passer, prospect

TELEPHONE = "select telephone from service_core.client_base"


@pytest.fixture
def vecu(base: Base) -> str:
    """Both sides change the phone and the source is the later; a second contract is new. Gives the run that met it."""
    passer(base, prospect(1, telephone="0199000001", updatedAt="2026-01-01T00:00:00.000Z"))
    base.lire("update service_core.client_base set telephone = '0199000007', updated_at = '2026-02-01'")
    return passer(
        base, prospect(1, contrat("R1"), contrat("R2"), telephone="0199000002", updatedAt="2026-03-01T00:00:00.000Z")
    ).synchronisation_id


def test_it_stands_by_run_with_number_name_and_reason(base: Base, ops: Ops, vecu: str) -> None:
    texte = ops("journal").sortie
    entetes = [ligne for ligne in texte.splitlines() if "  synchronisation " in ligne]
    assert entetes[0].endswith(f"synchronisation {vecu}")
    assert len(entetes) == 2
    serre = " ".join(texte.split())
    assert "contrat:R2 : création" in serre
    assert "telephone …07 → …02 changé des deux côtés, la source en dernier ; perdu : …07" in serre
    assert "crm-sync undo EXÉCUTION --plan" in texte
    seulement = ops("journal", "--run", vecu, "--json").document["journal"]
    assert {e["synchronisation_id"] for e in seulement} == {vecu}
    assert {e["cible"].partition(":")[0] for e in seulement} == {"client", "contrat"}


def test_where_nothing_was_written_it_says_so(base: Base, ops: Ops) -> None:
    assert ops("journal").sortie == "Le journal est vide.\n"
    rien = passer(base).synchronisation_id
    assert ops("journal", "--run", rien).sortie == "Cette exécution n'a rien écrit.\n"
    dit = ops("undo", rien)
    assert dit.code == 2
    assert "n'a rien écrit dans le CRM : il n'y a rien à annuler" in dit.erreur


def test_a_lost_value_is_put_back_by_its_number(base: Base, ops: Ops, vecu: str) -> None:
    numero = base.valeur(
        "select journal_id from crm_sync.journal where champs -> 'telephone' ->> 'perdant' is not null"
    )
    dit = ops("journal", "restore", f"{numero}.telephone")
    assert dit.code == 0
    assert "remis : 1 ; gardé : 0 ; impossible : 0" in dit.sortie
    assert "jusqu'à ce que la source change" in dit.sortie
    assert base.valeur(TELEPHONE) == "0199000007"
    assert "remis par une personne" in ops("why", "prospect:1", "telephone").sortie


def test_an_undo_is_shown_first_and_keeps_what_was_edited_since(base: Base, ops: Ops, vecu: str) -> None:
    base.lire("update service_commercial.contrat set montant = 1 where reference = 'R2'")
    montre = ops("undo", vecu, "--plan", largeur=100)
    assert "Rien n'est annulé" in montre.sortie
    assert montre.sortie.rstrip().endswith(f"crm-sync undo {vecu}")
    assert base.valeur(TELEPHONE) == "0199000002"
    fait = ops("undo", vecu, "--json")
    assert fait.code == 0
    lu = fait.document
    assert (lu["statut"], lu["montre_seulement"]) == ("reussie", False)
    assert [(s["champ"], s["cible"].partition(":")[0]) for s in lu["restaure"]] == [("telephone", "client")]
    assert [(s["cible"], s["raison"]) for s in lu["garde"]] == [("contrat:R2", "modifiée depuis sa création")]
    assert lu["impossible"] == []
    assert lu["avertissements"]
    assert base.valeur(TELEPHONE) == "0199000007"
    assert lu["run_id"] in ops("journal", "--limite", "1").sortie


def test_a_row_taken_away_still_has_its_name(base: Base, ops: Ops, vecu: str) -> None:
    texte = ops("undo", vecu).sortie
    assert "contrat:R2" in texte
    assert "la ligne créée est retirée" in texte
    assert "contrat:R2 : retrait" in ops("journal", "--limite", "3").sortie

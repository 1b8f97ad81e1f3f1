"""The promises of product.md, each with the tests that would fail if it were broken: read this page to find them."""

import ast
from pathlib import Path

import pytest

ICI = Path(__file__).parent

PROMESSES = {
    "1. Nothing lost": {
        "scenarios/test_noeuds_inutilisables.py": [
            "test_an_unusable_node_is_put_aside_and_the_rest_of_the_prospect_goes_through",
            "test_a_reject_keeps_its_date_until_the_source_is_mended_and_gets_a_new_one_when_it_breaks_again",
            "test_each_reject_says_in_french_why_and_what_to_do",
        ],
    },
    "2. The books balance": {
        "scenarios/test_noeuds_inutilisables.py": ["test_the_books_balance_over_everything_that_was_received"],
        "scenarios/test_essais_a_blanc.py": ["test_a_plan_gives_the_counts_of_the_sync_and_writes_nothing"],
    },
    "3. Nobody else's data": {
        "scenarios/test_gens_difficiles.py": ["test_the_story_ends_as_the_page_says"],
        "scenarios/test_rencontres.py": ["test_a_contract_of_another_living_client_is_never_taken_from_them"],
        "domain/test_identity_lois.py": ["test_a_whole_answer_is_identified_as_one_prospect_at_a_time"],
        "scenarios/test_decisions.py": ["test_different_takes_a_prospect_off_its_client_with_what_it_brought"],
    },
    "4. The same answer twice changes nothing, and an older one neither": {
        "scenarios/test_premiere_synchronisation.py": [
            "test_the_same_answer_twice_writes_no_row",
            "test_the_same_people_in_other_bytes_write_no_row",
        ],
        "scenarios/test_portefeuilles.py": ["test_an_unchanged_crm_gets_the_same_kpi_rows_with_a_new_time"],
        "scenarios/test_anciennes_reponses.py": [
            "test_an_older_answer_after_a_newer_one_changes_nothing_and_is_warned_of_once",
            "test_without_updated_at_an_answer_is_judged_by_its_content",
        ],
    },
    "5. A crash at any instant, two syncs at once, a restart: the next sync converges": {
        "scenarios/test_pannes.py": ["test_a_crash_at_any_instant_is_made_good_by_the_next_sync"],
        "crm/test_bases_separees.py": ["test_a_crash_between_two_databases_is_made_good_with_the_same_ids"],
        "crm/test_verrou.py": [
            "test_two_syncs_at_once_never_overlap_and_the_second_works_after_the_first",
            "test_a_sync_that_was_overtaken_in_its_sleep_leaves_no_twin_behind",
        ],
    },
    "6. A broken source breaks nothing": {
        "scenarios/test_source_en_panne.py": ["test_a_broken_source_gives_one_sentence_and_changes_nothing"],
        "scenarios/test_disparitions.py": [
            "test_an_incomplete_answer_withholds_warns_once_and_neither_counts_nor_resets"
        ],
    },
    "7. Nothing is ever deleted in the CRM by a sync": {
        "scenarios/test_disparitions.py": [
            "test_three_complete_answers_and_a_day_mark_and_nothing_of_the_crm_is_written"
        ],
        "scenarios/test_premiere_synchronisation.py": ["test_what_an_answer_lacks_stays_in_the_crm"],
    },
    "8. Everything can be explained and undone": {
        "scenarios/test_annulations.py": [
            "test_undoing_a_first_sync_takes_everything_away_and_nothing_comes_back_by_itself",
            "test_what_somebody_edited_since_is_kept_and_said",
            "test_a_row_that_is_gone_cannot_be_put_back",
        ],
        "scenarios/test_explications.py": [
            "test_each_field_says_its_value_the_one_before_when_which_run_which_side_and_which_rule",
            "test_a_link_says_by_which_rule_and_on_what_evidence",
        ],
    },
    "9. No IBAN, BIC, identity card, token or password shows": {
        "test_fuites.py": [
            "test_a_full_sync_with_rejects_tells_nothing",
            "test_the_command_leaves_nothing_on_the_terminal_in_its_folder_or_in_dagster_s_storage",
        ],
        "source/test_client.py": ["test_the_token_is_sent_as_a_bearer_and_is_in_no_log"],
    },
}


@pytest.mark.parametrize("promesse", PROMESSES)
def test_the_tests_that_hold_a_promise_are_there(promesse: str) -> None:
    for fichier, noms in PROMESSES[promesse].items():
        arbre = ast.parse((ICI / fichier).read_text(encoding="utf-8"))
        definis = {noeud.name for noeud in arbre.body if isinstance(noeud, ast.FunctionDef)}
        assert noms
        assert set(noms) <= definis, fichier


def test_every_promise_is_on_the_page() -> None:
    assert [promesse.split(".")[0] for promesse in PROMESSES] == [str(numero) for numero in range(1, 10)]

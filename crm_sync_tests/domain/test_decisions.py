"""What people decided: rows into classes, the one to keep first."""

import pytest

from crm_sync.domain.decisions import Decisions, Verdicts


def test_a_class_lists_the_kept_first_then_by_distance():
    classes = Decisions.lues([("meme", "client:b", "client:c"), ("meme", "client:a", "client:b")]).classes()
    assert classes["client:c"] == ("client:a", "client:b", "client:c")
    assert set(classes) == {"client:a", "client:b", "client:c"}


def test_a_cycle_keeps_the_lowest_and_a_pair_with_itself_says_nothing():
    assert Decisions.lues([("meme", "client:b", "client:a"), ("meme", "client:a", "client:b")]).classes()[
        "client:b"
    ] == (
        "client:a",
        "client:b",
    )
    assert Decisions.lues([("meme", "client:a", "client:a")]).classes() == {}


@pytest.mark.parametrize("ligne", [("peut-etre", "client:a", "client:b"), ("meme", "a", "client:b")])
def test_a_row_that_is_no_decision_is_refused(ligne):
    with pytest.raises(ValueError, match=r"verdict inconnu|porte sur"):
        Decisions.lues([ligne])


def test_same_holds_against_different():
    decisions = Decisions.lues(
        [("meme", "client:a", "client:b"), ("meme", "client:b", "client:c"), ("different", "client:a", "client:c")]
    )
    assert Verdicts(decisions, {"a", "b", "c"}, {}, ()).client("c") == "a"


def test_a_prospect_kept_over_its_own_client_turns_in_no_circle():
    decisions = Decisions.lues([("meme", "prospect:1", "client:a")])
    assert Verdicts(decisions, {"a"}, {"1": "a"}, ()).client("a") == "a"

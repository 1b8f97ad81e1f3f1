"""Lists of texts arrive in Postgres as they were."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.crm.connexion import Connexion, connecter
from crm_sync.embedded import ServeurEmbarque

TEXTES = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))), max_size=30)


@pytest.fixture(scope="module")
def connexion(postgres: ServeurEmbarque) -> Iterator[Connexion]:
    with connecter(postgres.url("outils")) as ouverte:
        yield ouverte


def relue(connexion: Connexion, liste: list[Any]) -> Any:
    return connexion.execute("select %s::text[]", (liste,)).fetchone()[0]


@given(TEXTES)
@settings(max_examples=150)
def test_any_list_of_texts_reads_back_as_it_was(connexion: Connexion, liste: list[Any]) -> None:
    assert relue(connexion, liste) == liste


@pytest.mark.parametrize(
    "liste", [[], ["NULL"], [""], ['"', "\\", '\\"', ",", "{}"], [None, "a"], ["a", None], [["a", "b"], ["c", "d"]]]
)
def test_what_looks_like_syntax_is_text_and_null_stays_null(connexion: Connexion, liste: list[Any]) -> None:
    assert relue(connexion, liste) == liste


def test_numbers_are_still_the_drivers_to_write(connexion: Connexion) -> None:
    assert connexion.execute("select %s::bigint[]", ([1, 2**40],)).fetchone()[0] == [1, 2**40]


def test_a_text_that_no_array_can_hold_is_refused_and_never_split(connexion: Connexion) -> None:
    with pytest.raises(psycopg.DataError):
        relue(connexion, ["a\0b", "c"])

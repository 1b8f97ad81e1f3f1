"""Arrow batches: made, narrowed, widened, put under one another; and what nulls do in all of that."""

import pyarrow as pa
import pytest

from crm_sync.domain.lots import (
    a_la_suite,
    autrement_ecrits,
    avec,
    calculer,
    certain,
    dans,
    distincts,
    la_ou,
    repetes,
    retenir,
    tableau,
    traduire,
)

LIGNES = [("1", "Ève"), ("2", None), ("3", "")]


def test_a_batch_holds_the_rows_that_it_is_made_of_as_text() -> None:
    lignes = tableau(("source_id", "nom"), LIGNES)
    assert [tuple(ligne.values()) for ligne in lignes.to_pylist()] == LIGNES
    assert lignes.schema.types == tableau(("source_id", "nom"), ()).schema.types == [pa.string(), pa.string()]


@pytest.mark.parametrize(
    ("qui", "restent"),
    [
        ([True, True, True], ["1", "2", "3"]),
        ([False, False, False], []),
        ([True, False, True], ["1", "3"]),
        ([True, None, True], ["1", "3"]),
    ],
)
def test_who_a_mask_names_stays_and_nobody_of_whom_it_says_nothing(qui: list[bool | None], restent: list[str]) -> None:
    lignes = tableau(("source_id", "nom"), LIGNES)
    assert retenir(lignes, pa.array(qui))["source_id"].to_pylist() == restent


def test_nobody_is_kept_of_nobody() -> None:
    assert retenir(tableau(("source_id",), ()), pa.array([], pa.bool_())).num_rows == 0


def test_a_column_is_added_or_put_in_the_place_of_its_like() -> None:
    lignes = avec(tableau(("source_id",), [("1",)]), {"source_id": pa.array(["2"]), "nom": pa.array(["Ève"])})
    assert lignes.to_pylist() == [{"source_id": "2", "nom": "Ève"}]


@pytest.mark.parametrize("valeur", ["lien", None])
@pytest.mark.parametrize("lignes", [[("1",), ("2",)], []])
def test_one_text_is_that_of_every_row(lignes: list[tuple[str]], valeur: str | None) -> None:
    remplies = avec(tableau(("source_id",), lignes), {"regle": valeur})
    assert remplies["regle"].to_pylist() == [valeur] * len(lignes)
    assert remplies.schema.types == [pa.string(), pa.string()]


def test_batches_under_one_another_have_the_columns_of_the_first() -> None:
    premieres = avec(tableau(("source_id", "nom"), [("1", "Ève")]), {"nouveau": pa.array([True])})
    suite = a_la_suite(premieres, tableau(("autre", "source_id"), [("x", "2")]))
    assert suite.to_pylist() == [
        {"source_id": "1", "nom": "Ève", "nouveau": True},
        {"source_id": "2", "nom": None, "nouveau": None},
    ]
    assert suite.schema.types == premieres.schema.types


def test_a_missing_value_stays_missing_whatever_is_known_or_worked_out() -> None:
    noms = pa.array(["Ève", None, "Zoé"])
    assert dans(noms, {"Ève"}).to_pylist() == [True, False, False]
    assert dans(noms, pa.array(["Zoé", None])).to_pylist() == [False, False, True]
    assert traduire(noms, {"Ève": "1", "Zoé": None}).to_pylist() == ["1", None, None]
    assert traduire(noms, {}).to_pylist() == [None, None, None]
    assert calculer(noms, str.upper).to_pylist() == ["ÈVE", None, "ZOÉ"]
    assert calculer(noms, lambda _: None).type == traduire(noms, {}).type == pa.string()


def test_what_a_mask_does_not_say_is_no() -> None:
    assert certain(pa.array([True, None, False])).to_pylist() == [True, False, False]


def test_values_are_listed_once_and_the_missing_one_not_at_all() -> None:
    assert distincts(pa.array(["b", None, "a", "b"])) == ["b", "a"]


def test_a_mask_leaves_values_where_it_says_yes_alone() -> None:
    qui, noms = pa.array([True, False, None, True]), pa.array(["Ève", "Zoé", "Ana", None])
    assert la_ou(qui, noms).to_pylist() == ["Ève", None, None, None]
    assert la_ou(qui, "motif").to_pylist() == ["motif", None, None, "motif"]


def test_two_texts_are_the_same_text_or_both_are_missing() -> None:
    a, b = pa.array(["Ève", "Ève", None, None]), pa.array(["Ève", "Eve", None, "Ève"])
    assert autrement_ecrits(a, b).to_pylist() == [False, True, False, True]


def test_what_stands_more_than_once_is_told_from_what_stands_once_or_is_missing() -> None:
    assert repetes(pa.array(["b", None, "a", "b", None])).to_pylist() == [True, False, False, True, False]
    assert repetes(pa.array([], pa.string())).to_pylist() == []

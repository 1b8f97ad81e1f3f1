"""Frames and Arrow batches of the same rows."""

import pyarrow as pa
import pytest

from crm_sync.domain.types import avec, cadre, en_cadre, retenir, tableau

LIGNES = [("1", "Ève"), ("2", None), ("3", "")]


def test_a_frame_and_its_batch_hold_the_same_rows() -> None:
    lignes = tableau(cadre(("source_id", "nom"), LIGNES))
    assert [tuple(ligne.values()) for ligne in lignes.to_pylist()] == LIGNES
    assert tableau(en_cadre(lignes)).equals(lignes)


def test_flags_stay_flags_and_a_column_that_says_nothing_is_text() -> None:
    cadree = cadre(("source_id",), [("1",), ("2",)])
    lignes = tableau(cadree.assign(nouveau=[True, False], preuve=None))
    assert lignes.schema.types == [pa.string(), pa.bool_(), pa.string()]
    assert lignes.to_pylist()[0] == {"source_id": "1", "nouveau": True, "preuve": None}


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
    lignes = tableau(cadre(("source_id", "nom"), LIGNES))
    assert retenir(lignes, pa.array(qui))["source_id"].to_pylist() == restent


def test_nobody_is_kept_of_nobody() -> None:
    lignes = tableau(cadre(("source_id", "nom"), ()))
    assert retenir(lignes, pa.array([], pa.bool_())).num_rows == 0


def test_a_column_is_added_or_put_in_the_place_of_its_like() -> None:
    lignes = avec(tableau(cadre(("source_id",), [("1",)])), {"source_id": pa.array(["2"]), "nom": pa.array(["Ève"])})
    assert lignes.to_pylist() == [{"source_id": "2", "nom": "Ève"}]

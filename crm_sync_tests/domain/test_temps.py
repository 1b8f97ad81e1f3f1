"""When a source node last spoke, and what makes it an older version."""

import pytest

from crm_sync.domain.lots import tableau
from crm_sync.domain.temps import plus_tard, temps_source
from crm_sync_tests.domain.mondes_fusion import T1, T2, T3, T4

COLONNES = ("empreinte", "lien_empreinte", "lien_source_le", "modifie_a", "lien_modifie_a", "vu_le")


@pytest.mark.parametrize(
    ("noeud", "attendu"),
    [
        (("e", "e", T1, T2, T3, T4), T1),  # unchanged: the time it was applied with
        (("e", "e", T1, None, None, T4), T1),
        (("f", "e", T1, T2, T3, T4), T2),  # its updatedAt moved, be it backwards
        (("f", "e", T1, T3, T3, T4), T4),  # changed without moving it: when it was first seen
        (("f", "e", T1, None, T3, T4), T4),
        (("f", "e", T1, T2, None, T4), T2),
        (("e", None, None, T2, None, T4), T2),  # no link
        (("e", None, None, None, None, T4), T4),
        (("e", "e", None, T2, T2, T4), T4),  # a link from before times were stored
    ],
)
def test_what_a_node_says_holds_from_its_own_updatedat_or_from_when_it_was_first_seen(noeud, attendu) -> None:
    assert temps_source(tableau(COLONNES, [noeud])).to_pylist() == [attendu]


def test_each_node_has_its_own_time_and_no_node_none() -> None:
    lignes = [("e", "e", T1, T2, T3, T4), ("f", "e", T1, T2, T3, T4), ("f", "e", T1, None, T3, T4)]
    assert temps_source(tableau(COLONNES, lignes)).to_pylist() == [T1, T2, T4]
    assert temps_source(tableau(COLONNES, [])).to_pylist() == []


@pytest.mark.parametrize(
    ("a", "b", "attendu"),
    [
        (T2, T1, True),
        (T2, T2, False),
        (T2, T3, False),
        (T3, T2, True),
        (T2, None, False),
        (None, T1, False),
        (None, None, False),
    ],
)
def test_a_time_is_later_only_than_one_that_is_known_and_earlier(a, b, attendu) -> None:
    assert plus_tard(a, b) is attendu

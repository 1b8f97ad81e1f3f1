"""How a value is shown where nobody may read it: its shape, never what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.domain.keys import plier
from crm_sync.domain.masques import cle_montrable, mot_montrable, silhouette


@pytest.mark.parametrize(
    ("valeur", "forme"),
    [
        ("FR76 3000", '"AA99 9999"'),
        ("Élodie@exemple.fr", '"Aaaaaa@aaaaaaa.aa"'),
        ("06 39 98", '"99 99 99"'),
        ("a|b`<i>[x](y)\n", '"a·a··a··a·(a)·"'),
        ("x" * 40, f'"{"a" * 34}…"'),
        ("", '""'),
        (29.9, "99.9"),
        (-12, "-99"),
        (None, "null"),
        (True, "true"),
        ([1, 2], "liste de 2"),
        ({"a": 1}, "objet de 1 clés"),
    ],
)
def test_a_value_is_shown_by_its_shape(valeur, forme: str) -> None:
    assert silhouette(valeur) == forme


@given(st.text(max_size=60))
def test_a_shape_holds_no_letter_and_no_digit_of_the_text(texte: str) -> None:
    assert set(silhouette(texte)) <= set("Aa9·\"… .,;:/@+-()'")


def test_a_status_word_is_shown_unless_it_may_be_somebody_s() -> None:
    assert mot_montrable("KO fournisseur")
    assert mot_montrable("Transmis back-office")
    assert mot_montrable("À signer (relance)")
    for mot in ("FR76 3000", "a@b.fr", "SOGEFRPPXXX", "BNPAFRPP", "mot " * 12, "ligne\nligne", ""):
        assert not mot_montrable(mot)
    assert not mot_montrable("relance Zyglowska", [plier("ZYGŁOWSKA")])
    assert mot_montrable("relance", [plier("Zygłowska")])


def test_a_key_is_shown_unless_it_is_spelt_as_no_key_is() -> None:
    for cle in ("updatedAt", "score_24", "$type", "client-id"):
        assert cle_montrable(cle)
    for cle in ("FR7630006000011234567890189", "a@b.fr", "0639980017", "clé", "a/b", "a~b", "BNPAFRPPXXX", ""):
        assert not cle_montrable(cle)

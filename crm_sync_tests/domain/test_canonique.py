"""When two values of a field are one value: compared in canonical form, row by row, as IS DISTINCT FROM does."""

from unicodedata import normalize

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.domain.canonique import GENRES, differe, memes
from crm_sync.domain.lots import tableau
from crm_sync.domain.types import CHAMPS

INSECABLE = "\u00a0"


def differents(a: str | None, b: str | None, genre: str) -> bool:
    lignes = tableau(("a", "b"), [(a, b)])
    return bool(differe(lignes["a"], lignes["b"], genre)[0])


@pytest.mark.parametrize(
    ("genre", "a", "b"),
    [
        ("texte", "Inès", "Ine\u0300s"),
        ("texte", "Moreau", " Moreau\n"),
        ("email", "Ines.Moreau@Courriel.example", " ines.moreau@courriel.EXAMPLE"),
        ("email", "ines@été.example", "ines@xn--t-9fab.example"),
        ("email", "PAS UNE ADRESSE", "pas une adresse "),
        ("telephone", "06 45 67 12 34", "+33645671234"),
        ("telephone", "0645671234", "06.45.67.12.34 (mari)"),
        ("telephone", "0692123456", "+262692123456"),
        ("telephone", "inconnu", " inconnu"),
        ("montant", "29.9", "29.90"),
        ("montant", "40", "4E+1"),
        ("montant", "0", "0.00"),
        ("montant", "sur devis", " sur devis"),
        ("reference", "8177185wnc", "8177185WNC"),
        ("reference", "8177185 WNC", "８１７７１８５WNC"),
        ("iban", "FR14 2004 1010", "fr1420041010"),
        ("iban", f"FR14{INSECABLE}2004", "FR142004"),
        ("statut", "valide", "Validé(e)s"),
        ("statut", "en_attente", "À signer"),
        ("statut", "Archivé", "ARCHIVE "),
        ("statut", "?", " ?"),
        ("instant", "2025-01-31 00:00:00+00", "2025-01-31T00:00:00.000Z"),
        ("instant", "2025-01-31 00:00:00+00", "2025-01-31 01:00:00+01:00"),
        ("instant", "2025-01-31 00:00:00+00", "2025-01-31"),
        ("instant", "2025-01-31 00:00:00.5+00", "2025-01-31T00:00:00.500Z"),
        ("instant", "infinity", " infinity"),
        ("json", '{"a": 1, "b": [1, null]}', '{"b":[1,null],\n"a":1}'),
        ("json", '{"a": "é"}', '{"a": "\\u00e9"}'),
        ("json", "[1.0, 0.50]", "[1, 0.5]"),
        ("json", "carte perdue", " carte perdue"),
    ],
)
def test_two_spellings_of_one_value(genre: str, a: str, b: str) -> None:
    assert not differents(a, b, genre)
    assert not differents(b, a, genre)


@pytest.mark.parametrize(
    ("genre", "a", "b"),
    [
        ("texte", "Moreau", "MOREAU"),
        ("texte", "Ines", "Inès"),
        ("texte", "Jean Pierre", "Jean-Pierre"),
        ("email", "ines.moreau@courriel.example", "inesmoreau@courriel.example"),
        ("email", "ines+a@courriel.example", "ines@courriel.example"),
        ("telephone", "06 45 67 12 34", "06 45 67 12 35"),
        ("telephone", "inconnu", "Inconnu"),
        ("montant", "29.90", "29.91"),
        ("montant", "29.90", "-29.90"),
        ("montant", "1000", "100"),
        ("reference", "007-A", "7-A"),
        ("reference", "007-A", "007A"),
        ("iban", "FR1420041010", "FR1420041011"),
        ("statut", "valide", "signe"),
        ("statut", "autre", "Archivé"),
        ("statut", "Archivé", "Archivé 2019"),
        ("statut", "?", "!"),
        ("instant", "2025-01-31 00:00:00+00", "2025-01-31 00:00:00.001+00"),
        ("instant", "2025-01-31 00:00:00+00", "2025-01-31 00:00:00+01"),
        ("instant", "infinity", "-infinity"),
        ("json", "[1, 2]", "[2, 1]"),
        ("json", '{"a": 1}', '{"a": "1"}'),
        ("json", '{"a": null}', "{}"),
        ("json", '{"a": "x"}', '{"a": "x "}'),
        ("json", "[" * 200_000, "[" * 200_001),
    ],
)
def test_two_values(genre: str, a: str, b: str) -> None:
    assert differents(a, b, genre)
    assert differents(b, a, genre)


@pytest.mark.parametrize("genre", GENRES)
def test_nothing_equals_nothing_and_differs_from_everything_else(genre: str) -> None:
    lignes = tableau(("a", "b"), [(None, None), (None, "x"), ("x", None), ("x", "x"), ("", None), (None, "")])
    assert differe(lignes["a"], lignes["b"], genre).to_pylist() == [False, True, True, False, True, True]


def test_an_answer_is_yes_or_no_for_each_row() -> None:
    lignes = tableau(("a", "b"), [("1", "1.0"), (None, None), ("2", "3"), ("4", None)])
    inegaux = differe(lignes["a"], lignes["b"], "montant")
    assert inegaux.type == pa.bool_()
    assert inegaux.to_pylist() == [False, False, True, True]


def test_columns_without_rows_or_without_values() -> None:
    vide = tableau(("a", "b"), [])
    assert differe(vide["a"], vide["b"]).to_pylist() == []
    absents = tableau(("a", "b"), [("x", None), ("y", None)])
    assert differe(absents["a"], absents["b"]).to_pylist() == [True, True]
    assert differe(absents["b"], absents["b"]).to_pylist() == [False, False]


def test_statuses_instants_and_identity_cards_have_their_own() -> None:
    genres = {c.nom: c.genre for entite in ("client", "contrat") for c in CHAMPS[entite]}
    assert genres["statut"] == "statut"
    assert genres["statut_source"] == "texte"
    assert genres["date_signature"] == genres["date_validation"] == "instant"
    assert genres["identity_card"] == "json"


def test_every_field_of_the_crm_has_a_canonical_form() -> None:
    assert {champ.genre for champs in CHAMPS.values() for champ in champs} == set(GENRES)


VALEURS = st.one_of(
    st.none(),
    st.text("aAeé\u0301 -+0619.,@", max_size=6),
    st.sampled_from(["29.9", "29.90", "0645671234", "+33645671234", "a@b.fr", "A@B.fr", "FR14 20", "fr1420", "1e-7"]),
)
PAIRES = st.lists(st.tuples(VALEURS, VALEURS), max_size=6)


@given(PAIRES, st.sampled_from(sorted(GENRES)))
def test_whole_columns_say_what_a_slow_reader_says_of_each_row(paires, genre: str) -> None:
    lignes = tableau(("a", "b"), paires)
    attendu = [
        (a is None) != (b is None) or (a is not None and a != b and GENRES[genre](a) != GENRES[genre](b))
        for a, b in paires
    ]
    assert differe(lignes["a"], lignes["b"], genre).to_pylist() == attendu
    assert differe(lignes["b"], lignes["a"], genre).to_pylist() == attendu


@given(st.text(max_size=12), st.sampled_from(sorted(GENRES)))
def test_a_canonical_form_is_its_own(texte: str, genre: str) -> None:
    canonique = GENRES[genre](texte)
    assert GENRES[genre](canonique) == canonique


@given(st.text(max_size=12))
def test_how_accents_are_composed_is_no_difference(texte: str) -> None:
    assert not differents(normalize("NFD", texte), normalize("NFC", texte), "texte")


def test_one_pair_is_compared_as_a_column_is() -> None:
    for a, b, genre in (
        ("29.9", "29.90", "montant"),
        ("06 45 67 12 34", "+33645671234", "telephone"),
        ("x", "y", "texte"),
    ):
        assert memes(a, b, genre) is not differents(a, b, genre)
    assert memes(None, None)
    assert not memes(None, "x")
    assert not memes("x", None)

"""The quick way to judge an element's JSON gives the strict decoder's verdict, whatever was written."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_sync.errors import SourceTerminalError
from crm_sync.source import lecture
from crm_sync.source.lecture import decoder, identifiant, identifiant_strict
from crm_sync.source.population import Evolution, encodes

NOMBRES = st.sampled_from(
    [
        *("0", "-0", "-0.0", "1", "1.0", "1.50", "1e2", "1E2", "1e-05", "1e16", "1e21", "5e-324", "1e400", "-1e400"),
        *("007", "1.", ".5", "+1", "NaN", "Infinity", "-Infinity"),
        *("18446744073709551616", "9" * 400, "9" * 4_300, "-" + "9" * 4_300, "9" * 4_301),
    ]
) | st.one_of(st.integers(), st.floats()).map(json.dumps)
MORCEAUX = st.sampled_from(
    [
        *("a", "é", "🙂", "/", "\x7f", "\n", "id"),
        *(r"\u0061", r"\u00e9", r"\ud83d\ude42", r"\ud800", r"\udc00", r"\u0000", r"\u001F", r"\u001f"),
        *(r"\n", r"\"", r"\/", r"\\", r"\x"),
    ]
)
TEXTES = st.lists(MORCEAUX, max_size=4).map(lambda morceaux: f'"{"".join(morceaux)}"')
CLES = st.sampled_from(['"idProspect"', r'"\u0069dProspect"', '"a"', r'"\u0061"', '""']) | TEXTES
BLANCS = st.sampled_from(["", "", "", " ", "\n", "\t ", "\u00a0"])


def liste(elements: list[str], blanc: str) -> str:
    return f"[{blanc}{f',{blanc}'.join(elements)}]"


def objet(paires: list[tuple[str, str]], blanc: str) -> str:
    return f"{{{blanc}{f',{blanc}'.join(f'{cle}:{blanc}{valeur}' for cle, valeur in paires)}}}"


def objets(valeurs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(objet, st.lists(st.tuples(CLES, valeurs), max_size=3), BLANCS)


ECRITS = st.recursive(
    st.sampled_from(["null", "true", "false", "nul", ""]) | NOMBRES | TEXTES,
    lambda valeurs: st.builds(liste, st.lists(valeurs, max_size=3), BLANCS) | objets(valeurs),
    max_leaves=8,
)


def verdict(lire, charge: bytes) -> tuple[str, str | None]:
    try:
        return "lu", lire(charge)
    except SourceTerminalError as faute:
        return "refus", str(faute)


def par_le_decodeur(charge: bytes) -> str | None:
    return identifiant(decoder(charge))


@given(st.one_of(objets(ECRITS), ECRITS).map(lambda ecrit: ecrit.encode()) | st.binary(max_size=8))
@example(b"")
@example(b'"\xed\xa0\x80"')
@example(b'\xef\xbb\xbf{"idProspect":1}')
@example('{"idProspect":1}'.encode("utf-16"))
@example(b'{"idProspect":1,"a":[{"b":{"c":1,"c":1}}]}')
def test_the_quick_verdict_is_the_strict_one(charge: bytes) -> None:
    assert verdict(identifiant_strict, charge) == verdict(par_le_decodeur, charge)


@given(objets(ECRITS))
def test_written_as_an_encoder_writes_it_the_verdict_is_the_same(ecrit: str) -> None:
    try:
        charge = msgspec.json.encode(msgspec.json.decode(ecrit))
    except ValueError:
        return
    assert verdict(identifiant_strict, charge) == verdict(par_le_decodeur, charge)


@pytest.mark.parametrize("ouvre_et_ferme", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_the_quick_verdict_gives_up_no_later_than_the_strict_one(ouvre_et_ferme: tuple[str, str]) -> None:
    ouvre, ferme = ouvre_et_ferme
    for profondeur in range(300, 1_000):
        charge = (ouvre * profondeur + "1" + ferme * profondeur).encode()
        assert verdict(identifiant_strict, charge) == verdict(par_le_decodeur, charge), profondeur


def test_what_an_application_usually_sends_needs_no_second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    charges = list(encodes(200, 1, Evolution()))
    lus = [par_le_decodeur(charge) for charge in charges]
    monkeypatch.delattr(lecture, "decoder")
    assert [identifiant_strict(charge) for charge in charges] == lus

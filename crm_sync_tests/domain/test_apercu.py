"""What is shown of a payload: subscriptions and payments, with nothing of an IBAN, a BIC or a card in them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.domain.apercu import NOMBRE, apercu, cle_privee, masquer_noeud, masquer_texte
from crm_sync.domain.masques import CACHE
from crm_sync_tests.gens import IBANS

CARTES = ("4970101234567893", "4970 1012 3456 7893", "5555-5555-5555-4444", "378282246310005")
DANS_UN_TEXTE = ("{}", "prélevé sur {} le 5", "({})", "iban:{}.", "{} / {}")


@pytest.mark.parametrize("forme", DANS_UN_TEXTE)
@pytest.mark.parametrize(
    "secret", [*IBANS, *CARTES, "FR14 2004 1010 0505 0001 3M02 606", "fr1420041010050500013m02606"]
)
def test_a_text_with_an_iban_or_a_card_in_it_is_masked(forme: str, secret: str) -> None:
    assert masquer_texte(forme.format(secret, secret)) == CACHE


@pytest.mark.parametrize("bic", ["BNPAFRPPXXX", "BNPAFRPP", "DEUTDEFF"])
def test_a_bic_of_a_bank_is_masked(bic: str) -> None:
    assert masquer_texte(bic) == CACHE


def test_a_status_in_capitals_is_no_bic() -> None:
    assert masquer_noeud({"statut": "TERMINEE", "banque": "BNPAFRPP"}) == {"statut": "TERMINEE", "banque": CACHE}


@pytest.mark.parametrize(
    "texte",
    [
        "SUSPENDU",
        "ACTIF",
        "8177185WNC",
        "2025-01-31T00:00:00.000Z",
        "29.9",
        "06 39 98 00 12",
        "Fibre 1 Gb/s",
        "",
        "FR14",
    ],
)
def test_ordinary_words_dates_amounts_and_references_stay(texte: str) -> None:
    assert masquer_texte(texte) == texte


@pytest.mark.parametrize(
    "cle",
    ["IBAN", "ibanPrelevement", "BIC", "bic_debiteur", "numeroCarte", "cardNumber", "CVV", "pan", "rib", "motDePasse"],
)
def test_keys_that_say_that_they_are_private_are_believed(cle: str) -> None:
    assert cle_privee(cle)
    assert masquer_noeud({cle: 12, "autre": [{cle: {"x": 1}}], "vide": None}) == {
        cle: CACHE,
        "autre": [{cle: CACHE}],
        "vide": None,
    }


@pytest.mark.parametrize("cle", ["description", "panier", "montant", "dateDebut", "statut", "id", "attribution"])
def test_ordinary_keys_are_not_private(cle: str) -> None:
    assert not cle_privee(cle)


def test_only_references_that_may_be_named_are() -> None:
    prospect = {
        "Souscription": [
            {"offre": {"nom": "Fibre"}, "contrats": [{"titre": " 81 77aBc"}, {"titre": "AUTRE"}, {"titre": None}, 3]},
            {"offre": "?", "contrats": None, "paiements": {"montant": "29.9"}},
            None,
        ]
    }
    souscriptions, versements = apercu(json.dumps(prospect).encode(), {"8177ABC": "8177abc"})
    assert [s["contrats"] for s in souscriptions] == [["8177abc"], []]
    assert [s["offre"] for s in souscriptions] == ["Fibre", None]
    assert versements == [{"montant": "29.9"}]


@pytest.mark.parametrize("charge", [b"[]", b"null", b'"x"', b"{}", b'{"Souscription": 3}'])
def test_a_payload_of_another_shape_shows_nothing(charge: bytes) -> None:
    assert apercu(charge, {}) == ([], [])


def test_what_is_endless_is_cut() -> None:
    profond: Any = "au fond"
    for _ in range(50):
        profond = {"x": profond}
    assert "au fond" not in json.dumps(masquer_noeud(profond))
    assert len(masquer_noeud(["x"] * 1000)) == NOMBRE
    assert masquer_noeud(4970101234567893) == CACHE


json_quelconque = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(IBANS),
    lambda enfants: st.lists(enfants, max_size=4) | st.dictionaries(st.text(max_size=8), enfants, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(json_quelconque)
def test_no_iban_is_left_wherever_it_stood(valeur: Any) -> None:
    montre = json.dumps(masquer_noeud(valeur))
    assert not any(iban in montre for iban in IBANS)


@pytest.mark.parametrize(
    ("brut", "montre"),
    [
        (r'"\ud800 seul"', "\ufffd seul"),
        (r'"\ud83d\ude00"', "\N{GRINNING FACE}"),
        ("1e999", "inf"),
        ("1" * 400, "1" * 400),
    ],
)
def test_what_strict_json_allows_and_few_readers_do_is_shown_and_can_be_written_again(brut: str, montre: str) -> None:
    charge = f'{{"Souscription": [{{"abonnement": {{"note": {brut}}}, "offre": {{"nom": "\\udc00"}}}}]}}'
    (souscription,), _ = apercu(charge.encode(), {})
    assert souscription["abonnement"]["note"] == montre
    json.dumps(souscription, ensure_ascii=False).encode()


@pytest.mark.parametrize("charge", ["[" * 5000 + "]" * 5000, '{"Souscription":' * 5000 + "1" + "}" * 5000, "{", ""])
def test_what_cannot_be_walked_or_read_gives_nothing(charge: str) -> None:
    assert apercu(charge.encode(), {}) == ([], [])

"""How one JSON value is read: what Prisma sends is accepted, what would have to be guessed is refused."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_sync.domain.motifs import MOTIFS
from crm_sync.domain.valeurs import (
    ValeurIllisible,
    lire_identifiant,
    lire_instant,
    lire_modification,
    lire_montant,
    lire_texte,
    nettoyer,
)

RIEN = [None, "", " ", "\t\r\n", "\u00a0\u2003"]
PAS_DES_TEXTES = [True, False, [], {}, ["texte"], {"texte": 1}]
LECTEURS = [lire_texte, lire_identifiant, lire_montant, lire_instant]
N_IMPORTE_QUOI = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just([]), st.just({}))


def refus(lire, valeur) -> str:
    with pytest.raises(ValeurIllisible) as faute:
        lire(valeur)
    assert faute.value.motif in MOTIFS
    return faute.value.motif


@pytest.mark.parametrize("lire", [*LECTEURS, lire_modification])
@pytest.mark.parametrize("valeur", RIEN)
def test_null_and_blanks_are_nothing(lire, valeur) -> None:
    assert lire(valeur) is None


@given(st.sampled_from(LECTEURS), N_IMPORTE_QUOI)
def test_every_value_is_read_or_refused_for_a_reason_that_we_can_explain(lire, valeur) -> None:
    try:
        lire(valeur)
    except ValeurIllisible as faute:
        assert faute.motif in MOTIFS  # noqa: PT017  reading it is as good an outcome


# --- Texts


@pytest.mark.parametrize(
    ("valeur", "texte"),
    [
        ("Inès", "Inès"),
        ("  Inès ", "  Inès "),
        ("İIıi", "İIıi"),
        (602540252, "602540252"),
        (29.9, "29.9"),
        (0, "0"),
        ("a\x00b", "ab"),
        ("é\x00\x00", "é"),
        ("\ud83d", "?"),
        ("é\udc00é", "é?é"),
        ("🙂", "🙂"),
    ],
)
def test_a_text_is_kept_as_received_but_for_what_postgres_refuses(valeur, texte: str) -> None:
    assert lire_texte(valeur) == texte


@pytest.mark.parametrize("valeur", PAS_DES_TEXTES)
@pytest.mark.parametrize("lire", [lire_texte, lire_identifiant])
def test_what_is_no_text_is_not_made_one(lire, valeur) -> None:
    assert refus(lire, valeur) == "type_inattendu"


@pytest.mark.parametrize("valeur", ["\x00", "\x00 \x00"])
def test_nothing_but_nul_is_nothing(valeur: str) -> None:
    assert lire_texte(valeur) is None


@given(st.text(st.characters()))
def test_whatever_is_read_can_be_stored_and_is_read_the_same_again(texte: str) -> None:
    lu = lire_texte(texte)
    if lu is not None:
        assert "\x00" not in lu.encode().decode()
        assert lu.strip()
        assert lire_texte(lu) == lu


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1))
def test_a_storable_text_is_not_touched(texte: str) -> None:
    assert lire_texte(texte) in {texte, None}
    assert (lire_texte(texte) is None) == texte.isspace()


def test_cleaning_reaches_every_depth_and_changes_nothing_else() -> None:
    sale = {"a\x00": ["\ud800", {"b": ("x",), "c": [None, True, 1, 2.5, "é\x00"]}], "d": {}}
    assert nettoyer(sale) == {"a": ["?", {"b": ("x",), "c": [None, True, 1, 2.5, "é"]}], "d": {}}


@given(st.recursive(N_IMPORTE_QUOI, lambda e: st.lists(e) | st.dictionaries(st.text(st.characters()), e), max_leaves=8))
@example([float("nan"), {"a": -float("inf")}])
def test_what_is_cleaned_is_json_that_jsonb_accepts(valeur) -> None:
    ecrit = json.dumps(nettoyer(valeur), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in ecrit
    ecrit.encode()


# --- Ids


@pytest.mark.parametrize(
    ("valeur", "identifiant"),
    [
        (397, "397"),
        ("397", "397"),
        (397.0, "397"),
        (-1, "-1"),
        (1e21, "1000000000000000000000"),
        (12.5, "12.5"),
        (" b1597894-6c1f \n", "b1597894-6c1f"),
        ("007", "007"),
        (10**30, "1" + "0" * 30),
        ("i" * 200, "i" * 200),
        (f" {'i' * 200} ", "i" * 200),
    ],
)
def test_an_id_is_one_text_however_it_is_written(valeur, identifiant: str) -> None:
    assert lire_identifiant(valeur) == identifiant


def test_an_id_beyond_200_characters_is_refused() -> None:
    assert refus(lire_identifiant, "i" * 201) == "identifiant_trop_long"


@given(st.integers())
def test_a_number_and_its_text_are_one_id(nombre: int) -> None:
    assert lire_identifiant(nombre) == lire_identifiant(str(nombre)) == str(nombre)


# --- Amounts


@pytest.mark.parametrize(
    ("valeur", "montant"),
    [
        ("29.9", "29.90"),
        ("29.90", "29.90"),
        (" 29.9 ", "29.90"),
        ("+29.9", "29.90"),
        (29.9, "29.90"),
        (29, "29.00"),
        ("40", "40.00"),
        ("0", "0.00"),
        ("-20.5", "-20.50"),
        ("1e-7", "0.00"),
        ("-1e-7", "0.00"),
        ("1E2", "100.00"),
        ("1e+2", "100.00"),
        ("0.005", "0.01"),
        ("0.0049999", "0.00"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        (2.675, "2.68"),
        ("1.005", "1.01"),
        ("007", "7.00"),
        ("9999999999.99", "9999999999.99"),
        ("9999999999.994", "9999999999.99"),
        ("-9999999999.99", "-9999999999.99"),
        ("0." + "0" * 59 + "1", "0.00"),
    ],
)
def test_an_amount_is_rounded_half_up_to_the_cent(valeur, montant: str) -> None:
    assert str(lire_montant(valeur)) == montant


@pytest.mark.parametrize(
    "valeur",
    [
        *PAS_DES_TEXTES,
        "29,90",
        "29.90 €",
        "€29.90",
        "1 000",
        "1\u202f000.00",
        "1.000,00",
        "1_000",
        "0x1F",
        ".5",
        "5.",
        "--5",
        "NaN",
        "Infinity",
        "1e",
        "1e100",
        "٢٩",
        "２９",
        "vingt",
        "9" * 31,
        float("nan"),
        float("inf"),
    ],
)
def test_an_amount_that_would_have_to_be_guessed_is_refused(valeur) -> None:
    assert refus(lire_montant, valeur) == "montant_illisible"


@pytest.mark.parametrize(
    "valeur", ["10000000000", "9999999999.995", "-10000000000", "-9999999999.995", "1e10", "1e99", 10**10, 1e22]
)
def test_an_amount_beyond_the_column_is_refused(valeur) -> None:
    assert refus(lire_montant, valeur) == "montant_trop_grand"


PLUS_GRAND = Decimal("9999999999.99")


@given(st.decimals(-PLUS_GRAND, PLUS_GRAND, allow_nan=False, places=4))
@example(Decimal("9999999999.9949"))
def test_any_amount_that_fits_is_the_nearest_cent(nombre: Decimal) -> None:
    attendu = nombre.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if abs(attendu) <= PLUS_GRAND:
        lu = lire_montant(f"{nombre:f}")
        assert lu == attendu
        assert str(lu) != "-0.00"
        assert lire_montant(str(lu)) == lu


# --- Instants


@pytest.mark.parametrize(
    ("valeur", "instant"),
    [
        ("2025-01-31T00:00:00.000Z", datetime(2025, 1, 31, tzinfo=UTC)),
        ("2025-01-31T22:00:00.123Z", datetime(2025, 1, 31, 22, 0, 0, 123_000, UTC)),
        (" 2025-01-31T22:00:00.123Z ", datetime(2025, 1, 31, 22, 0, 0, 123_000, UTC)),
        ("2025-01-31", datetime(2025, 1, 31, tzinfo=UTC)),
        ("2025-01-31T10:20", datetime(2025, 1, 31, 10, 20, tzinfo=UTC)),
        ("2025-01-31 10:20:30", datetime(2025, 1, 31, 10, 20, 30, tzinfo=UTC)),
        ("2025-01-31T10:20:30Z", datetime(2025, 1, 31, 10, 20, 30, tzinfo=UTC)),
        ("2025-01-31T10:20:30.123456Z", datetime(2025, 1, 31, 10, 20, 30, 123_456, UTC)),
        ("2025-01-31T01:00:00+0200", datetime(2025, 1, 30, 23, tzinfo=UTC)),
        ("2025-01-31T01:00:00+02:00", datetime(2025, 1, 30, 23, tzinfo=UTC)),
        ("2025-01-31T01:00:00.000-0500", datetime(2025, 1, 31, 6, tzinfo=UTC)),
        ("9999-12-31T23:59:59.000Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2024-02-29T00:00:00.000Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_an_instant_is_aware_and_in_utc(valeur: str, instant: datetime) -> None:
    lu = lire_instant(valeur)
    assert lu == instant
    assert lu.utcoffset() == timedelta(0)
    assert lire_modification(valeur) == instant


@pytest.fixture
def loin_de_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Cayenne")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("loin_de_greenwich")
@pytest.mark.parametrize("valeur", ["2025-01-31", "2025-01-31T00:00:00", "2025-01-31 00:00:00.000"])
def test_a_time_without_zone_is_utc_wherever_the_sync_runs(valeur: str) -> None:
    assert lire_instant(valeur) == datetime(2025, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "valeur",
    [
        *PAS_DES_TEXTES,
        1738364400000,
        1738364400.0,
        "0000-00-00T00:00:00.000Z",
        "0000-00-00",
        "2025-02-30T00:00:00.000Z",
        "2025-02-29",
        "2025-13-01",
        "31/01/2025",
        "2025-1-31",
        "20250131",
        "20250131T102030",
        "2025-01-31X10:20:30",
        "2025-01-31X10:20:30.000Z",
        "2025-01-31T25:00:00.000Z",
        "2025-01-31T10",
        "2025-W05-5",
        "hier",
        "Fri Jan 31 2025 00:00:00 GMT",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "٢٠٢٥-٠١-٣١",
        "2025-01-31T00:00:00.000X",
    ],
)
def test_an_instant_that_cannot_be_read_is_refused_and_as_an_updated_at_proves_nothing(valeur) -> None:
    assert refus(lire_instant, valeur) == "date_illisible"
    assert lire_modification(valeur) is None


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_any_instant_that_is_written_is_the_instant_that_is_read(instant: datetime) -> None:
    try:
        attendu = instant.astimezone(UTC)
    except OverflowError:
        return
    if (instant.utcoffset() or timedelta(0)) % timedelta(minutes=1):
        return  # offsets with seconds are no ISO 8601
    assert lire_instant(instant.isoformat()) == attendu
    assert lire_instant(attendu.isoformat(timespec="milliseconds").replace("+00:00", "Z")) == attendu.replace(
        microsecond=attendu.microsecond // 1000 * 1000
    )

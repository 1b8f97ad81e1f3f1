"""What a type can hold, against what Postgres itself says."""

import psycopg
import pytest

from crm_sync.crm.bornes import sans_limite, tient
from crm_sync_tests.conftest import Base

NOMBRES = (
    "0",
    "-1",
    "9.994",
    "9.995",
    "-9.995",
    "99.5",
    "32767.4",
    "32767.5",
    "-32768.5",
    "2147483648",
    "1e-7",
    "1e30",
)
TYPES = ("numeric(3,2)", "numeric(2,-1)", "numeric(2,4)", "numeric(10,0)", "smallint", "integer", "bigint", "numeric")


@pytest.mark.parametrize("reel", TYPES)
def test_a_number_fits_where_postgres_takes_it(base: Base, reel: str) -> None:
    admet = tient(reel)
    assert admet is not None
    for nombre in NOMBRES:
        try:
            base.lire(f"select '{nombre}'::numeric::{reel}")
            attendu = True
        except psycopg.errors.NumericValueOutOfRange:
            attendu = False
        assert admet(nombre) == attendu, nombre
    assert not admet("douze")
    assert not admet("NaN")


@pytest.mark.parametrize("reel", ["character varying(5)", "character(5)"])
def test_a_text_fits_where_postgres_takes_it_without_being_told_to_cut(base: Base, reel: str) -> None:
    base.lire(f"create table t (c {reel})")
    admet = tient(reel)
    assert admet is not None
    for texte in ("", "abcde", "abcdef", "ééééé", "abcde  ", "abcd f"):
        try:
            base.lire(f"insert into t select '{texte}'::{sans_limite(reel)}")
            attendu = True
        except psycopg.errors.StringDataRightTruncation:
            attendu = False
        assert admet(texte) == attendu, texte


def test_other_types_hold_what_may_come_and_a_word_is_no_boolean() -> None:
    assert tient("text") is None
    assert tient('public."ContractStatus"') is None
    vrai = tient("boolean")
    assert vrai is not None
    assert (vrai("true"), vrai("peut-être")) == (True, False)

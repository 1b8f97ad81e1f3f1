"""Comparison keys: which spellings are one value, and what is no value at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from schwifty import IBAN

from crm_sync.domain import keys
from crm_sync.domain.keys import cle_bic, cle_email, cle_iban, cle_nom, cle_reference, plier

INSECABLE, FINE, NULLE, BOM = "\u00a0", "\u202f", "\u200b", "\ufeff"
BLANC = st.sampled_from([" ", "\t", "\n", INSECABLE, FINE, NULLE, BOM, "\u202a"])
BLANCS = st.text(BLANC, max_size=3)
# Texts that come near the border of each rule more often than any text would.
LETTRES = st.sampled_from("aBzéÉœßŒİıŁŉǰΐﬁ٣０²'’-_. \u00a0\u200b\u0301")
QUELCONQUE = st.one_of(st.text(max_size=30), st.text(LETTRES, max_size=12))


@pytest.mark.parametrize(
    ("saisie", "cle"),
    [
        (" Ines.Moreau@Messagerie.Example ", "ines.moreau@messagerie.example"),
        (f"{INSECABLE}ines@courriel.example{NULLE}", "ines@courriel.example"),
        (f"{BOM}ines@courriel.example\r\n", "ines@courriel.example"),
        ("ines.moreau+tele@courriel.example", "ines.moreau+tele@courriel.example"),
        ("RENE\u0301@courriel.example", "ren\u00e9@courriel.example"),
        ("ines@Été.example", "ines@xn--t-9fab.example"),
        ("ines@xn--t-9fab.example", "ines@xn--t-9fab.example"),
        ("o'neil@courriel.example", "o'neil@courriel.example"),
        ("ines@crm.test", "ines@crm.test"),
        ("ines@serveur.LOCAL", "ines@serveur.local"),
        ("ines@crm.invalid", "ines@crm.invalid"),
        ("o'neil@crm.test", "o'neil@crm.test"),
        ("ines@été.local", "ines@xn--t-9fab.local"),
    ],
)
def test_les_ecritures_d_une_adresse_ont_une_cle(saisie, cle):
    assert cle_email(saisie) == cle


@pytest.mark.parametrize(
    "saisie",
    [
        None,
        "",
        f" {NULLE}",
        "null",
        "anonymous",
        "ines@courriel",
        "ines@localhost",
        "ines@.local",
        "@courriel.example",
        "ines moreau@courriel.example",
        f"ines{INSECABLE}moreau@courriel.example",
        "ines@courriel..example",
        ".ines@courriel.example",
        "ines@-courriel.example",
        "ines@ab--cd.example",
        "ines@192.0.2.1",
        "Ines Moreau <ines@courriel.example>",
        '"ines"@courriel.example',
        "ines@courriel.example; paul@courriel.example",
        f"{'i' * 243}@courriel.example",
        f"ines@{'c' * 64}.example",
        "\ud800@courriel.example",
    ],
)
def test_ce_qui_n_est_pas_une_adresse_n_a_pas_de_cle(saisie):
    assert cle_email(saisie) is None


def test_les_points_et_les_etiquettes_distinguent_deux_adresses():
    assert len({cle_email(f"{boite}@courriel.example") for boite in ("inesm", "ines.m", "ines.m+x")}) == 3


MORCEAU = st.one_of(st.text("abz09_+-.", min_size=1, max_size=12), st.text("abAZ09-._+'!@é ", min_size=1, max_size=8))
ADRESSE = st.builds(
    lambda local, domaine, tld: f"{local}@{domaine}.{tld}",
    MORCEAU,
    MORCEAU,
    st.one_of(st.sampled_from(["example", "test", "local", "fr", "c", "1a", "xn--p1ai"]), MORCEAU),
)


@given(st.one_of(ADRESSE, st.emails(), st.text(max_size=20)))
@example("a@b-.example")
@example("a@b--c.example")
@example("a-@b.example")
@example(f"{'a' * 52}@{'b' * 20}.fr")
def test_le_raccourci_repond_comme_la_bibliotheque(texte):
    assert cle_email(texte) == keys._email_verifie(texte.strip(keys._BLANCS).lower())


@given(ADRESSE, BLANCS, BLANCS)
def test_ni_la_casse_ni_les_blancs_autour_ne_comptent(adresse, avant, apres):
    cle = cle_email(adresse)
    assert cle_email(f"{avant}{adresse}{apres}") == cle
    if adresse.isascii():
        assert cle_email(adresse.upper()) == cle


@pytest.mark.parametrize(
    ("saisie", "cle"),
    [
        ("8177185WNC", "8177185WNC"),
        (f" 8177 185{INSECABLE}wnc\t", "8177185WNC"),
        (f"8177{NULLE}185WNC{BOM}", "8177185WNC"),
        ("８１７７１８５ｗｎｃ", "8177185WNC"),
        ("0007-a", "0007-A"),
        ("straße-1", "STRASSE-1"),
        ("A\x00B\ud800", "AB"),
        (f" {FINE}{NULLE}", None),
        ("", None),
        (None, None),
    ],
)
def test_cle_reference(saisie, cle):
    assert cle_reference(saisie) == cle


def test_les_zeros_et_la_ponctuation_distinguent_deux_references():
    assert len({cle_reference(reference) for reference in ("007-A", "7-A", "007A", "007_A")}) == 4


@pytest.mark.parametrize(
    ("saisie", "cle"),
    [
        ("FR7630006000011234567890189", "FR7630006000011234567890189"),
        ("fr76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        (f"FR76{INSECABLE}3000{FINE}6000 0112 3456 7890 189{NULLE}", "FR7630006000011234567890189"),
        ("BE68 5390 0754 7034", "BE68539007547034"),
        ("FR7630006000011234567890188", None),  # mod 97
        ("FR763000600001123456789018", None),  # length
        ("XX7630006000011234567890189", None),  # country
        ("FR76-3000-6000-0112-3456-7890-189", None),
        ("FR76３0006000011234567890189", None),
        ("FR41...", None),
        ("FI21 1234 5600 0007 85", "FI2112345600000785"),
        ("ﬁ21 1234 5600 0007 85", None),
        ("", None),
        (None, None),
    ],
)
def test_cle_iban(saisie, cle):
    assert cle_iban(saisie) == cle


def test_la_cle_rib_n_est_pas_demandee():
    # Another RIB key than 89, with the control digits of the whole made to fit.
    iban = IBAN.from_bban("FR", "30006000011234567890100")
    assert cle_iban(str(iban)) == str(iban)


@given(st.from_regex(r"FR[0-9]{2}[0-9A-Z]{21,24}", fullmatch=True), st.integers(0, 98))
def test_la_voie_courte_des_iban_francais_dit_ce_que_dit_schwifty(iban, controle):
    # By chance alone hardly any check digits are right: these are those that fit, or one of their aliases 00, 01, 99.
    juste = 98 - int("".join(str(int(c, 36)) for c in f"{iban[4:]}FR00")) % 97
    for candidat in (
        iban,
        f"FR{juste:02d}{iban[4:]}",
        f"FR{(juste + 97) % 100:02d}{iban[4:]}",
        f"FR{controle:02d}{iban[4:]}",
    ):
        assert (cle_iban(candidat) == candidat) == IBAN(candidat, allow_invalid=True).is_valid


@given(st.integers(0, 10**11 - 1), st.integers(0, 26), st.sampled_from("0123456789"))
def test_un_chiffre_change_invalide_un_iban(compte, rang, chiffre):
    iban = str(IBAN.from_bban("FR", f"3000600001{compte:011d}89"))
    autre = iban[:rang] + chiffre + iban[rang + 1 :]
    assert cle_iban(iban) == iban
    assert cle_iban(autre) == (iban if autre == iban else None)


@pytest.mark.parametrize(
    ("saisie", "cle"),
    [
        ("BNPAFRPPXXX", "BNPAFRPPXXX"),
        (" bnpa fr pp ", "BNPAFRPP"),
        ("BNPAZZPP", None),
        ("BNPAFRPPX", None),
        ("BNPA-FRPP", None),
        ("", None),
        (None, None),
    ],
)
def test_cle_bic(saisie, cle):
    assert cle_bic(saisie) == cle


@pytest.mark.parametrize(
    ("cle", "saisies"),
    [
        (
            "jean pierre",
            ["Jean-Pierre", "JEAN PIERRE", " Jean  Pierre ", "Jean‑Pierre", "jean.pierre", "Jean_Pierre"],
        ),
        ("ndiaye", ["N'Diaye", "N’DIAYE", "Ndiaye", "N`diaye", "N´Diaye"]),
        ("n diaye", ["N Diaye", "N-Diaye"]),
        ("coeur", ["Cœur", "CŒUR", "coeur"]),
        ("strasse", ["Straße", "STRASSE", "Strasse"]),
        ("lukasz", ["Łukasz", "LUKASZ"]),
        ("yildiz", ["Yıldız", "YILDIZ"]),
        ("ibrahim", ["İbrahim", "IBRAHIM"]),
        ("zoe", ["Zoé", "Zoë", "ZOE", f"Zo{NULLE}e\u0301"]),
        ("de la tour", ["de La Tour", "DE LA TOUR", "de-la-tour"]),
        (None, [None, "", " - ", ".", INSECABLE]),
    ],
)
def test_les_ecritures_d_un_nom_ont_une_cle(cle, saisies):
    assert {cle_nom(saisie) for saisie in saisies} == {cle}


@pytest.mark.parametrize("cle_de", [cle_email, cle_reference, cle_iban, cle_bic, cle_nom])
@given(texte=st.one_of(QUELCONQUE, ADRESSE))
def test_la_cle_d_une_cle_est_cette_cle(cle_de, texte):
    cle = cle_de(texte)
    assert cle is None or (cle != "" and cle_de(cle) == cle)


@given(QUELCONQUE, BLANCS)
def test_ni_la_casse_ni_les_espaces_ne_changent_un_nom_ou_une_reference(texte, blancs):
    assert cle_nom(f"{blancs}{texte}{blancs}") == cle_nom(texte)
    assert cle_reference(f"{blancs}{texte}{blancs}") == cle_reference(texte)
    assert cle_nom(texte.upper()) in {cle_nom(texte), cle_nom(texte.lower())}
    if texte.isascii():
        assert cle_reference(texte.lower()) == cle_reference(texte)


@given(QUELCONQUE)
def test_un_texte_plie_est_fait_de_mots(texte):
    plie = plier(texte)
    assert all(mot.isalnum() for mot in plie.split())
    assert plie == " ".join(plie.split())
    assert plie == plie.casefold()

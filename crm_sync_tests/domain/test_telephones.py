"""Telephones as typed: which numbers a field holds, in E.164."""

import re

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crm_sync.domain import telephones
from crm_sync.domain.keys import cles_telephone

MOBILE, FIXE, AUTRE = "+33612345678", "+33144556677", "+33760504030"
INSECABLE, FINE = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    "saisie",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "06,12,34,56,78",
        "06_12_34_56_78",
        "06 - 12 - 34 - 56 - 78",
        "0612/345678",
        " 0612345678 ",
        f"06{INSECABLE}12{FINE}34 56 78",
        "\u202a+33612345678\u202c",
        "06\u200b12345678",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "(+33) 6 12 34 56 78",
        "+33 - 6 12 34 56 78",
        "+330612345678",
        "0033612345678",
        "00 33 6 12 34 56 78",
        "33612345678",
        "612345678",
        "０６１２３４５６７８",
        "０６‑１２‑３４‑５６‑７８",
        "0612345678 (mari)",
        "0612345678 (2e ligne)",
        "Tél. : 06 12 34 56 78",
        "tel:+33-6-12-34-56-78;ext=3",
        "06 12 34 56 78 poste 123",
        "06 12 34 56 78 / 79",
        "06 12 34 56 78 - 123",
        "06 12 34 56 78, 123",
        "0612345678, 0612345678",
    ],
)
def test_les_ecritures_d_un_numero_ont_une_cle(saisie):
    assert cles_telephone(saisie) == (MOBILE,)


@pytest.mark.parametrize(
    ("saisie", "cle"),
    [
        ("0692 12 34 56", "+262692123456"),  # La Réunion, mobile
        ("+33692123456", "+262692123456"),
        ("+33 (0)692 12 34 56", "+262692123456"),
        ("+262 692 12 34 56", "+262692123456"),
        ("00262692123456", "+262692123456"),
        ("262692123456", "+262692123456"),
        ("692123456", "+262692123456"),
        ("0262 41 23 45", "+262262412345"),  # La Réunion, fixed
        ("0690 12 34 56", "+590690123456"),  # Guadeloupe
        ("0696 20 12 34", "+596696201234"),  # Martinique
        ("0694 20 12 34", "+594694201234"),  # Guyane
        ("0639 01 23 45", "+262639012345"),  # Mayotte
        ("0708 45 12 34", "+508708451234"),  # Saint-Pierre, mobile
        ("41 23 46", "+508412346"),  # Saint-Pierre, fixed
        ("+508 41 23 46", "+508412346"),
        ("0596 30 12 34", "+33596301234"),  # valid in France by libphonenumber: France first
        ("+596 596 30 12 34", "+596596301234"),
        ("+32 475 12 34 56", "+32475123456"),
        ("+32 - 475 12 34 56", "+32475123456"),
        ("0044 20 7946 0958", "+442079460958"),
        ("0049 (0)30 1234 5678 9", "+4930123456789"),
        ("0800 123 456", "+33800123456"),
    ],
)
def test_la_france_puis_l_outre_mer_puis_l_etranger(saisie, cle):
    assert cles_telephone(saisie) == (cle,)


@pytest.mark.parametrize(
    "saisie",
    [
        "06 12 34 56 78 / 01 44 55 66 77",
        "01 44 55 66 77 / 06 12 34 56 78",
        "0612345678/0144556677",
        "0612345678,0144556677",
        "0612345678;0144556677",
        "0612345678 0144556677",
        "0612345678-0144556677",
        "06 12 34 56 78 01 44 55 66 77",
        "06.12.34.56.78 - 01.44.55.66.77",
        "06 12 34 56 78 ou 01 44 55 66 77",
        "06 12 34 56 78 et le 01 44 55 66 77",
        "+33 6 12 34 56 78 +33 1 44 55 66 77",
        "Portable1: 0612345678 Bureau2: 0144556677",
        "0612345678 (bureau 0144556677)",
        "0612345678\n0144556677",
        "0612345678 / 0144556677 / 0612",
    ],
)
def test_deux_numeros_dans_un_champ_sont_deux_cles(saisie):
    assert cles_telephone(saisie) == (FIXE, MOBILE)


def test_trois_numeros_sont_tries():
    assert cles_telephone("07 60 50 40 30 06 12 34 56 78 / 0144556677") == (FIXE, MOBILE, AUTRE)


def test_deux_numeros_qui_en_feraient_un_troisieme_restent_deux():
    # Germany knows numbers of so many lengths that the digits of both could be one of them.
    assert cles_telephone("+49 30 1234567 / 41 23 46") == ("+49301234567",)
    assert cles_telephone("+49 30 123456 / +49 30 654321") == ("+4930123456", "+4930654321")
    assert cles_telephone("+49 / +49 30 123456") == ("+4930123456",)
    assert cles_telephone("+49 30 +49 30 123456") == ()


def test_un_champ_qui_se_lit_de_deux_facons_ne_se_lit_pas():
    # +49 30 123456 and 0033 06…, or +49 30 1234560033 and 06…
    assert cles_telephone("+49 30 123456 0033 0612345678") == ()


def test_un_numero_de_deux_regions_n_en_est_aucun(monkeypatch):
    partout = re.compile(r"\d{9}")
    monkeypatch.setattr(telephones, "_motifs", lambda: {33: re.compile("x"), 262: partout, 590: partout})
    assert cles_telephone("0692123456") == ()
    monkeypatch.setattr(telephones, "_lire", lambda _, region: ((len(region), region), region in {"RE", "GP"}))
    assert telephones._d_apres_la_bibliotheque("0692123456") is None


@pytest.mark.parametrize(
    "saisie",
    [
        None,
        "",
        " ",
        "null",
        "anonymous",
        "non communiqué",
        "3949",
        "061234567",
        "06 12 34 56 78 9",
        "0612345678 75001",
        "06123456780144556677",
        "612345678 144556677",
        "+33 41 23 46",
        "FR7630006000011234567890189",
        "06 12 34 56 78 " * 17,
        "06 12 34 (bureau) 56 78",
    ],
)
def test_ce_qui_n_est_pas_un_numero_n_a_pas_de_cle(saisie):
    assert cles_telephone(saisie) == ()


@pytest.mark.parametrize(
    "saisie",
    [
        "0600000000",
        "06 11 11 11 11",
        "+33777777777",
        "0000000000",
        "0123456789",
        "0987654321",
        "0692000000",
        "456789",
    ],
)
def test_les_numeros_de_remplissage_ne_sont_pas_des_cles(saisie):
    assert cles_telephone(saisie) == ()


@pytest.mark.parametrize("saisie", ["0612345678", "0600000001", "0611111112", "0606060606", "0612000000", "0692000001"])
def test_les_numeros_ronds_de_quelqu_un_sont_des_cles(saisie):
    assert len(cles_telephone(saisie)) == 1


def test_un_numero_court_ne_compte_que_seul():
    assert cles_telephone("41 23 46 (maison)") == ("+508412346",)
    assert cles_telephone("41 23 46 / 41 23 48") == ()
    assert cles_telephone("0612345678 / 41 23 46") == (MOBILE,)


DEBUTS = st.sampled_from(
    [
        "",
        "6",
        "63",
        "639",
        "69",
        "692",
        "7",
        "708",
        "709",
        "26",
        "262",
        "269",
        "59",
        "590",
        "596",
        "8",
        "80",
        "9",
        "976",
    ]
)
NATIONAL = st.builds(lambda debut, suite: (debut + suite)[:9], DEBUTS, st.text("0123456789", min_size=9, max_size=9))
PREFIXE = st.sampled_from(["0", "+33", "0033", "+330", "+262", "00262", "+590", "+594", "+5960"])


@given(PREFIXE, NATIONAL)
@example("+33", "596301234")
@example("0", "709012345")
@example("+590", "690123456")
def test_les_motifs_repondent_comme_la_bibliotheque(prefixe, national):
    compose = prefixe + national
    courant = telephones._COURANT.fullmatch(compose)
    assume(courant is not None)
    assert telephones._d_apres_les_motifs(courant) == telephones._d_apres_la_bibliotheque(compose)


SEPARATEUR = st.sampled_from(["", " ", ".", "-", INSECABLE, FINE])


@given(NATIONAL, st.lists(SEPARATEUR, min_size=9, max_size=9))
def test_le_decoupage_ne_change_pas_un_numero(national, separateurs):
    seul = f"0{national}"
    decoupe = "".join(chiffre + separateur for chiffre, separateur in zip(seul, [*separateurs, ""], strict=True))
    assert cles_telephone(decoupe) == cles_telephone(seul)


VRAIS = st.one_of(
    st.integers(0, 10**6 - 1).map(lambda n: f"+3361{n:06d}2"),
    st.integers(0, 10**6 - 1).map(lambda n: f"+262692{n:06d}"),
    st.sampled_from(["+442079460958", "+12125552368", "+508412346", "+390612345678"]),
)


@given(
    st.lists(VRAIS, min_size=1, max_size=4),
    st.sampled_from([" / ", "/", ";", " ", ", ", " ou ", "\n", " - "]),
)
def test_les_numeros_d_un_champ_sont_ceux_de_ses_parties(numeros, separateur):
    attendus = sorted({cle for numero in numeros for cle in cles_telephone(numero)})
    assert list(cles_telephone(separateur.join(numeros))) == attendus


@given(st.one_of(st.text(max_size=40), st.text("0123456789 +/-.(),x\u00a0", max_size=60)))
def test_une_cle_est_un_numero_valide_et_sa_propre_cle(texte):
    cles = cles_telephone(texte)
    assert list(cles) == sorted(set(cles))
    for cle in cles:
        lu = phonenumbers.parse(cle)
        assert phonenumbers.is_valid_number(lu)
        assert phonenumbers.format_number(lu, phonenumbers.PhoneNumberFormat.E164) == cle
        assert cles_telephone(cle) == (cle,)

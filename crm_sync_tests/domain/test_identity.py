"""Who a prospect is: by e-mail where first names agree, by phone where names are the same, else somebody new."""

from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_sync.domain.identity import identifier
from crm_sync.domain.keys import cle_email, cle_nom
from crm_sync.domain.types import cadre
from crm_sync_tests.domain import oracle

PROSPECTS = ("source_id", "cle_nom", "cle_prenom", "naissance", "cle_email", "cles_telephone")
CLIENTS = ("crm_id", "cle_nom", "cle_prenom", "cle_email", "cles_telephone", "cree_le")
COURRIEL, MOBILE = "foyer@courriel.example", "+33645671234"
AUTRE_MOBILE = "+33645671235"
TOT, TARD = "2024-01-01 08:00:00+00", "2024-06-01 08:00:00+00"


def qui(nom: str | None, prenom: str | None, email: str | None, telephone: str | None) -> dict[str, str | None]:
    return {
        "cle_nom": cle_nom(nom),
        "cle_prenom": cle_nom(prenom),
        "cle_email": cle_email(email),
        "cles_telephone": telephone,
    }


def prospect(
    source_id: str, nom: str | None, prenom: str | None, email=None, tel=None, naissance: str | None = None
) -> oracle.Ligne:
    return {"source_id": source_id, "naissance": naissance, **qui(nom, prenom, email, tel)}


def client(crm_id: str, nom: str | None, prenom: str | None, email=None, tel=None, cree_le=TOT) -> oracle.Ligne:
    return {"crm_id": crm_id, "cree_le": cree_le, **qui(nom, prenom, email, tel)}


def cadres(prospects: Sequence[oracle.Ligne], clients: Sequence[oracle.Ligne]) -> tuple[pd.DataFrame, pd.DataFrame]:
    return (
        cadre(PROSPECTS, [tuple(p[c] for c in PROSPECTS) for p in prospects]),
        cadre(CLIENTS, [tuple(c[colonne] for colonne in CLIENTS) for c in clients]),
    )


def trouver(*lignes: oracle.Ligne) -> dict[str, dict[str, str | None]]:
    """Identify: source id → its row, NA as None."""
    trouves = identifier(
        *cadres([ligne for ligne in lignes if "source_id" in ligne], [ligne for ligne in lignes if "crm_id" in ligne])
    )
    return {
        ligne["source_id"]: {cle: None if pd.isna(v) else v for cle, v in ligne.items()}
        for ligne in trouves.to_dict("records")
    }


def clients_de(*lignes: oracle.Ligne) -> dict[str, tuple[str | None, str]]:
    return {source_id: (t["crm_id"], t["regle"]) for source_id, t in trouver(*lignes).items()}


def personnes(*lignes: oracle.Ligne) -> set[frozenset[str]]:
    groupes: dict[str, set[str]] = {}
    for source_id, trouve in trouver(*lignes).items():
        groupes.setdefault(trouve["groupe"], set()).add(source_id)
    return {frozenset(groupe) for groupe in groupes.values()}


NOUVEAU = (None, "creation")


# --- By e-mail


@pytest.mark.parametrize(
    ("nom", "prenom"),
    [
        ("Moreau", "Inès"),
        ("MOREAU", "INES"),
        ("Roux", "Inès"),  # married since
        ("Moreau", "Inès-Marie"),
        ("Moreau", "I."),
        ("Moreau", None),
        ("Inès", "Moreau"),  # typed the wrong way round
    ],
)
def test_an_e_mail_links_where_first_names_agree(nom, prenom) -> None:
    assert clients_de(prospect("1", nom, prenom, COURRIEL), client("a", "Moreau", "Inès", COURRIEL)) == {
        "1": ("a", "email")
    }


@pytest.mark.parametrize(
    ("nom", "prenom"),
    [
        ("Moreau", "Paul"),  # her husband, or her son
        ("Moreau", "Agnès"),
        ("Durand", "Paul"),
        (None, "Paul"),
    ],
)
def test_an_e_mail_alone_does_not_make_two_first_names_one_person(nom, prenom) -> None:
    assert clients_de(prospect("1", nom, prenom, COURRIEL), client("a", "Moreau", "Inès", COURRIEL)) == {"1": NOUVEAU}


def test_daniel_and_daniele_of_one_address_are_two() -> None:
    assert clients_de(prospect("1", "Petit", "Danièle", COURRIEL), client("a", "Petit", "Daniel", COURRIEL)) == {
        "1": NOUVEAU
    }


def test_another_spelling_of_the_address_is_the_same_key() -> None:
    lignes = (
        prospect("1", "Roux", "Léa", " Lea.ROUX@Courriel.example "),
        client("a", "Roux", "Léa", "lea.roux@courriel.example"),
    )
    assert clients_de(*lignes)["1"] == ("a", "email")


# --- By phone


@pytest.mark.parametrize(
    ("nom", "prenom", "attendu"),
    [
        ("Moreau", "Inès", ("a", "telephone")),
        ("Inès", "Moreau", ("a", "telephone")),
        ("Moreau Roux", "Inès", ("a", "telephone")),
        ("Moreau", "Paul", NOUVEAU),  # families share phones
        ("Roux", "Inès", NOUVEAU),
        ("Moreau", "I.", NOUVEAU),  # what an e-mail would forgive, a phone does not
        ("Moreau", None, NOUVEAU),
        (None, "Inès", NOUVEAU),
    ],
)
def test_a_phone_links_only_the_same_name(nom, prenom, attendu) -> None:
    lignes = (prospect("1", nom, prenom, tel=MOBILE), client("a", "Moreau", "Inès", tel=MOBILE))
    assert clients_de(*lignes) == {"1": attendu}


def test_one_common_number_of_several_is_enough() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", tel=f"{AUTRE_MOBILE} {MOBILE}"),
        client("a", "Moreau", "Inès", tel=f"{MOBILE} +33145671234"),
    )
    assert clients_de(*lignes)["1"] == ("a", "telephone")


def test_an_e_mail_comes_before_a_phone() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", COURRIEL, MOBILE),
        client("a", "Moreau", "Inès", tel=MOBILE),
        client("b", "Roux", "Inès", COURRIEL),
    )
    assert clients_de(*lignes)["1"] == ("b", "email")


def test_an_e_mail_that_accepts_nobody_leaves_the_phone_to_answer() -> None:
    lignes = (
        prospect("1", "Moreau", "Paul", COURRIEL, MOBILE),
        client("a", "Moreau", "Inès", COURRIEL, MOBILE),
        client("b", "Moreau", "Paul", tel=MOBILE),
    )
    assert clients_de(*lignes)["1"] == ("b", "telephone")


def test_no_key_is_nobody() -> None:
    assert clients_de(prospect("1", "Moreau", "Inès"), client("a", "Moreau", "Inès")) == {"1": NOUVEAU}


# --- Keys that tell nobody apart


@pytest.mark.parametrize(("email", "tel"), [(COURRIEL, None), (None, MOBILE)], ids=["email", "telephone"])
def test_a_key_of_three_plainly_different_people_links_nobody(email, tel) -> None:
    trois = [
        client("a", "Moreau", "Inès", email, tel),
        client("b", "Durand", "Paul", email, tel),
        client("c", "Petit", "Zoé", email, tel),
    ]
    nouveau = prospect("1", "Moreau", "Inès", email, tel)
    assert clients_de(nouveau, *trois) == {"1": NOUVEAU}
    assert clients_de(nouveau, *trois[:2])["1"][0] == "a", "two are a couple, not a switchboard"


@pytest.mark.parametrize(("email", "tel"), [(COURRIEL, None), (None, MOBILE)], ids=["email", "telephone"])
def test_prospects_and_clients_count_together_for_a_generic_key(email, tel) -> None:
    lignes = [
        prospect("1", "Moreau", "Inès", email, tel),
        prospect("2", "Moreau", "Inès", email, tel),
        prospect("3", "Durand", "Paul", email, tel),
        client("a", "Petit", "Zoé", email, tel),
    ]
    assert personnes(*lignes) == {frozenset("1"), frozenset("2"), frozenset("3")}
    assert personnes(*lignes[:3]) == {frozenset("12"), frozenset("3")}


def test_a_family_of_one_name_is_no_switchboard() -> None:
    famille = [
        client(c, "Moreau", p, tel=MOBILE) for c, p in (("a", "Inès"), ("b", "Paul"), ("c", "Zoé"), ("d", "Max"))
    ]
    assert clients_de(prospect("1", "Moreau", "Zoé", tel=MOBILE), *famille)["1"] == ("c", "telephone")


def test_whether_a_key_is_generic_does_not_depend_on_who_comes_first() -> None:
    """Paul Moreau is like Inès Moreau and like Paul Durand; Inès Moreau, Paul Durand and Zoé Petit are three."""
    gens = [("a", "Moreau", "Paul"), ("b", "Moreau", "Inès"), ("c", "Durand", "Paul"), ("d", "Petit", "Zoé")]
    for ordre in (gens, gens[::-1], gens[1:] + gens[:1]):
        tenants = [client(crm_id, nom, prenom, COURRIEL) for crm_id, nom, prenom in ordre]
        assert clients_de(prospect("1", "Moreau", "Inès", COURRIEL), *tenants) == {"1": NOUVEAU}
    for ordre in (gens, gens[::-1]):
        porteurs = [prospect(crm_id, nom, prenom, COURRIEL) for crm_id, nom, prenom in ordre]
        assert len(personnes(*porteurs, prospect("z", "Moreau", "Inès", COURRIEL))) == 5


# --- Several candidates


def test_of_several_accepted_clients_the_one_of_the_same_last_name_and_the_others_are_reported() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", COURRIEL),
        client("a", "Roux", "Inès", COURRIEL, cree_le=TOT),
        client("b", "Moreau", "Inès", COURRIEL, cree_le=TARD),
    )
    assert trouver(*lignes)["1"] == {
        "source_id": "1",
        "crm_id": "b",
        "groupe": "1",
        "regle": "email",
        "ambigus": "a",
    }


@pytest.mark.parametrize(
    ("dates", "gagnant", "autres"),
    [
        ((TARD, TOT, TARD), "b", "a c"),
        ((TOT, TOT, TOT), "a", "b c"),
        ((None, TARD, None), "b", "a c"),
        ((None, None, None), "a", "b c"),
    ],
)
def test_of_several_of_one_name_the_oldest_row_and_then_the_lowest_id(dates, gagnant, autres) -> None:
    lignes = [client(c, "Moreau", "Inès", COURRIEL, cree_le=d) for c, d in zip("abc", dates, strict=True)]
    for ordre in (lignes, lignes[::-1]):
        trouve = trouver(prospect("1", "Moreau", "Inès", COURRIEL), *ordre)["1"]
        assert (trouve["crm_id"], trouve["ambigus"]) == (gagnant, autres)


def test_a_client_met_by_two_numbers_is_one_candidate() -> None:
    deux = f"{MOBILE} {AUTRE_MOBILE}"
    trouve = trouver(prospect("1", "Moreau", "Inès", tel=deux), client("a", "Moreau", "Inès", tel=deux))["1"]
    assert (trouve["crm_id"], trouve["ambigus"]) == ("a", None)


# --- Prospects among themselves


@pytest.mark.parametrize(
    ("un", "autre", "meme_personne"),
    [
        (("Moreau", "Inès", COURRIEL, None), ("Roux", "Inès", COURRIEL, None), True),
        (("Moreau", "Inès", COURRIEL, None), ("Moreau", "Paul", COURRIEL, None), False),
        (("Moreau", "Inès", None, MOBILE), ("Moreau", "Inès", None, MOBILE), True),
        (("Moreau", "Inès", None, MOBILE), ("Moreau", "Paul", None, MOBILE), False),
        (("Moreau", "Inès", COURRIEL, MOBILE), ("Durand", "Paul", COURRIEL, MOBILE), False),
        (("Moreau", None, None, MOBILE), ("Moreau", None, None, MOBILE), False),
        (("Moreau", None, COURRIEL, None), ("Moreau", None, COURRIEL, None), True),
        (("Moreau", "Inès", COURRIEL, None), ("Moreau", "Inès", None, MOBILE), False),
    ],
)
def test_two_prospects_are_one_person_by_the_same_rules(un, autre, meme_personne: bool) -> None:
    lignes = (prospect("1", *un), prospect("2", *autre))
    assert (len(personnes(*lignes)) == 1) is meme_personne
    assert (len(personnes(*lignes[::-1])) == 1) is meme_personne


def test_two_dates_of_birth_are_two_people() -> None:
    un = prospect("1", "Moreau", "Inès", COURRIEL, MOBILE, "1984-05-12")
    meme = prospect("2", "Moreau", "Inès", COURRIEL, MOBILE, "1984-05-12")
    autre = prospect("2", "Moreau", "Inès", COURRIEL, MOBILE, "1955-01-01")
    sans = prospect("2", "Moreau", "Inès", COURRIEL, MOBILE)
    assert [len(personnes(un, second)) for second in (meme, autre, sans)] == [1, 2, 1]


def test_a_prospect_that_links_two_strangers_unites_nobody() -> None:
    """Who has no first name agrees with any: by them two people would become one, bank details and all."""
    lignes = (
        prospect("1", "Moreau", "Inès", COURRIEL),
        prospect("2", "Durand", "Paul", COURRIEL),
        prospect("3", None, None, COURRIEL),
    )
    assert personnes(*lignes) == {frozenset("1"), frozenset("2"), frozenset("3")}


def test_a_group_that_a_phone_made_of_strangers_keeps_its_e_mail_links() -> None:
    """Inès Moreau became Inès Roux; Inès Moreau-Durand has Inès Moreau's phone, and is not Inès Roux."""
    lignes = (
        prospect("1", "Roux", "Ina", COURRIEL),
        prospect("2", "Moreau", "Ina", COURRIEL, MOBILE),
        prospect("3", "Moreau", "Ina Lou", None, f"{MOBILE} {AUTRE_MOBILE}"),
        prospect("4", "Moreau", "Lou", None, AUTRE_MOBILE),
    )
    assert personnes(*lignes) == {frozenset("12"), frozenset("3"), frozenset("4")}


def test_a_group_goes_to_the_client_that_one_of_its_members_is() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", tel=MOBILE),
        prospect("2", "Moreau", "Inès", COURRIEL, MOBILE),
        client("a", "Roux", "Inès", COURRIEL),
    )
    assert clients_de(*lignes) == {"1": ("a", "email"), "2": ("a", "email")}


def test_of_a_group_s_clients_an_e_mail_s_comes_before_a_phone_s() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", "autre@courriel.example", AUTRE_MOBILE),
        prospect("2", "Moreau", "Inès", None, f"{MOBILE} {AUTRE_MOBILE} +33145671234"),
        prospect("3", "Moreau", "Inès", None, "+33145671234"),
        client("a", "Moreau", "Inès", tel=MOBILE),
        client("b", "Moreau", "Inès", "autre@courriel.example"),
    )
    assert clients_de(*lignes) == {"1": ("b", "email"), "2": ("a", "telephone"), "3": ("b", "email")}


def test_of_two_clients_of_a_group_found_alike_its_third_member_goes_to_the_first() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", tel=f"{MOBILE} {AUTRE_MOBILE}"),
        prospect("2", "Moreau", "Inès", "b@courriel.example", MOBILE),
        prospect("3", "Moreau", "Inès", "a@courriel.example", AUTRE_MOBILE),
        client("b", "Roux", "Inès", "b@courriel.example"),
        client("a", "Petit", "Inès", "a@courriel.example"),
        client("0", "Durand", "Inès", "a@courriel.example", cree_le=TARD),
    )
    assert clients_de(*lignes) == {"1": ("a", "email"), "2": ("b", "email"), "3": ("a", "email")}


def test_nobody_to_identify() -> None:
    trouves = identifier(*cadres([], [client("a", "Moreau", "Inès", COURRIEL)]))
    assert trouves.empty
    assert list(trouves.columns) == ["source_id", "crm_id", "groupe", "regle", "ambigus"]


# --- Laws: a village where everybody shares something with somebody

PRENOMS = st.sampled_from([None, "ines", "ines lou", "i", "paul", "lou", "isabelle", "isabele"])
NOMS_DE_FAMILLE = st.sampled_from([None, "moreau", "moreau roux", "roux", "durand", "ines"])
COURRIELS = st.sampled_from([None, "a@x.fr", "b@x.fr"])
TELEPHONES = st.sampled_from([None, "+331", "+332", "+331 +332"])
DATES = st.sampled_from([None, TOT, TARD])
NAISSANCES = st.sampled_from([None, None, "1984-05-12", "1955-01-01"])


@st.composite
def villages(draw) -> tuple[list[oracle.Ligne], list[oracle.Ligne]]:
    def habitant() -> dict[str, str | None]:
        return {
            "cle_nom": draw(NOMS_DE_FAMILLE),
            "cle_prenom": draw(PRENOMS),
            "cle_email": draw(COURRIELS),
            "cles_telephone": draw(TELEPHONES),
        }

    prospects = [
        {"source_id": str(i), "naissance": draw(NAISSANCES), **habitant()} for i in range(draw(st.integers(0, 5)))
    ]
    clients = [{"crm_id": c, "cree_le": draw(DATES), **habitant()} for c in "abcd"[: draw(st.integers(0, 4))]]
    return draw(st.permutations(prospects)), draw(st.permutations(clients))


LOI = settings(deadline=None, max_examples=150)
SANS_PRENOM = ([prospect("0", "Roux", None, COURRIEL), prospect("1", "Durand", "Paul", COURRIEL)], [])


@LOI
@given(villages())
@example(SANS_PRENOM)
def test_a_whole_answer_is_identified_as_one_prospect_at_a_time(village) -> None:
    prospects, clients = village
    trouves = trouver(*prospects, *clients)
    assert list(trouves) == sorted(trouves), "one row for each prospect, by id"
    assert personnes(*prospects, *clients) == oracle.memes_personnes(prospects, clients)
    assert all(trouve["groupe"] == min(g) for g in personnes(*prospects, *clients) for trouve in map(trouves.get, g))
    choisis = {p["source_id"]: oracle.clients_possibles(p, prospects, clients) for p in prospects}
    for source_id, choix in choisis.items():
        trouve = trouves[source_id]
        if choix:
            regle, (retenu, *autres) = choix
            assert (trouve["regle"], trouve["crm_id"]) == (regle, retenu)
            assert set((trouve["ambigus"] or "").split()) == set(autres)
        else:
            groupe = [choisis[s] for s, t in trouves.items() if t["groupe"] == trouve["groupe"] and choisis[s]]
            meilleur = min(groupe, key=lambda c: (c[0] != "email", c[1][0]), default=("creation", [None]))
            assert (trouve["regle"], trouve["crm_id"]) == (meilleur[0], meilleur[1][0])


@LOI
@given(villages(), st.randoms(use_true_random=False))
def test_the_order_of_prospects_and_clients_changes_nothing(village, hasard) -> None:
    prospects, clients = village
    melange_p, melange_c = list(prospects), list(clients)
    hasard.shuffle(melange_p)
    hasard.shuffle(melange_c)
    assert trouver(*melange_p, *melange_c) == trouver(*prospects, *clients)


@LOI
@given(villages())
def test_strangers_never_become_one_new_client(village) -> None:
    prospects, clients = village
    trouves = trouver(*prospects, *clients)
    for un in prospects:
        for autre in prospects:
            nouveaux = trouves[un["source_id"]], trouves[autre["source_id"]]
            if nouveaux[0]["groupe"] == nouveaux[1]["groupe"]:
                assert nouveaux[0]["crm_id"] is not None or not oracle.etrangers(un, autre)

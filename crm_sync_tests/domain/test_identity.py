"""Who a prospect is: a decision, its link, a reference, an e-mail, a phone, else somebody new; told with invented people."""

import json

import pytest

from crm_sync_tests.domain.mondes import (
    AUTRE_COURRIEL,
    AUTRE_MOBILE,
    COURRIEL,
    MOBILE,
    TARD,
    TOT,
    client,
    clients_de,
    doublons,
    identite,
    personnes,
    prospect,
    trouver,
)

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
    un = prospect("1", "Moreau", "Inès", COURRIEL, MOBILE, ne="1984-05-12")
    meme = prospect("2", "Moreau", "Inès", COURRIEL, MOBILE, ne="1984-05-12")
    autre = prospect("2", "Moreau", "Inès", COURRIEL, MOBILE, ne="1955-01-01")
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


def test_a_group_that_a_reference_made_of_strangers_keeps_its_e_mail_links() -> None:
    """Ina Moreau became Ina Roux; Lou Moreau signed one of her contracts, and is not Ina Roux."""
    lignes = (
        prospect("1", "Roux", "Ina", COURRIEL),
        prospect("2", "Moreau", "Ina", COURRIEL, refs="R1"),
        prospect("3", "Moreau", "Lou", refs="R1"),
    )
    assert personnes(*lignes) == {frozenset("12"), frozenset("3")}
    assert personnes(*lignes[1:]) == {frozenset("23")}
    assert doublons(*lignes) == {("prospect:1", "prospect:3")}


# --- Several clients left by one rule

INES = ("Moreau", "Inès", COURRIEL)


def test_of_several_accepted_clients_the_one_of_the_same_last_name() -> None:
    lignes = (
        prospect("1", *INES),
        client("a", "Roux", "Inès", COURRIEL, cree_le=TOT),
        client("b", *INES, cree_le=TARD),
    )
    assert clients_de(*lignes) == {"1": ("b", "email")}
    assert doublons(*lignes) == {("client:a", "client:b")}


def test_of_duplicates_the_one_with_most_keys_in_common_then_most_contracts_then_the_oldest_then_the_lowest_id() -> (
    None
):
    moi = prospect("1", *INES, MOBILE)
    cles = client("d", *INES, MOBILE, contrats="1", cree_le=TARD)
    contrats = client("c", *INES, contrats="2", cree_le=TARD)
    ancien, premier, second = (
        client("b", *INES, cree_le=TOT),
        client("e", *INES, cree_le=None),
        client("f", *INES, cree_le=None),
    )
    tous = [cles, contrats, ancien, premier, second]
    for rang in range(4):
        for ordre in (tous[rang:], [*tous[:rang:-1], tous[rang]]):
            assert clients_de(moi, *ordre)["1"][0] == tous[rang]["crm_id"]
    assert ("client:c", "client:d") in doublons(moi, cles, contrats), "the pair is reported"


def test_of_several_clients_of_different_names_a_new_one_and_reported() -> None:
    lignes = (prospect("1", "Petit", "Inès", COURRIEL), client("a", "Roux", "Inès", COURRIEL), client("b", *INES))
    assert clients_de(*lignes) == {"1": NOUVEAU}
    assert doublons(*lignes) == {("client:a", "prospect:1"), ("client:b", "prospect:1")}
    assert {r["motif"] for r in json.loads(trouver(*lignes)["1"]["preuve"])["refuses"]} == {"plusieurs"}


def test_two_rows_of_a_company_without_first_name_are_of_one_name() -> None:
    garage = ("Garage Moreau", None, COURRIEL)
    assert clients_de(prospect("1", *garage), client("b", *garage, contrats="3"), client("a", *garage))["1"][0] == "b"


# --- Contract references


@pytest.mark.parametrize(
    ("nom", "prenom", "attendu"),
    [
        ("Moreau", "Inès", ("a", "reference")),
        ("Moreau", "Paul", ("a", "reference")),  # not plainly different
        (None, None, ("a", "reference")),
        ("Durand", "Paul", NOUVEAU),
    ],
)
def test_the_client_that_holds_a_reference_unless_the_names_are_plainly_different(nom, prenom, attendu) -> None:
    lignes = (prospect("1", nom, prenom, refs="R1 R2"), client("a", "Moreau", "Inès", refs="R2 R3"))
    assert clients_de(*lignes) == {"1": attendu}
    assert doublons(*lignes) == (set() if attendu[0] else {("client:a", "prospect:1")})


def test_a_reference_comes_before_an_e_mail_and_the_other_client_is_reported() -> None:
    lignes = (prospect("1", *INES, refs="R1"), client("a", "Moreau", "Inès", refs="R1"), client("b", *INES))
    assert clients_de(*lignes) == {"1": ("a", "reference")}
    assert doublons(*lignes) == {("client:a", "client:b")}


def test_a_reference_that_stands_for_none_leads_nowhere() -> None:
    assert (
        clients_de(prospect("1", "Moreau", "Inès", refs="N/A"), client("a", "Moreau", "Inès", refs="N/A"))["1"]
        == NOUVEAU
    )


# --- Rules that disagree


def test_an_e_mail_and_a_phone_that_lead_to_two_clients_follow_the_e_mail_and_are_reported() -> None:
    lignes = (prospect("1", *INES, MOBILE), client("a", "Moreau", "Inès", tel=MOBILE), client("b", *INES))
    assert clients_de(*lignes) == {"1": ("b", "email")}
    (paire,) = identite(*lignes).doublons.to_pylist()
    assert (paire["id_a"], paire["id_b"], paire["regle"]) == ("client:a", "client:b", "telephone")
    assert json.loads(paire["preuve"]) == {"regle": "telephone", "cles": ["telephone"], "motif": "plusieurs"}


def test_a_key_that_leads_to_somebody_whom_its_rule_does_not_accept_is_reported() -> None:
    lignes = (prospect("1", "Moreau", "Paul", COURRIEL), client("a", *INES))
    assert doublons(*lignes) == {("client:a", "prospect:1")}
    assert json.loads(trouver(*lignes)["1"]["preuve"]) == {
        "regle": "creation",
        "refuses": [{"crm_id": "a", "motif": "prenom_different"}],
    }


def test_a_couple_within_one_answer_is_reported_and_two_of_one_group_are_not() -> None:
    couple = prospect("1", *INES), prospect("2", "Moreau", "Paul", COURRIEL)
    assert doublons(*couple) == {("prospect:1", "prospect:2")}
    assert doublons(couple[0], prospect("2", "Roux", "Inès", COURRIEL)) == set()


def test_a_plain_creation_has_nothing_to_say_and_a_match_says_which_keys_agreed() -> None:
    assert trouver(prospect("1", *INES, MOBILE))["1"]["preuve"] is None
    trouve = trouver(prospect("1", *INES, MOBILE), client("a", *INES, MOBILE))["1"]
    assert json.loads(trouve["preuve"]) == {"regle": "email", "cles": ["email", "telephone"]}


# --- Generic keys


@pytest.mark.parametrize(
    "email",
    ["info@x.example", "No-Reply@x.example", "service.client+tv@x.example", "null@x.example", "test2@x.example"],
)
def test_a_role_address_or_a_filler_links_nobody_and_reports_nobody(email) -> None:
    lignes = (prospect("1", "Moreau", "Inès", email), client("a", "Moreau", "Inès", email))
    assert clients_de(*lignes) == {"1": NOUVEAU}
    assert doublons(*lignes) == set()
    assert json.loads(trouver(*lignes)["1"]["preuve"])["refuses"] == [{"crm_id": "a", "motif": "cle_generique"}]


def test_the_e_mail_or_phone_of_a_sales_rep_links_nobody() -> None:
    lignes = (prospect("1", *INES, MOBILE), client("a", *INES, MOBILE))
    assert clients_de(*lignes, vendeurs=[MOBILE])["1"] == ("a", "email")
    assert clients_de(*lignes, vendeurs=[MOBILE, COURRIEL])["1"] == NOUVEAU
    trouve = trouver(*lignes, vendeurs=[MOBILE, COURRIEL])["1"]
    assert json.loads(trouve["preuve"])["refuses"] == [{"crm_id": "a", "motif": "cle_vendeur"}]


@pytest.mark.parametrize("vide", ["NULL", "Anonymous", "inconnu", "N/A"])
def test_two_people_without_a_name_do_not_have_one_name(vide) -> None:
    assert clients_de(prospect("1", vide, vide, tel=MOBILE), client("a", vide, vide, tel=MOBILE))["1"] == NOUVEAU


# --- Links


def test_a_link_comes_before_every_key_and_what_the_keys_say_is_reported() -> None:
    lignes = (
        prospect("1", *INES, MOBILE, "R1", lien="a", base=("Moreau", "Inès")),
        client("a", "Moreau", "Inès"),
        client("b", *INES, MOBILE, "R1"),
    )
    assert clients_de(*lignes) == {"1": ("a", "lien")}
    assert doublons(*lignes) == {("client:a", "client:b")}


REPRIS = ("Durand", "Paul", AUTRE_COURRIEL)


def test_an_id_that_the_source_gave_to_somebody_else_is_put_aside() -> None:
    lignes = (prospect("1", *REPRIS, lien="a", base=INES), client("a", *INES))
    assert dict(identite(*lignes).rejets) == {"1": "identifiant_reutilise"}
    assert trouver(*lignes) == {}
    assert clients_de(*lignes, decisions=[("meme", "client:a", "prospect:1")]) == {"1": ("a", "decision")}


@pytest.mark.parametrize(
    ("prospect_", "client_"),
    [
        (prospect("1", *REPRIS, lien="a", base=INES), client("a", "Durand", "Paul")),  # as the CRM has it
        (prospect("1", *REPRIS, lien="a", base=("Durand", "Paul")), client("a", *INES)),  # as it was last synced
        (prospect("1", *REPRIS, lien="a", base=INES), client("a", "Moreau", "Inès", AUTRE_COURRIEL)),
        (prospect("1", *REPRIS, lien="a", base=("Moreau", "Inès", AUTRE_COURRIEL)), client("a", *INES)),
        (prospect("1", *REPRIS, refs="R1", lien="a", base=INES), client("a", *INES, refs="R1")),
        (prospect("1", "Durand", "Inès", lien="a", base=INES), client("a", *INES)),  # a marriage
    ],
)
def test_a_link_holds_while_a_name_or_a_key_is_left_in_common(prospect_, client_) -> None:
    assert clients_de(prospect_, client_) == {"1": ("a", "lien")}


def test_a_generic_key_is_not_left_in_common() -> None:
    lignes = (
        prospect("1", "Durand", "Paul", "info@x.example", MOBILE, lien="a", base=("Moreau", "Inès", "info@x.example")),
        client("a", "Moreau", "Inès", None, MOBILE),
    )
    assert dict(identite(*lignes, vendeurs=[MOBILE]).rejets) == {"1": "identifiant_reutilise"}
    assert not identite(*lignes).rejets


def test_who_is_put_aside_does_not_speak_for_the_client() -> None:
    for attend in (True, False):
        lignes = (
            prospect("1", *REPRIS, lien="a", base=INES, attend=attend),
            prospect("2", *REPRIS),
            client("a", *INES),
        )
        assert clients_de(*lignes) == {"2": NOUVEAU}


def test_a_client_gone_from_the_crm_is_followed_by_its_references_and_never_made_again() -> None:
    moi = prospect("1", *INES, MOBILE, "R1", lien="parti", base=INES)
    assert clients_de(moi, client("b", "Moreau", "Inès", refs="R1")) == {"1": ("b", "reference")}
    for autre in (client("b", *INES, MOBILE), client("b", "Durand", "Paul", refs="R1")):
        assert dict(identite(moi, autre).rejets) == {"1": "client_supprime"}
        assert trouver(moi, autre) == {}


# --- Soft-deleted clients


def test_a_soft_deleted_client_is_matched_like_the_others() -> None:
    assert clients_de(prospect("1", *INES), client("a", *INES, supprime=True)) == {"1": ("a", "email")}
    assert clients_de(prospect("1", *INES, lien="a", base=INES), client("a", *INES, supprime=True)) == {
        "1": ("a", "lien")
    }


@pytest.mark.parametrize("refs", [None, "R1"])
def test_where_a_living_and_a_deleted_one_both_answer_the_living_one(refs) -> None:
    lignes = (
        prospect("1", *INES, refs=refs),
        client("a", *INES, refs=refs, contrats="9", supprime=True),
        client("b", *INES, cree_le=TARD),
    )
    assert clients_de(*lignes) == {"1": ("b", "email")}
    assert doublons(*lignes) == set(), "who deleted the one has decided"


# --- Known prospects speak for their clients


def test_a_linked_prospect_s_keys_and_name_are_its_client_s() -> None:
    connu = prospect("1", "Roux", "Inès", AUTRE_COURRIEL, MOBILE, "R1", lien="a", base=("Roux", "Inès"), attend=False)
    a = client("a", "Moreau", "Inès", COURRIEL)
    assert clients_de(prospect("2", "Petit", "Inès", AUTRE_COURRIEL), connu, a) == {"2": ("a", "email")}
    assert clients_de(prospect("2", "Roux", "Inès", None, MOBILE), connu, a) == {"2": ("a", "telephone")}
    assert clients_de(prospect("2", "Roux", "Paul", refs="R1"), connu, a) == {"2": ("a", "reference")}


def test_a_linked_prospect_s_date_of_birth_is_its_client_s() -> None:
    """Father and son of one name and one address: where dates of birth tell, they are two."""
    pere = prospect("1", *INES, ne="1955-01-01", lien="a", base=INES, attend=False)
    assert clients_de(prospect("2", *INES, ne="1984-05-12"), pere, client("a", *INES))["2"] == NOUVEAU
    assert clients_de(prospect("2", *INES), pere, client("a", *INES))["2"][0] == "a"


def test_two_linked_prospects_of_one_group_keep_their_clients_and_are_reported() -> None:
    lignes = (
        prospect("1", *INES, lien="a", base=INES),
        prospect("2", *INES, lien="b", base=INES, attend=False),
        client("a", "Moreau", "Inès"),
        client("b", "Moreau", "Inès"),
    )
    assert clients_de(*lignes) == {"1": ("a", "lien")}
    assert doublons(*lignes) == {("client:a", "client:b")}


# --- Groups and clients


def test_a_group_goes_to_the_client_that_one_of_its_members_is() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", tel=MOBILE),
        prospect("2", "Moreau", "Inès", COURRIEL, MOBILE),
        client("a", "Roux", "Inès", COURRIEL),
    )
    assert clients_de(*lignes) == {"1": ("a", "email"), "2": ("a", "email")}
    assert json.loads(trouver(*lignes)["1"]["preuve"]) == {"regle": "email", "cles": ["telephone"], "par_groupe": True}


def test_a_member_of_a_group_does_not_follow_it_to_a_stranger() -> None:
    """Ina Moreau is Ina Roux by e-mail, and Lou Ina Moreau by phone; Lou Moreau is not Ina Roux."""
    lignes = (
        prospect("2", "Moreau", "Ina Lou", COURRIEL, MOBILE),
        prospect("3", "Moreau", "Lou", None, MOBILE),
        client("a", "Roux", "Ina", COURRIEL),
    )
    assert clients_de(*lignes) == {"2": ("a", "email"), "3": NOUVEAU}
    assert doublons(*lignes) == {("client:a", "prospect:3")}


def test_of_a_group_s_clients_an_e_mail_s_comes_before_a_phone_s() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", AUTRE_COURRIEL, AUTRE_MOBILE),
        prospect("2", "Moreau", "Inès", None, f"{MOBILE} {AUTRE_MOBILE} +33145671234"),
        prospect("3", "Moreau", "Inès", None, "+33145671234"),
        client("a", "Moreau", "Inès", tel=MOBILE),
        client("b", "Moreau", "Inès", AUTRE_COURRIEL),
    )
    assert clients_de(*lignes) == {"1": ("b", "email"), "2": ("a", "telephone"), "3": ("b", "email")}


def test_a_member_between_two_clients_of_different_names_is_a_new_one() -> None:
    lignes = (
        prospect("1", "Moreau", "Inès", tel=f"{MOBILE} {AUTRE_MOBILE}"),
        prospect("2", "Moreau", "Inès", COURRIEL, MOBILE),
        prospect("3", "Moreau", "Inès", AUTRE_COURRIEL, AUTRE_MOBILE),
        client("b", "Roux", "Inès", COURRIEL),
        client("a", "Petit", "Inès", AUTRE_COURRIEL),
    )
    assert clients_de(*lignes) == {"1": NOUVEAU, "2": ("b", "email"), "3": ("a", "email")}
    assert doublons(*lignes) == {("client:a", "prospect:1"), ("client:b", "prospect:1")}


def test_two_prospects_of_one_reference_are_one_unless_plainly_different() -> None:
    un = prospect("1", "Moreau", "Inès", refs="R1")
    assert personnes(un, prospect("2", "Moreau", "Paul", refs="R1 R2")) == {frozenset("12")}
    assert personnes(un, prospect("2", "Durand", "Paul", refs="R1")) == {frozenset("1"), frozenset("2")}


# --- Decisions


def decide(*lignes, **decisions):
    return clients_de(*lignes, decisions=[(v, *p.split()) for v, paires in decisions.items() for p in paires])


def test_a_decision_beats_a_link_and_every_key() -> None:
    lignes = (prospect("1", *INES, lien="a", base=INES), client("a", *INES), client("b", "Durand", "Paul"))
    assert decide(*lignes, meme=["client:b prospect:1"]) == {"1": ("b", "decision")}
    assert decide(*lignes, different=["prospect:1 client:a"]) == {"1": NOUVEAU}


def test_whoever_would_be_the_one_is_the_one_that_was_kept_through_chains_and_cycles() -> None:
    lignes = (
        prospect("1", *INES, lien="c", base=INES),
        prospect("2", *INES),
        *(client(c, *INES) for c in "abc"),
    )
    chaine = ["client:a client:b", "client:b client:c"]
    assert decide(*lignes, meme=chaine) == {"1": ("a", "decision"), "2": ("a", "email")}
    assert doublons(*lignes, decisions=[("meme", *p.split()) for p in chaine]) == set()
    cycle = [*chaine, "client:c client:a"]
    assert decide(*lignes, meme=cycle) == {"1": ("a", "decision"), "2": ("a", "email")}
    assert decide(lignes[0], *lignes[3:], meme=chaine) == {"1": ("b", "decision")}, "a is gone: the next of the chain"


def test_two_prospects_decided_to_be_one_go_to_the_client_of_the_one_that_is_kept() -> None:
    un, deux = prospect("1", *INES), prospect("2", *REPRIS)
    a, b = client("a", *INES), client("b", *REPRIS)
    assert personnes(un, deux) == {frozenset("1"), frozenset("2")}
    for ordre in ("prospect:1 prospect:2", "prospect:2 prospect:1"):
        assert len(personnes(un, deux, decisions=[("meme", *ordre.split())])) == 1
    assert decide(un, deux, a, b, meme=["prospect:1 prospect:2"]) == {"1": ("a", "email"), "2": ("a", "decision")}
    assert decide(un, deux, a, b, meme=["prospect:2 prospect:1"]) == {"1": ("b", "decision"), "2": ("b", "email")}
    lie = prospect("2", *REPRIS, lien="b", base=REPRIS)
    assert decide(un, lie, a, b, meme=["prospect:2 prospect:1"]) == {"1": ("b", "decision"), "2": ("b", "lien")}
    assert decide(un, lie, a, b, meme=["prospect:2 client:a"])["1"] == ("b", "email"), "who would be a is who 2 is"


def test_two_prospects_decided_to_be_different_are_never_one_and_not_reported() -> None:
    lignes = (prospect("1", *INES), prospect("2", *INES))
    different = [("different", "prospect:1", "prospect:2")]
    assert personnes(*lignes, decisions=different) == {frozenset("1"), frozenset("2")}
    assert doublons(*lignes, decisions=different) == set()


def test_of_two_decided_to_be_different_the_stronger_rule_has_the_client_and_at_a_draw_neither() -> None:
    a = client("a", *INES, refs="R1")
    different = ["prospect:1 prospect:2"]
    assert decide(prospect("1", *INES, refs="R1"), prospect("2", *INES), a, different=different) == {
        "1": ("a", "reference"),
        "2": NOUVEAU,
    }
    assert decide(prospect("1", *INES), prospect("2", *INES), a, different=different) == {"1": NOUVEAU, "2": NOUVEAU}


@pytest.mark.parametrize(("attend", "qui_reste"), [(True, {"1": ("a", "lien"), "2": NOUVEAU}), (False, {"1": NOUVEAU})])
def test_of_two_linked_to_one_client_and_decided_to_be_different_one_leaves_it(attend, qui_reste) -> None:
    lignes = (
        prospect("1", *INES, lien="a", base=INES),
        prospect("2", *INES, lien="a", base=INES, attend=attend),
        client("a", *INES),
    )
    assert decide(*lignes, different=["prospect:1 prospect:2"]) == qui_reste


def test_a_client_decided_to_be_another_is_not_reported_again() -> None:
    lignes = (prospect("1", *INES, MOBILE), client("a", "Moreau", "Inès", tel=MOBILE), client("b", *INES))
    assert doublons(*lignes) == {("client:a", "client:b")}
    assert doublons(*lignes, decisions=[("different", "client:b", "client:a")]) == set()


def test_nobody_to_identify() -> None:
    rien = identite(client("a", *INES))
    assert rien.lignes.schema.names == ["source_id", "crm_id", "groupe", "regle", "preuve"]
    assert (len(rien.lignes), len(rien.doublons), dict(rien.rejets), dict(rien.regles)) == (0, 0, {}, {})

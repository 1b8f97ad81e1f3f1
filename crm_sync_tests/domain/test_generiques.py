"""Keys that tell nobody apart: what the file says, its spelling, and three strangers."""

import pytest

from crm_sync.domain.generiques import lire_roles, motif_generique, trois_inconnus, valeur_bouche_trou
from crm_sync.domain.names import Nom
from crm_sync.errors import ConfigurationError

VIDES = 'roles = []\nbouche_trous = []\nadresses = ["a@x.fr"]'


@pytest.mark.parametrize(
    "cle",
    [
        "info@x.fr",
        "contact@x.fr",
        "no-reply@x.fr",
        "no.reply@x.fr",
        "noreply@x.fr",
        "service_client@x.fr",
        "sav+2024@x.fr",
        "compta@x.fr",
        "rh@x.fr",
        "null@x.fr",
        "anonyme@x.fr",
        "test@x.fr",
        "test42@x.fr",
        "NULL",
        "N/A",
        "INCONNU",
    ],
)
def test_what_designates_nobody_is_generic(cle):
    assert motif_generique(cle, ()) == "cle_generique"


@pytest.mark.parametrize(
    "cle",
    ["ines.moreau@x.fr", "informatix@x.fr", "info.moreau@x.fr", "contact33@x.fr", "+33645671234", "R1", "8177185WNC"],
)
def test_what_may_be_somebody_s_is_not(cle):
    assert motif_generique(cle, ()) is None


def test_a_sales_rep_s_key_says_so_be_it_a_role_address():
    assert motif_generique("info@x.fr", {"info@x.fr"}) == "cle_vendeur"
    assert motif_generique("+33645671234", {"+33645671234"}) == "cle_vendeur"


@pytest.mark.parametrize(
    ("mot", "vide"), [("null", True), ("inconnue", True), ("n a", True), ("moreau", False), ("nulle", False)]
)
def test_a_name_that_stands_for_none(mot, vide):
    assert valeur_bouche_trou(mot) is vide


def test_three_strangers_and_no_fewer():
    gens = [Nom("moreau", "ines"), Nom("durand", "paul"), Nom("petit", "zoe")]
    assert trois_inconnus(gens)
    assert not trois_inconnus(gens[:2] * 3)
    assert not trois_inconnus([*gens[:2], Nom("moreau", "paul"), Nom(None, None)])


def test_fifty_first_names_of_one_last_name_may_be_a_family_and_more_are_not():
    famille = [Nom("moreau", "ines" + "a" * rang) for rang in range(51)]
    assert not trois_inconnus(famille[:50])
    assert trois_inconnus(famille)


@pytest.mark.parametrize(
    ("toml", "dit"),
    [
        ("roles = [", "illisible"),
        ('roles = ["info"]', "il faut les listes"),
        (f"{VIDES}\nautres = []", "il faut les listes"),
        (VIDES.replace("roles = []", 'roles = "info"'), "« roles » doit être une liste"),
        (VIDES.replace("roles = []", "roles = [1]"), "« roles » doit être une liste"),
        (VIDES.replace("roles = []", 'roles = ["--"]'), "« -- » (roles) n'est pas lisible"),
        (VIDES.replace("a@x.fr", "info"), "« info » (adresses) n'est pas lisible"),
    ],
)
def test_a_fault_in_the_file_is_refused(toml, dit):
    with pytest.raises(ConfigurationError) as refus:
        lire_roles(toml.encode())
    assert dit in str(refus.value)


def test_words_are_read_in_any_spelling():
    lus = lire_roles('\ufeffroles = ["Secrétariat Général"]\nbouche_trous = ["n.c."]\nadresses = [" A@X.fr "]'.encode())
    assert {nom: set(mots) for nom, mots in lus.items()} == {
        "roles": {"secretariatgeneral"},
        "bouche_trous": {"nc"},
        "adresses": {"a@x.fr"},
    }

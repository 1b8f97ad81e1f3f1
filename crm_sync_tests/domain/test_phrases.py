"""Every code that a rule stores has a phrase for people."""

from crm_sync.domain import candidats, phrases
from crm_sync.domain.identity import REGLES_CLIENT
from crm_sync.domain.monde import REGLES
from crm_sync.domain.types import CHAMPS


def test_every_reason_for_refusal_and_every_kind_of_key_has_its_words() -> None:
    assert set(phrases.MOTIFS) == set(candidats.MOTIFS)
    assert set(phrases.CLES) == {regle for regle, _, _ in REGLES}


def test_every_rule_of_a_link_has_its_words() -> None:
    regles = {
        "client": REGLES_CLIENT,
        "contrat": ("lien", "reference", "creation"),
        "apporteur": ("lien", "email", "creation", "adresse_d_un_autre"),
        "utilisateur": ("email", "creation"),
        "information_paiement": ("lien", "iban", "creation"),
    }
    assert regles.keys() == CHAMPS.keys() == phrases.ENTITES.keys() == phrases.NOUVEAUX.keys()
    for entite, siennes in regles.items():
        assert [regle for regle in siennes if phrases.lien(entite, regle) == regle] == []


def test_a_rule_without_words_is_shown_as_it_is() -> None:
    assert phrases.lien("client", "nouvelle_regle") == "nouvelle_regle"
    assert phrases.champ("nouvelle_regle", "source") == "nouvelle_regle"


def test_a_new_client_is_told_by_who_was_refused_or_by_nobody_being_found() -> None:
    refuse = {"regle": "creation", "refuses": [{"crm_id": "7", "motif": "naissance_differente"}]}
    assert phrases.nouveau("client", refuse) == "client:7 écarté (dates de naissance différentes)"
    assert phrases.nouveau("client", None) == phrases.nouveau("client", {"regle": "creation", "cles": ["email"]})

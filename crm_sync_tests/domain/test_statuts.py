"""The vocabulary of statuses and the file that ops extend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.domain.statuts import STATUTS, STATUTS_VENDUS, lire_statuts, statut, statut_connu
from crm_sync.errors import ConfigurationError


@pytest.mark.parametrize(
    ("attendu", "ecritures"),
    [
        (
            "en_attente",
            ["En attente", "EN_ATTENTE", "enAttente", " en  attente ", "en-attente", "À signer", "PENDING"],
        ),
        ("signe", ["Signé", "SIGNE", "signée", "Signés", "Signé(e)", "SIGNED", "signe\u0301"]),
        ("valide", ["Validé", "VALIDE ", "validée", "Validées", "validé·e·s", "VALIDATED", "val\u00adidé"]),
        ("annule", ["Annulé", "ANNULEE", "annulés", "CANCELLED", "Canceled"]),
        ("resilie", ["Résilié", "RESILIE", "résiliées", "Résiliation", "TERMINATED"]),
        ("autre", ["Autre", "AUTRES", "OTHER"]),
    ],
)
def test_les_ecritures_d_un_statut(attendu, ecritures):
    assert {statut(ecriture) for ecriture in ecritures} == {attendu}
    assert all(statut_connu(ecriture) for ecriture in ecritures)


@pytest.mark.parametrize("texte", [None, "", "  ", "En cours", "Actif", "non validé", "signé puis annulé", "e", "123"])
def test_l_inconnu_le_vide_et_le_nul_sont_autre(texte):
    assert statut(texte) == "autre"
    assert not statut_connu(texte)


def test_non_signe_n_est_pas_signe():
    assert statut("Non signé") == "en_attente"


@pytest.mark.parametrize("mot", STATUTS)
def test_nos_propres_mots_sont_compris(mot):
    assert statut(mot) == mot
    assert statut_connu(mot)


def test_ce_qui_a_ete_signe_un_jour_est_vendu():
    assert set(STATUTS_VENDUS) == {"signe", "valide", "resilie"}


@given(st.one_of(st.text(max_size=20), st.sampled_from(["Validé", "en attente", "résiliée"])))
def test_statut_est_total_et_ignore_la_casse_et_les_espaces(texte):
    assert statut(texte) in STATUTS
    assert statut(f" {texte}\u00a0") == statut(texte)
    assert statut(texte.upper()) in {statut(texte), statut(texte.lower())}


def test_un_mot_ajoute_au_fichier_est_compris():
    mots = lire_statuts('\ufeff[statuts]\nvalide = ["Mis en service"]\n'.encode())
    assert list(mots.values()) == ["valide"]


@pytest.mark.parametrize(
    ("toml", "dit"),
    [
        ('[statuts]\nrejete = ["rejeté"]', "« rejete » n'est pas un statut"),
        (
            '[statuts]\nsigne = ["signé"]\nvalide = ["Signée"]',
            "« Signée » (valide) y est déjà, comme « signé » (signe)",
        ),
        ('[statuts]\nsigne = ["signé", "signé"]', "« signé » (signe) y est déjà"),
        ('[statuts]\nsigne = ["--"]', "« -- » (signe) n'est pas un mot"),
        ('[statuts]\nsigne = "signé"', "« signe » doit être une liste"),
        ("[statuts]\nsigne = [1]", "« signe » doit être une liste"),
        ('signe = ["signé"]', "la table [statuts] manque"),
        ('statuts = "signé"', "la table [statuts] manque"),
        ("[statuts", "illisible"),
    ],
)
def test_une_faute_dans_le_fichier_est_refusee(toml, dit):
    with pytest.raises(ConfigurationError) as refus:
        lire_statuts(toml.encode())
    assert dit in str(refus.value)


def test_un_fichier_qui_n_est_pas_en_utf8_est_refuse():
    with pytest.raises(ConfigurationError, match="illisible"):
        lire_statuts('[statuts]\nsigne = ["signé"]'.encode("latin-1"))

"""`crm-sync duplicates`: pairs with their evidence, and a decision carried out at once."""

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import comptes, passer, prospect

A = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def paire(base: Base) -> tuple[str, str]:
    """A client of the CRM whose phone a prospect has under another name; gives both clients."""
    base.lire(
        "insert into service_core.client_base (id, nom, prenom, telephone) values (%s, 'Autre', 'Tout', '0199000009')",
        A,
    )
    passer(base, prospect(1, telephone="0199000009"))
    cree = base.valeur("select crm_id from crm_sync.lien where entite = 'client'")
    return f"client:{A}", f"client:{cree}"


def test_none_is_said_so(ops: Ops) -> None:
    assert ops("duplicates").sortie == "Aucun doublon possible n'attend de décision.\n"


def test_a_pair_is_shown_with_ids_to_copy_and_why_they_are_not_one(ops: Ops, paire: tuple[str, str]) -> None:
    lignes = ops("duplicates", largeur=80).sortie.splitlines()
    assert lignes[0] == "1 doublon possible"
    assert f"  {paire[0]}" in lignes
    assert any("en commun : téléphone ; noms différents" in ligne for ligne in lignes)
    (lue,) = ops("duplicates", "--json").document["doublons_possibles"]
    assert lue["preuve"] == {"regle": "telephone", "cles": ["telephone"], "motif": "nom_different"}


def test_same_and_different_say_what_was_done_and_how_to_go_back(base: Base, ops: Ops, paire: tuple[str, str]) -> None:
    avant = base.valeur("select cree_le from crm_sync.lien where entite = 'client'")
    texte = ops("duplicates", "same", *paire).sortie
    assert (
        base.valeur("select cree_le from crm_sync.lien where entite = 'client'") > avant
    )  # linked to this client since then
    assert f"C'est noté : {paire[1]} est {paire[0]}." in texte
    assert f"Changer d'avis  : crm-sync duplicates different {paire[0]} {paire[1]}" in texte
    assert base.valeur("select client_id::text from service_commercial.contrat") == A
    assert ops("duplicates").sortie == "Aucun doublon possible n'attend de décision.\n"
    assert "une personne l'a décidé" in ops("why", "prospect:1").sortie
    lu = ops("duplicates", "different", paire[0], "prospect:1", "--json").document
    assert (lu["statut"], lu["verdict"]) == ("reussie", "different")
    assert lu["run_id"] in ops("journal", "--limite", "1").sortie
    assert base.valeur("select client_id::text from service_commercial.contrat") != A


def test_a_pair_that_is_reported_of_a_prospect_and_again_of_its_client_waits_once(
    base: Base, ops: Ops, paire: tuple[str, str]
) -> None:
    passer(base, prospect(1, telephone="0199000009", nom="NomBis"))
    assert base.valeur("select count(*) from crm_sync.doublon_possible where ferme_le is null") == 2
    (lue,) = ops("duplicates", "--json").document["doublons_possibles"]
    assert {lue["id_a"], lue["id_b"]} == set(paire)  # a prospect is named by its client, whom every command takes
    session = passer(base, prospect(1, telephone="0199000009", nom="NomBis", prenom="Jean"))
    assert comptes(base, session)["doublons_possibles"] == 1
    ops("duplicates", "different", *paire)
    assert base.valeur("select count(*) from crm_sync.doublon_possible where ferme_le is null") == 0

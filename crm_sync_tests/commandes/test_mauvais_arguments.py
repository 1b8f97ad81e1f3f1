"""A wrong argument is one French sentence and the right exit code, never a traceback, never a run that failed."""

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import passer, prospect

INCONNU = "00000000-0000-4000-8000-00000000000f"
MAUVAIS = {
    ("why", "inconnu"): (1, "Rien ne correspond"),
    ("why", ""): (1, "Rien ne correspond"),
    ("why", "prospect:99"): (1, "Rien ne correspond"),
    ("why", "prospect:99", "nom"): (1, "Rien ne correspond"),
    ("why", "client:x"): (1, "Rien ne correspond"),
    ("why", "prospect:1", "couleur"): (2, "Champs connus : nom, prenom, email"),
    ("client", ""): (1, "Aucun client ne correspond"),
    ("client", "inconnu"): (1, "Aucun client ne correspond"),
    ("undo", "inconnue"): (2, "Aucune exécution"),
    ("undo", ""): (2, "Aucune exécution"),
    ("undo", "inconnue", "--plan"): (2, "Aucune exécution"),
    ("journal", "--run", "inconnue"): (2, "Aucune exécution"),
    ("journal", "restore", "abc"): (2, "n'est pas un numéro du journal"),
    ("journal", "restore", "²"): (2, "n'est pas un numéro du journal"),
    ("journal", "restore", "1."): (2, "n'est pas un numéro du journal"),
    ("journal", "restore", "9" * 20): (2, "n'est pas un numéro du journal"),
    ("journal", "restore", "999999"): (2, "pas de valeur perdue"),
    ("journal", "restore", "1.couleur"): (2, "pas de valeur perdue"),
    ("duplicates", "same", "x", "y"): (2, "n'est pas une fiche"),
    ("duplicates", "same", "prospect:1", "prospect:1"): (2, "deux identifiants différents"),
    ("duplicates", "different", f"client:{INCONNU}", "prospect:1"): (2, "n'existe pas"),
    ("removals", "approve"): (3, "il n'y a rien à approuver"),
    ("sold", "inconnue", "martin@ventes.example"): (2, "Aucun contrat"),
    ("sold", "R1", "inconnu@ventes.example"): (2, "Aucun commercial"),
    ("sold", "R1", ""): (2, "Aucun commercial"),
}


@pytest.fixture
def connu(base: Base) -> Base:
    passer(base, prospect(1))
    return base


def test_each_is_told_in_one_sentence_and_leaves_no_run(connu: Base, ops: Ops) -> None:
    for arguments, (code, phrase) in MAUVAIS.items():
        dit = ops(*arguments)
        assert (dit.code, dit.sortie) == (code, ""), arguments
        assert phrase in dit.erreur, arguments
        assert dit.erreur.count("\n") == 1, arguments
    assert connu.lire("select distinct statut from crm_sync.synchronisation") == [("reussie",)]


def test_in_json_a_refusal_is_a_document_too(connu: Base, ops: Ops) -> None:
    echec = ops("undo", "inconnue", "--json")
    assert (echec.code, echec.document["statut"]) == (2, "echouee")
    for commande in ("why", "client"):
        vide = ops(commande, "inconnu", "--json")
        assert (vide.code, vide.document["statut"]) == (1, "echouee")
    refus = ops("removals", "approve", "--json")
    assert (refus.code, refus.document["statut"]) == (3, "refusee")


@pytest.mark.parametrize("arguments", [("undo",), ("duplicates", "same", "x"), ("journal", "--limite", "0"), ("why",)])
def test_a_missing_argument_is_wrong_usage(ops: Ops, arguments: tuple[str, ...]) -> None:
    dit = ops(*arguments)
    assert dit.code == 2
    assert "Usage: " in dit.erreur

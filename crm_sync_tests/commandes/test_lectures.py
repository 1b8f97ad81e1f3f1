"""`kpi`, `rejects`, `client`: whole figures and plain reasons, also on a narrow terminal."""

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import contrat, passer, prospect


def test_the_kpi_is_never_cut(base: Base, ops: Ops) -> None:
    passer(base, prospect(1), prospect(2))
    for largeur in (80, 100, 160):
        texte = ops("kpi", largeur=largeur).sortie
        assert "…" not in texte
        assert "Camille Martin" in texte
        assert max(map(len, texte.splitlines())) <= largeur
    assert "en attente" in texte


def test_rejects_stand_by_reason_with_what_to_do(base: Base, ops: Ops) -> None:
    passer(base, prospect(1, contrat(None)), prospect(2, contrat(None)))
    lignes = ops("rejects", largeur=80).sortie.splitlines()
    assert lignes[0] == "2 éléments mis de côté"
    assert lignes.count("Le contrat n'a pas de référence (titre).") == 1
    assert sum(ligne.startswith("  Que faire : ") for ligne in lignes) == 1
    assert [ligne.split(",")[0].strip() for ligne in lignes if "depuis le" in ligne] == ["prospect 1", "prospect 2"]


def test_a_client_says_in_words_how_its_prospect_came_to_it(base: Base, ops: Ops) -> None:
    passer(base, prospect(1))
    assert "prospect:1 (présent), relié : créé pour cette fiche" in ops("client", "R1").sortie

"""`crm-sync sold`: a correction of *vendu par* is an explicit, recorded act (product.md, *The most recent wins*)."""

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import commercial, contrat, passer, prospect

VENDUS = (
    "select nom, nb_vendus, nb_contrats from service_commercial.kpi_contrats_par_commercial "
    "where nb_contrats > 0 or nb_vendus > 0 order by nom"
)
HISTORIQUE = (
    "select a.nom, b.nom from crm_sync.contrat_commercial_historique h "
    "left join service_commercial.apporteur a on a.id::text = h.ancien_commercial_id "
    "left join service_commercial.apporteur b on b.id::text = h.commercial_id "
    "where h.lecture = 'vendu_par' order by historique_id"
)


@pytest.fixture
def vendu(base: Base) -> Base:
    passer(
        base,
        prospect(1),
        prospect(2, contrat("R2", statut="En attente", dateSignature=None), commercial=commercial("Petit")),
    )
    return base


def test_the_sale_moves_in_the_kpi_and_the_portfolio_does_not(vendu: Base, ops: Ops) -> None:
    assert vendu.lire(VENDUS) == [("Martin", 1, 1), ("Petit", 0, 1)]
    texte = ops("sold", "contrat:r1", "Petit@ventes.example").sortie
    assert texte.startswith("contrat:R1 est vendu par Camille Petit (avant : Camille Martin).")
    assert vendu.lire(VENDUS) == [("Martin", 0, 1), ("Petit", 1, 1)]
    assert "vendu par : Camille Martin → Camille Petit" in ops("why", "R1").sortie
    assert vendu.lire("select genre, statut from crm_sync.synchronisation order by commence_le desc limit 1") == [
        ("decision", "reussie")
    ]


def test_a_second_time_changes_nothing_and_the_way_back_is_another_act(vendu: Base, ops: Ops) -> None:
    ancien = ops("sold", "R1", "petit@ventes.example", "--json").document["ancien_id"]
    assert "rien n'a changé" in ops("sold", "R1", "petit@ventes.example").sortie
    assert vendu.lire(HISTORIQUE) == [("Martin", "Petit")]
    assert ops("sold", "R1", ancien).code == 0
    assert vendu.lire(HISTORIQUE) == [("Martin", "Petit"), ("Petit", "Martin")]


def test_a_later_sync_leaves_the_correction(vendu: Base, ops: Ops) -> None:
    ops("sold", "R1", "petit@ventes.example")
    passer(vendu, prospect(1, contrat("R1", montant="50")))
    assert vendu.lire(VENDUS) == [("Martin", 0, 1), ("Petit", 1, 1)]
    assert vendu.lire(HISTORIQUE) == [("Martin", "Petit")]


def test_after_a_crash_between_history_and_sale_the_same_command_ends_it(vendu: Base, ops: Ops) -> None:
    ops("sold", "R1", "petit@ventes.example")
    vendu.lire(
        "update crm_sync.contrat_vente set commercial_id = "
        "(select id::text from service_commercial.apporteur where nom = 'Martin')"
    )
    ops("sold", "R1", "petit@ventes.example")
    assert vendu.lire(VENDUS)[-1] == ("Petit", 1, 1)
    assert vendu.lire(HISTORIQUE) == [("Martin", "Petit")]


def test_a_contract_that_no_sync_brought_counts_for_who_holds_it_until_corrected(vendu: Base, ops: Ops) -> None:
    vendu.lire("delete from crm_sync.contrat_vente")
    lu = ops("sold", "R1", "petit@ventes.example", "--json").document
    assert (lu["ancien"], lu["commercial"]) == ("Camille Martin", "Camille Petit")
    assert vendu.lire(VENDUS)[-1] == ("Petit", 1, 1)


def test_what_is_not_signed_or_for_nobody_is_refused(vendu: Base, ops: Ops) -> None:
    dit = ops("sold", "R2", "martin@ventes.example")
    assert dit.code == 3
    assert "n'est pas signé" in dit.erreur
    passer(vendu, prospect(1), prospect(3, commercial=None))
    reserve = vendu.valeur("select crm_id from crm_sync.lien where source_id = 'non_attribue'")
    assert ops("sold", "R1", reserve).code == 3
    assert vendu.lire(HISTORIQUE) == []

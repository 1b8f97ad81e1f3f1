"""A run is taken back: what still is as it left it, and nothing else (product.md, promise 8)."""

from typing import Any

import pytest

from crm_sync import chaine
from crm_sync.errors import ConfigurationError
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import commercial, contrat, passer, prospect

TELEPHONE = "select telephone from service_core.client_base"
COMPTES = (
    "select (select count(*) from service_core.client_base), (select count(*) from service_commercial.contrat), "
    "(select count(*) from service_finance.information_paiement_bancaire), "
    "(select count(*) from service_core.utilisateur), (select count(*) from service_commercial.apporteur)"
)


def annuler(base: Base, run: str, *, montrer: bool = False) -> dict[str, list[tuple[str, str]]]:
    """Undo; gives sort → (entity, field), in a stable order."""
    with base.bases() as bases:
        _, sorts = chaine.annuler(bases, run, montrer=montrer)
    listes: dict[str, list[tuple[str, str]]] = {"restaure": [], "garde": [], "impossible": []}
    for sort in sorts:
        listes[sort["sort"]].append((sort["entite"], sort["champ"]))
    return {cle: sorted(valeurs) for cle, valeurs in listes.items()}


TOUT = [
    ("apporteur", "ligne"),
    ("client", "ligne"),
    ("contrat", "ligne"),
    ("information_paiement", "ligne"),
    ("utilisateur", "ligne"),
]


def test_undoing_a_first_sync_takes_everything_away_and_nothing_comes_back_by_itself(base: Base) -> None:
    run = passer(base, prospect(1)).synchronisation_id
    assert annuler(base, run) == {"restaure": TOUT, "garde": [], "impossible": []}
    assert base.lire(COMPTES) == [(0, 0, 0, 0, 0)]
    passer(base, prospect(1))
    assert base.lire(COMPTES) == [(0, 0, 0, 0, 0)]
    passer(base, prospect(1, contrat("R1", montant="35"), prenom="Autre"))
    assert base.lire(COMPTES)[0][:2] == (1, 1)


def test_showing_an_undo_says_the_same_and_writes_nothing(base: Base) -> None:
    run = passer(base, prospect(1)).synchronisation_id
    avant = base.empreinte_crm()
    assert annuler(base, run, montrer=True)["restaure"] == TOUT
    assert base.empreinte_crm() == avant
    assert base.valeur("select count(*) from crm_sync.synchronisation where genre = 'annulation'") == 0


def test_a_value_goes_back_and_stays_until_the_source_changes_again(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    run = passer(base, prospect(1, telephone="0199000002")).synchronisation_id
    assert base.valeur(TELEPHONE) == "0199000002"
    assert annuler(base, run) == {"restaure": [("client", "telephone")], "garde": [], "impossible": []}
    assert base.valeur(TELEPHONE) == "0199000001"
    passer(base, prospect(1, telephone="0199000002"))
    passer(base, prospect(1, telephone="0199000002", prenom="Autre"))  # something else changed
    assert base.valeur(TELEPHONE) == "0199000001"
    passer(base, prospect(1, telephone="0199000003"))
    assert base.valeur(TELEPHONE) == "0199000003"


def test_what_somebody_edited_since_is_kept_and_said(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    run = passer(base, prospect(1, telephone="0199000002", email="autre@exemple.example.org")).synchronisation_id
    base.lire("update service_core.client_base set telephone = '0199000009', updated_at = now()")
    assert annuler(base, run) == {
        "restaure": [("client", "email")],
        "garde": [("client", "telephone")],
        "impossible": [],
    }
    assert base.lire("select telephone, email from service_core.client_base") == [
        ("0199000009", "personne1@exemple.example.org")
    ]


def test_an_edited_new_row_is_kept_with_what_it_hangs_on(base: Base) -> None:
    run = passer(base, prospect(1)).synchronisation_id
    base.lire("update service_commercial.contrat set description = 'relu', updated_at = now()")
    issue = annuler(base, run)
    assert issue["garde"] == [
        ("apporteur", "ligne"),
        ("client", "ligne"),
        ("contrat", "ligne"),
        ("utilisateur", "ligne"),
    ]
    assert issue["restaure"] == [("information_paiement", "ligne")]
    assert base.lire(COMPTES) == [(1, 1, 0, 1, 1)]


def test_undoing_twice_takes_nothing_more(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    run = passer(base, prospect(1, telephone="0199000002")).synchronisation_id
    annuler(base, run)
    avant = base.empreinte_crm()
    assert annuler(base, run) == {"restaure": [], "garde": [("client", "telephone")], "impossible": []}
    assert base.empreinte_crm() == avant


def test_undoing_an_older_run_keeps_what_a_later_one_wrote(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    ancien = passer(base, prospect(1, telephone="0199000002", email="b@exemple.example.org")).synchronisation_id
    passer(base, prospect(1, telephone="0199000003", email="b@exemple.example.org"))
    assert annuler(base, ancien) == {
        "restaure": [("client", "email")],
        "garde": [("client", "telephone")],
        "impossible": [],
    }
    assert base.valeur(TELEPHONE) == "0199000003"


def test_a_client_who_has_contracts_since_is_kept(base: Base) -> None:
    run = passer(base, prospect(1)).synchronisation_id
    passer(base, prospect(1, contrat("R1"), contrat("R2")))
    issue = annuler(base, run)
    assert ("client", "ligne") in issue["garde"]
    assert ("contrat", "ligne") in issue["restaure"]
    assert base.lire("select reference from service_commercial.contrat") == [("R2",)]


def test_a_row_that_is_gone_cannot_be_put_back(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    run = passer(base, prospect(1, telephone="0199000002")).synchronisation_id
    base.lire("delete from service_core.client_base")
    assert annuler(base, run) == {"restaure": [], "garde": [], "impossible": [("client", "ligne")]}


def test_a_portfolio_goes_back_with_its_history_and_the_kpi(base: Base) -> None:
    passer(base, prospect(1))
    run = passer(base, prospect(1, commercial=commercial("Petit"))).synchronisation_id
    annuler(base, run)
    assert base.lire(
        "select a.nom, k.nb_contrats from service_commercial.kpi_contrats_par_commercial k "
        "join service_commercial.apporteur a on a.id = k.commercial_id order by 1"
    ) == [("Martin", 1)]
    assert base.valeur("select count(*) from crm_sync.contrat_commercial_historique") == 2


def test_an_undo_is_a_run_of_the_journal(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    run = passer(base, prospect(1, telephone="0199000002")).synchronisation_id
    with base.bases() as bases:
        moi, _ = chaine.annuler(bases, run, montrer=False)
    assert base.lire("select genre, statut from crm_sync.synchronisation where synchronisation_id = %s", moi) == [
        ("annulation", "reussie")
    ]
    assert base.lire(
        "select action, regle, champs -> 'telephone' ->> 'apres' from crm_sync.journal where synchronisation_id = %s",
        moi,
    ) == [("modification", "annulation", "0199000001")]
    assert annuler(base, moi) == {"restaure": [("client", "telephone")], "garde": [], "impossible": []}
    assert base.valeur(TELEPHONE) == "0199000002"


@pytest.mark.parametrize("run", ["inconnue", "../../x", ""])
def test_an_unknown_run_is_refused_in_one_sentence(base: Base, run: str) -> None:
    with base.bases() as bases, pytest.raises(ConfigurationError) as leve:
        chaine.annuler(bases, run, montrer=True)
    assert "crm-sync journal" in str(leve.value)


def _conflit(base: Base, *, source_gagne: bool) -> Any:
    """Both sides change the phone; gives the journal's entry."""
    passer(base, prospect(1, telephone="0199000001", updatedAt="2026-01-01T00:00:00.000Z"))
    le = "2026-02-01" if source_gagne else "2026-04-01"
    base.lire("update service_core.client_base set telephone = '0199000007', updated_at = %s", le)
    passer(base, prospect(1, telephone="0199000002", updatedAt="2026-03-01T00:00:00.000Z"))
    return base.valeur("select max(journal_id) from crm_sync.journal where champs -> 'telephone' is not null")


@pytest.mark.parametrize(
    ("source_gagne", "gagnante", "perdue"), [(True, "0199000002", "0199000007"), (False, "0199000007", "0199000002")]
)
def test_a_lost_value_is_put_back_and_stays(base: Base, *, source_gagne: bool, gagnante: str, perdue: str) -> None:
    journal_id = _conflit(base, source_gagne=source_gagne)
    assert base.valeur(TELEPHONE) == gagnante
    with base.bases() as bases:
        _, (sort,) = chaine.restaurer(bases, journal_id, "telephone")
    assert sort["sort"] == "restaure"
    assert base.valeur(TELEPHONE) == perdue
    passer(base, prospect(1, telephone="0199000002", prenom="Autre", updatedAt="2026-05-01T00:00:00.000Z"))
    assert base.valeur(TELEPHONE) == perdue
    passer(base, prospect(1, telephone="0199000004", prenom="Autre"))
    assert base.valeur(TELEPHONE) == "0199000004"


def test_there_is_nothing_to_put_back_where_nothing_was_lost(base: Base) -> None:
    passer(base, prospect(1))
    journal_id = base.valeur("select max(journal_id) from crm_sync.journal")
    with base.bases() as bases, pytest.raises(ConfigurationError):
        chaine.restaurer(bases, journal_id, None)


def test_a_new_row_that_somebody_edited_where_we_never_look_is_kept(base: Base) -> None:
    run = passer(base, prospect(1)).synchronisation_id
    base.lire("update service_core.client_base set statut = 'à rappeler', updated_at = now()")
    issue = annuler(base, run)
    assert ("client", "ligne") in issue["garde"]
    assert base.valeur("select statut from service_core.client_base") == "à rappeler"


def test_a_value_put_back_gives_way_to_the_very_next_change_of_the_source(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    run = passer(base, prospect(1, telephone="0199000002")).synchronisation_id
    annuler(base, run)
    passer(base, prospect(1, telephone="0199000003"))
    assert base.valeur(TELEPHONE) == "0199000003"


def test_the_reserved_sales_rep_that_was_undone_is_made_again_when_a_new_contract_names_nobody(base: Base) -> None:
    run = passer(base, prospect(1, commercial=None)).synchronisation_id
    annuler(base, run)
    assert base.lire(COMPTES) == [(0, 0, 0, 0, 0)]
    passer(base, prospect(2, contrat("R2"), commercial=None))
    assert base.lire("select nom from service_commercial.apporteur") == [("Non attribué",)]
    assert base.lire("select reference from service_commercial.contrat") == [("R2",)]

"""What the laws of the whole chain found: one small story each, so that it stays found."""

import pytest

from crm_sync import chaine
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import IBANS, commercial, contrat, passer, prospect, rejets

PORTEFEUILLE = (
    "select a.nom from service_commercial.contrat as c "
    "join service_commercial.apporteur as a on a.id = c.commercial_id order by c.reference"
)

pytestmark = pytest.mark.longue
LUNDI, MARDI, MERCREDI = (f"2026-02-{jour:02d}T08:00:00.000Z" for jour in (2, 3, 4))


def memes(numero: int, *contrats: dict, **autres):
    """One person under several ids: the e-mail, the phone and the name are the same."""
    moi = {"nom": "Moreau", "prenom": "Paul", "email": "paul@x.example.org", "telephone": "0645670101"}
    return prospect(numero, *contrats, **moi | autres)


def test_a_row_whose_other_node_spoke_last_is_written(base: Base) -> None:
    """The plan's row takes the rule of who spoke last: a node that was not even decided has one, too."""
    passer(base, memes(1), memes(2, updatedAt=LUNDI))
    passer(base, memes(1), memes(2, updatedAt=MARDI, identityCard={"n": 1}))
    assert base.lire("select identity_card from service_core.client_base") == [({"n": 1},)]


def test_an_older_prospect_does_not_bring_its_sales_rep_back(base: Base) -> None:
    tenu = contrat("R1", updatedAt=LUNDI)
    avant = prospect(1, tenu, updatedAt=LUNDI, commercial=commercial("Martin", updatedAt=LUNDI))
    apres = prospect(1, tenu, updatedAt=MARDI, commercial=commercial("Petit", updatedAt=LUNDI))
    passer(base, avant)
    passer(base, apres)
    assert base.lire(PORTEFEUILLE) == [("Petit",)]
    fige = base.empreinte_crm()
    for reponse in (avant, apres):
        passer(base, reponse)
        assert base.empreinte_crm() == fige


def test_an_older_version_says_nothing_for_the_contract_that_it_shares(base: Base) -> None:
    ancien = memes(1, contrat("R1", updatedAt=LUNDI, montant="10"), updatedAt=LUNDI)
    neuf = memes(1, contrat("R1", updatedAt=MARDI, montant="20"), updatedAt=MARDI)
    passer(base, neuf, memes(2, contrat("R1", updatedAt=LUNDI, montant=None)))
    passer(base, ancien, memes(2, contrat("R1", updatedAt=MERCREDI, montant=None, description="relu")))
    assert base.lire("select montant::text, description from service_commercial.contrat") == [("20.00", "relu")]


def test_a_contract_that_one_of_its_prospects_gives_a_sales_rep_is_not_unassigned(base: Base) -> None:
    sans = memes(1, contrat("R1", updatedAt=MARDI), commercial=None)
    avec = memes(2, contrat("R1", updatedAt=LUNDI), commercial=commercial("Petit"))
    passer(base, sans, avec)
    assert base.lire(PORTEFEUILLE) == [("Petit",)]
    fige = base.empreinte_crm()
    passer(base, avec, sans)
    assert base.empreinte_crm() == fige


def test_a_contract_does_not_follow_an_older_answer_back(base: Base) -> None:
    """An older version that lacks a contract proves nothing: its link stays where it went."""
    chez_un = [prospect(1, contrat("R1"), contrat("R9"), updatedAt=LUNDI), prospect(2, updatedAt=LUNDI)]
    chez_deux = [
        prospect(1, contrat("R9"), updatedAt=MARDI),
        prospect(2, contrat("R2"), contrat("R1"), updatedAt=MARDI),
    ]
    passer(base, *chez_un)
    passer(base, *chez_deux)
    fige = base.empreinte_crm()
    for reponse in (chez_un, chez_deux):
        passer(base, *reponse)
        assert base.empreinte_crm() == fige


def test_two_nodes_that_became_one_row_in_a_run_are_no_use_of_it(base: Base) -> None:
    coordonnees = [{"id": "a", "IBAN": IBANS[0]}, {"id": "b", "IBAN": IBANS[0]}]
    run = passer(base, prospect(1, informationsPaiement=coordonnees)).synchronisation_id
    with base.bases() as bases:
        chaine.annuler(bases, run, montrer=False)
    assert base.lire("select id from service_finance.information_paiement_bancaire") == []
    assert base.lire("select id from service_core.client_base") == []


def test_an_undone_sales_rep_is_not_brought_back_by_a_contract_that_was_refused_before(base: Base) -> None:
    passer(base, prospect(1, contrat("R1")))
    dispute = prospect(2, contrat("R1"), commercial=commercial("Petit"))
    run = passer(base, prospect(1, contrat("R1")), dispute).synchronisation_id
    assert ("contrats", "/Souscription/contrats", "reference_detenue") in rejets(base)
    with base.bases() as bases:
        chaine.annuler(bases, run, montrer=False)
    fige = base.empreinte_crm()
    passer(base, dispute, prospect(1, contrat("R1")))
    assert base.empreinte_crm() == fige
    passer(base, prospect(1, contrat("R1")), {**dispute, "telephone": "0645670199"})
    assert base.valeur("select count(*) from service_commercial.apporteur where nom = 'Petit'") == 1


def test_the_reserved_sales_rep_comes_back_once_the_source_changes_an_undone_contract(base: Base) -> None:
    run = passer(base, prospect(1, commercial=None)).synchronisation_id
    with base.bases() as bases:
        chaine.annuler(bases, run, montrer=False)
    passer(base, prospect(1, commercial=None))
    assert base.lire("select id from service_commercial.apporteur") == []
    passer(base, prospect(1, contrat("R1", montant="35"), commercial=None, telephone="0645670199"))
    assert base.lire(PORTEFEUILLE) == [("Non attribué",)]


def test_of_two_faults_under_one_id_the_order_of_the_answer_does_not_choose_which_is_told(base: Base) -> None:
    fautes = [{"id": "a", "IBAN": "FR00"}, {"id": "a", "IBAN": None}]
    passer(base, prospect(1, informationsPaiement=fautes), prospect(2, informationsPaiement=fautes[::-1]))
    assert base.lire("select motif, noeuds from crm_sync.rejet") == [("iban_absent", 2)] * 2

"""The seed's example, its ellipses filled in, from the endpoint to the KPI; and the second time."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from crm_sync.crm import kpi
from crm_sync.crm.session import Session
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import comptes, contrat, passer, prospect
from crm_sync_tests.synchro import synchroniser

EXEMPLE = json.loads((Path(__file__).parent.parent / "data" / "exemple.json").read_text(encoding="utf-8"))


def test_the_seed_s_example_ends_in_the_right_rows(
    base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.donner(EXEMPLE)
    issue = synchroniser(base.url, monkeypatch)
    assert issue.reussie, issue.message

    assert base.lire("select nom, prenom, email, telephone, identity_card from service_core.client_base") == [
        ("HAMROUNI", "Khalil", "khalil.hamrouni@exemple.example.org", "0602540252", None)
    ]
    assert base.lire("select email, nom, prenom, role, actif from service_core.utilisateur") == [
        ("john.doe@exemple.example.org", "Doe", "John", "commercial", False)
    ]
    assert base.lire(
        "select a.nom, a.prenom, a.email, u.email from service_commercial.apporteur a "
        "join service_core.utilisateur u on u.id = a.utilisateur_id"
    ) == [("Doe", "John", "john.doe@exemple.example.org", "john.doe@exemple.example.org")]
    assert base.lire(
        "select c.reference, c.statut, c.statut_source, c.produit, c.montant, b.nom, a.nom "
        "from service_commercial.contrat c "
        "join service_core.client_base b on b.id = c.client_id "
        "join service_commercial.apporteur a on a.id = c.commercial_id"
    ) == [("8177185WNC", "valide", "Validé", "Télécâble Sat", Decimal("29.90"), "HAMROUNI", "Doe")]
    assert base.lire(
        "select b.nom, i.iban, i.bic from service_finance.information_paiement_bancaire i "
        "join service_core.client_base b on b.id = i.client_id"
    ) == [("HAMROUNI", "FR1420041010050500013M02606", "BNPAFRPPXXX")]
    assert base.lire(
        "select nom, prenom, nb_contrats, nb_valides, nb_clients, montant_total, montant_valide, part, rang, "
        "nb_vendus, montant_vendu from service_commercial.kpi_contrats_par_commercial"
    ) == [("Doe", "John", 1, 1, 1, Decimal("29.90"), Decimal("29.90"), Decimal(1), 1, 1, Decimal("29.90"))]
    assert issue.resultat["statut"] == "reussie"
    assert issue.resultat["contrats"] == {
        "recus": 1,
        "crees": 1,
        "modifies": 0,
        "inchanges": 0,
        "reunis": 0,
        "rejets": 0,
    }


def test_the_same_answer_twice_writes_no_row(base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch) -> None:
    source.donner(EXEMPLE)
    synchroniser(base.url, monkeypatch)
    avant = base.empreinte_crm()
    mois = base.lire("select xmin::text from service_commercial.kpi_contrats_par_mois")
    issue = synchroniser(base.url, monkeypatch)

    assert issue.reussie
    assert base.empreinte_crm() == avant
    assert base.lire("select xmin::text from service_commercial.kpi_contrats_par_mois") == mois
    assert issue.resultat["clients"]["inchanges"] == 1
    assert "Rien n'a changé" in issue.resultat["message"]
    assert base.valeur("select count(*) from crm_sync.lot") == base.valeur(
        "select count(distinct lot_id) from crm_sync.plan"
    )


def test_the_same_people_in_other_bytes_write_no_row(
    base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.donner(EXEMPLE)
    synchroniser(base.url, monkeypatch)
    avant = base.empreinte_crm()
    source.corps = json.dumps(EXEMPLE, indent=3).encode()
    issue = synchroniser(base.url, monkeypatch)

    assert issue.reussie
    assert base.empreinte_crm() == avant
    assert base.valeur("select count(*) from crm_sync.prospect_brut") == 2


def test_an_answer_that_is_the_one_before_is_recognised_without_being_read(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, prospect(1))
    with monkeypatch.context() as sans_lire:
        sans_lire.setattr("crm_sync.assets.bruts.decouper", lambda _: pytest.fail("it was read"))
        passer(base, prospect(1))
        passer(base, prospect(1))  # the one before that was not read, either
    passer(base, prospect(1, prenom="Lou"))
    assert base.lire("select octets > 0 from crm_sync.reponse") == [(True,)] * 4


def test_an_answer_of_the_same_length_is_read(base: Base) -> None:
    passer(base, prospect(1, prenom="Lou"))
    passer(base, prospect(1, prenom="Lea"))
    assert base.lire("select prenom from service_core.client_base") == [("Lea",)]
    assert len(set(base.lire("select octets from crm_sync.reponse"))) == 1


def test_a_prospect_is_not_read_again_while_what_came_of_it_is_the_same(base: Base) -> None:
    une_fois, deux_fois = prospect(1), prospect(2)
    deux_contenus = prospect(3), prospect(3, prenom="Lou")
    lues = "select cle, xmin::text from crm_sync.normalisation order by cle"
    passer(base, une_fois, deux_fois, deux_fois, *deux_contenus, prospect(4))
    avant = base.lire(lues)
    passer(base, une_fois, deux_fois, deux_fois, *deux_contenus, prospect(4, prenom="Lou"))
    assert [ligne in avant for ligne in base.lire(lues)] == [True, True, True, False]
    passer(base, une_fois, deux_fois, deux_contenus[0], prospect(4, prenom="Lou"))
    assert [ligne in avant for ligne in base.lire(lues)] == [True, False, False, False]


def test_every_prospect_is_read_again_where_it_was_read_by_other_rules_and_the_crm_stays_as_it_is(base: Base) -> None:
    reponse = prospect(1), prospect(2, contrat("R2")), prospect(2, contrat("R2"))
    passer(base, *reponse)
    crm, regles = base.empreinte_crm(), base.lire("select cle, regles from crm_sync.normalisation order by cle")
    base.lire("update crm_sync.normalisation set regles = 'anciennes'")
    passer(base, *reponse)
    assert base.lire("select cle, regles from crm_sync.normalisation order by cle") == regles
    assert base.empreinte_crm() == crm


def test_an_edit_made_in_the_crm_survives_an_unchanged_source(
    base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.donner(EXEMPLE)
    synchroniser(base.url, monkeypatch)
    base.lire("update service_core.client_base set telephone = '0139980001'")
    synchroniser(base.url, monkeypatch)
    assert base.valeur("select telephone from service_core.client_base") == "0139980001"

    # Another field changes at the source: the edited one still stays, the changed one arrives.
    autre = json.loads(json.dumps(EXEMPLE))
    autre[0]["prenom"] = "Khalil-Amine"
    source.donner(autre)
    issue = synchroniser(base.url, monkeypatch)
    assert base.lire("select prenom, telephone from service_core.client_base") == [("Khalil-Amine", "0139980001")]
    assert issue.resultat["clients"]["modifies"] == 1


def test_a_run_that_does_not_read_the_source_answers_no_request(base: Base) -> None:
    base.lire("insert into crm_sync.demande_sync (demande_par) values ('bouton')")
    session = Session(base.bases(), "indicateurs seuls")
    with session.etape("indicateurs"):
        kpi.recalculer(session.bases)
    session.clore()
    assert base.lire("select statut, run_id from crm_sync.demande_sync") == [("en_attente", None)]


def test_what_an_answer_lacks_stays_in_the_crm(base: Base) -> None:
    passer(base, prospect(1), prospect(2))
    avant = base.empreinte_crm()
    session = passer(base, prospect(2))
    assert base.empreinte_crm() == avant
    assert comptes(base, session)["clients"]["recus"] == 1

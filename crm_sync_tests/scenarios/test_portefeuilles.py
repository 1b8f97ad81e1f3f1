"""Who holds a contract, who sold it, and what the KPI makes of both."""

from decimal import Decimal
from typing import Any

from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import BIC, IBANS, commercial, comptes, contrat, passer, prospect

TENU_PAR = (
    "select c.reference, a.nom from service_commercial.contrat c "
    "join service_commercial.apporteur a on a.id = c.commercial_id order by 1"
)
HISTORIQUE = (
    "select c.reference, a.nom, b.nom, h.synchronisation_id from crm_sync.contrat_commercial_historique h "
    "join service_commercial.contrat c on c.id::text = h.contrat_id "
    "join service_commercial.apporteur a on a.id::text = h.ancien_commercial_id "
    "join service_commercial.apporteur b on b.id::text = h.commercial_id order by 1, h.historique_id"
)


def _kpi(base: Base, *colonnes: str) -> list[tuple[Any, ...]]:
    return base.lire(
        f"select nom, {', '.join(colonnes)} from service_commercial.kpi_contrats_par_commercial order by rang, nom"  # noqa: S608
    )


def test_the_figures_of_each_sales_rep_and_their_team(base: Base) -> None:
    base.lire(
        "with chef as (insert into service_core.utilisateur (email, role, actif) "
        "values ('chef@ventes.example', 'manager', true) returning id) "
        "insert into service_core.utilisateur (email, role, manager_id, actif) "
        "select 'martin@ventes.example', 'commercial', id, true from chef"
    )
    passer(
        base,
        prospect(1, contrat("A1"), contrat("A2", statut="Signé", montant="10.005")),
        prospect(2, contrat("B1", statut="Résilié", montant=None), commercial=commercial("Durand")),
        prospect(3, contrat("C1", statut="en cours d'étude", montant="-5"), commercial=commercial("Petit")),
        prospect(4, contrat("A3", statut="Annulé", dateSignature=None)),
    )
    base.lire("insert into service_commercial.apporteur (nom) values ('Zéro')")
    passer(base, prospect(1, contrat("A1"), contrat("A2", statut="Signé", montant="10.005")))
    cinquieme = Decimal("0.2")
    assert _kpi(base, "nb_contrats", "nb_clients", "part", "rang", "montant_total", "montant_valide") == [
        ("Martin", 3, 2, 3 * cinquieme, 1, Decimal("69.81"), Decimal("29.90")),
        ("Durand", 1, 1, cinquieme, 2, Decimal(0), Decimal(0)),
        ("Petit", 1, 1, cinquieme, 2, Decimal(-5), Decimal(0)),
        ("Zéro", 0, 0, Decimal(0), 3, Decimal(0), Decimal(0)),
    ]
    assert _kpi(base, "nb_en_attente", "nb_signes", "nb_valides", "nb_annules", "nb_resilies", "nb_autres") == [
        ("Martin", 0, 1, 1, 1, 0, 0),
        ("Durand", 0, 0, 0, 0, 1, 0),
        ("Petit", 0, 0, 0, 0, 0, 1),
        ("Zéro", 0, 0, 0, 0, 0, 0),
    ]
    assert _kpi(base, "nb_vendus", "montant_vendu") == [
        ("Martin", 2, Decimal("39.91")),
        ("Durand", 1, Decimal(0)),
        ("Petit", 1, Decimal(-5)),
        ("Zéro", 0, Decimal(0)),
    ]
    assert base.lire(
        "select k.nom, u.email from service_commercial.kpi_contrats_par_commercial k "
        "join service_core.utilisateur u on u.id = k.manager_id"
    ) == [("Martin", "chef@ventes.example")]


def test_nobody_sold_what_has_no_sales_rep_until_one_is_named(base: Base) -> None:
    passer(base, prospect(1, commercial=None), prospect(2, commercial=commercial("Sans", email="pas une adresse")))
    assert _kpi(base, "nb_contrats", "nb_vendus", "montant_vendu") == [("Non attribué", 2, 0, Decimal(0))]
    passer(base, prospect(1), prospect(2), sync="nommés")
    assert _kpi(base, "nb_contrats", "nb_vendus") == [("Martin", 2, 2), ("Non attribué", 0, 0)]
    assert base.lire(HISTORIQUE) == [
        ("R1", "Non attribué", "Martin", "nommés"),
        ("R2", "Non attribué", "Martin", "nommés"),
    ]
    assert base.valeur("select count(*) from service_commercial.apporteur where nom = 'Non attribué'") == 1

    # Nobody named any more: the contracts keep the one they have.
    passer(base, prospect(1, commercial=None), prospect(2, commercial=None))
    assert base.lire(TENU_PAR) == [("R1", "Martin"), ("R2", "Martin")]


def test_a_contract_that_a_person_moved_stays_until_the_source_moves_it_again(base: Base) -> None:
    passer(base, prospect(1), prospect(2, commercial=commercial("Petit")))
    base.lire(
        "update service_commercial.contrat set commercial_id = "
        "(select id from service_commercial.apporteur where nom = 'Petit') where reference = 'R1'"
    )
    passer(base, prospect(1, contrat("R1", montant="31")), prospect(2, commercial=commercial("Petit")))
    assert base.lire(TENU_PAR) == [("R1", "Petit"), ("R2", "Petit")]
    assert base.lire(HISTORIQUE) == []

    session = passer(base, prospect(1, commercial=commercial("Durand")), prospect(2, commercial=commercial("Petit")))
    assert base.lire(TENU_PAR) == [("R1", "Durand"), ("R2", "Petit")]
    assert base.lire(HISTORIQUE) == [("R1", "Petit", "Durand", session.synchronisation_id)]
    assert _kpi(base, "nb_contrats", "nb_vendus") == [("Durand", 1, 0), ("Petit", 1, 1), ("Martin", 0, 1)]


def test_a_sales_rep_with_a_new_address_is_the_same_person(base: Base) -> None:
    passer(base, prospect(1))
    avant = base.lire("select id, xmin::text, email from service_core.utilisateur")
    passer(base, prospect(1, commercial=commercial("Martin", email="camille.martin@ventes.example")))
    assert base.lire("select id, xmin::text, email from service_core.utilisateur") == avant
    assert base.lire("select email from service_commercial.apporteur") == [("camille.martin@ventes.example",)]


def test_an_address_that_is_now_an_apporteur_s_without_user_leads_there_and_their_user_stays_where_they_are(
    base: Base,
) -> None:
    base.lire("insert into service_commercial.apporteur (nom, email) values ('Cabinet', 'cabinet@ventes.example')")
    comptes_du_crm = (
        "select a.email, u.email from service_commercial.apporteur a "
        "left join service_core.utilisateur u on u.id = a.utilisateur_id order by 1"
    )
    passer(base, prospect(1, contrat("R1")))
    avant = base.lire(comptes_du_crm)
    reponse = prospect(1, contrat("R1"), commercial=commercial("Martin", nom="Cabinet", email="cabinet@ventes.example"))
    assert "1 commerciaux" in passer(base, reponse).avertissements[0]
    assert base.lire(TENU_PAR) == [("R1", "Cabinet")]
    assert base.lire(comptes_du_crm) == avant
    # Linked from now on, and still without a user: what changes next is written there.
    suite = passer(base, reponse | {"commercial": reponse["commercial"] | {"telephone": "0199000001"}})
    assert suite.avertissements == []
    assert base.lire("select nom from service_commercial.apporteur where telephone = '0199000001'") == [("Cabinet",)]
    assert base.lire(comptes_du_crm) == avant


def test_an_address_that_is_now_another_user_s_leads_to_their_apporteur_first(base: Base) -> None:
    base.lire("insert into service_commercial.apporteur (nom, email) values ('Cabinet', 'durand@ventes.example')")
    durand = (
        "insert into service_core.utilisateur (email, role, actif) values ('durand@ventes.example', 'commercial', true)"
    )
    base.lire(
        f"with compte as ({durand} returning id) insert into service_commercial.apporteur (nom, email, utilisateur_id) "  # noqa: S608
        "select 'Durand', 'autre@ventes.example', id from compte"
    )
    passer(base, prospect(1, contrat("R1")))
    suite = passer(base, prospect(1, contrat("R1"), commercial=commercial("Martin", email="durand@ventes.example")))
    assert "1 commerciaux" in suite.avertissements[0]
    assert base.lire(
        "select u.email from service_commercial.contrat c join service_commercial.apporteur a on a.id = c.commercial_id "
        "join service_core.utilisateur u on u.id = a.utilisateur_id"
    ) == [("durand@ventes.example",)]


def test_two_accounts_of_one_address_are_one_sales_rep(base: Base) -> None:
    session = passer(
        base,
        prospect(1, commercial=commercial("Martin", id=1)),
        prospect(2, commercial=commercial("Martin", id=2, email=" MARTIN@ventes.example")),
    )
    assert base.valeur("select count(*) from service_core.utilisateur") == 1
    assert base.valeur("select count(*) from service_commercial.apporteur") == 1
    assert comptes(base, session)["commerciaux"] == {
        "recus": 2,
        "crees": 1,
        "modifies": 0,
        "inchanges": 0,
        "reunis": 1,
        "rejets": 0,
    }


def test_an_emptied_field_never_erases_what_the_crm_holds(base: Base) -> None:
    plein = contrat(
        "R1",
        description="Duo",
        type="Fibre",
        fournisseur="Net",
        documentUrl="https://d.example/1",
        dateValidation="2025-02-01",
    )
    passer(
        base,
        prospect(1, plein, commercial=commercial("Martin", telephone="0199000001"), identityCard={"numero": "X"}),
    )
    avant = base.empreinte_crm()
    for vide in (None, "", "  "):
        videe = {**dict.fromkeys(plein, vide), "titre": "R1", "statut": "Validé"}
        passer(
            base,
            prospect(
                1,
                videe,
                prenom=vide,
                email=vide,
                telephone=vide,
                identityCard=None,
                commercial=commercial("Martin", telephone=vide, prenom=vide),
                informationsPaiement=[{"IBAN": IBANS[1], "BIC": vide}],
            ),
        )
        assert base.empreinte_crm() == avant
    passer(base, {"idProspect": 1, "nom": "NomB"})
    assert base.empreinte_crm() == avant
    assert base.lire("select bic from service_finance.information_paiement_bancaire") == [(BIC,)]


def test_only_the_rows_that_a_sync_writes_get_a_new_updated_at(base: Base) -> None:
    passer(base, prospect(1), prospect(2))
    lignes = (
        "select 'client ' || nom, created_at, updated_at from service_core.client_base union all "
        "select reference, created_at, updated_at from service_commercial.contrat union all "
        "select 'apporteur ' || nom, created_at, updated_at from service_commercial.apporteur union all "
        "select iban, created_at, updated_at from service_finance.information_paiement_bancaire"
    )
    avant = {nom: (cree, modifie) for nom, cree, modifie in base.lire(lignes)}
    passer(base, prospect(1, contrat("R1", statut="Résilié")), prospect(2, prenom="Autre"))
    apres = {nom: (cree, modifie) for nom, cree, modifie in base.lire(lignes)}
    assert {nom for nom in apres if apres[nom] != avant[nom]} == {"R1", "client NomC"}
    for nom in ("R1", "client NomC"):
        assert apres[nom][0] == avant[nom][0]
        assert apres[nom][1] > avant[nom][1]


def test_an_unchanged_crm_gets_the_same_kpi_rows_with_a_new_time(base: Base) -> None:
    passer(base, prospect(1), prospect(2))
    tout = "select to_jsonb(k) - 'calcule_le' from service_commercial.kpi_contrats_par_commercial k"
    avant, calcule = (
        base.lire(tout),
        base.valeur("select calcule_le from service_commercial.kpi_contrats_par_commercial"),
    )
    passer(base, prospect(1), prospect(2))
    assert base.lire(tout) == avant
    assert base.valeur("select calcule_le from service_commercial.kpi_contrats_par_commercial") > calcule

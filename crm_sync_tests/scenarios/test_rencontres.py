"""Meeting a CRM that already holds people and contracts: who is who, whose contract it is, and which value stays."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import commercial, comptes, contrat, passer, prospect, rejets


def client(base: Base, **valeurs: Any) -> str:
    valeurs = {"nom": "Moreau", "prenom": "Inès", "email": None, "telephone": None, **valeurs}
    return str(
        base.valeur(
            "insert into service_core.client_base (nom, prenom, email, telephone, updated_at) "
            "values (%s, %s, %s, %s, '2024-01-01') returning id",
            *(valeurs[c] for c in ("nom", "prenom", "email", "telephone")),
        )
    )


def apporteur(base: Base, **valeurs: Any) -> str:
    valeurs = {"nom": "Ancien", "utilisateur_id": None, "email": None, **valeurs}
    return str(
        base.valeur(
            "insert into service_commercial.apporteur (nom, utilisateur_id, email) values (%s, %s, %s) returning id",
            *(valeurs[c] for c in ("nom", "utilisateur_id", "email")),
        )
    )


def contrat_du_crm(base: Base, reference: str, client_id: str, commercial_id: str, statut: str = "valide") -> str:
    return str(
        base.valeur(
            "insert into service_commercial.contrat (reference, client_id, commercial_id, statut, montant) "
            "values (%s, %s, %s, %s, 10) returning id",
            reference,
            client_id,
            commercial_id,
            statut,
        )
    )


def lie_a(base: Base, numero: int) -> str:
    return str(base.valeur("select crm_id from crm_sync.lien where entite = 'client' and source_id = %s", str(numero)))


@pytest.mark.parametrize(
    ("au_crm", "du_prospect", "le_meme"),
    [
        ({"email": "ines@exemple.example.org"}, {"email": " Ines@Exemple.example.org "}, True),
        ({"email": "ines@exemple.example.org"}, {"email": "ines@exemple.example.org", "nom": "Petit"}, True),
        ({"email": "ines@exemple.example.org"}, {"email": "ines@exemple.example.org", "prenom": "Paul"}, False),
        ({"telephone": "01 99 00 00 77"}, {"telephone": "+33199000077"}, True),
        ({"telephone": "01 99 00 00 77"}, {"telephone": "+33199000077", "prenom": "Paul"}, False),
        ({"telephone": "0262 30 12 34"}, {"telephone": "+262262301234"}, True),
        ({}, {}, False),
    ],
    ids=["e-mail", "name changed", "couple's e-mail", "phone and name", "family phone", "overseas", "name alone"],
)
def test_who_a_prospect_is(base: Base, au_crm: dict[str, str], du_prospect: dict[str, str], le_meme: bool) -> None:
    existant = client(base, **au_crm)
    passer(base, prospect(1, nom="Moreau", prenom="Inès") | {"email": None, "telephone": None} | du_prospect)
    assert (lie_a(base, 1) == existant) is le_meme
    assert base.valeur("select count(*) from service_core.client_base") == (1 if le_meme else 2)


def test_a_couple_with_one_phone_is_two_clients_whatever_the_order(base: Base) -> None:
    lui = prospect(1, nom="Moreau", prenom="Paul", telephone="0199000012")
    elle = prospect(2, nom="Moreau", prenom="Inès", telephone="01 99 00 00 12")
    passer(base, elle, lui)
    assert lie_a(base, 1) != lie_a(base, 2)


def test_one_person_under_two_prospects_is_one_client_with_the_latest_values(base: Base) -> None:
    avant = prospect(1, nom="Moreau", prenom="Inès", email="i@exemple.example.org", telephone="0199000012")
    apres = prospect(2, nom="Moreau", prenom="Inès", email="i@exemple.example.org", telephone="0199000013")
    session = passer(
        base, avant | {"updatedAt": "2025-01-01T00:00:00.000Z"}, apres | {"updatedAt": "2025-02-01T00:00:00.000Z"}
    )
    assert lie_a(base, 1) == lie_a(base, 2)
    assert base.lire("select telephone from service_core.client_base") == [("0199000013",)]
    assert (
        comptes(base, session)["clients"] | {"recus": 2, "crees": 1, "reunis": 1} == comptes(base, session)["clients"]
    )


def test_the_shop_s_phone_on_three_people_links_nobody(base: Base) -> None:
    gens = [
        prospect(n, nom=nom, prenom="Paul", telephone="0199000111") for n, nom in enumerate(("Moreau", "Petit", "Roy"))
    ]
    passer(base, *gens)
    passer(base, *gens, prospect(9, nom="Roy", prenom="Karim", telephone="0199000111"))
    assert len({lie_a(base, n) for n in (0, 1, 2, 9)}) == 4


def test_a_contract_of_their_importer_is_found_by_reference_and_completed(base: Base) -> None:
    inconnu = str(uuid4())
    ancien = apporteur(base)
    trouve = contrat_du_crm(base, "ab 12-x", inconnu, ancien)
    passer(base, prospect(1, contrat("AB12-X")))
    assert base.lire("select id::text, client_id::text, statut_source from service_commercial.contrat") == [
        (trouve, lie_a(base, 1), "Validé")
    ]


def test_a_contract_of_another_living_client_is_never_taken_from_them(base: Base) -> None:
    autre = client(base, nom="Petit")
    tenu = contrat_du_crm(base, "AB12", autre, apporteur(base))
    avant = base.lire("select xmin::text, client_id::text from service_commercial.contrat where id = %s", tenu)
    passer(base, prospect(1, contrat("AB12"), contrat("CD34")))
    assert base.lire("select xmin::text, client_id::text from service_commercial.contrat where id = %s", tenu) == avant
    assert [motif for *_, motif in rejets(base)] == ["reference_detenue"]
    assert base.valeur("select count(*) from service_commercial.contrat where reference = 'CD34'") == 1


def test_of_two_new_prospects_with_one_reference_the_more_recent_keeps_it(base: Base) -> None:
    vieux = prospect(1, contrat("AB12", updatedAt="2025-01-01T00:00:00.000Z"))
    recent = prospect(2, contrat("ab12", updatedAt="2025-03-01T00:00:00.000Z"))
    passer(base, vieux, recent)
    assert base.lire("select reference, client_id::text from service_commercial.contrat") == [("ab12", lie_a(base, 2))]
    assert rejets(base, "id_prospect, motif") == [("1", "reference_disputee")]


def test_an_existing_user_is_never_written_and_gets_an_apporteur(base: Base) -> None:
    base.lire(
        "insert into service_core.utilisateur (email, nom, role, actif) values ('MARTIN@ventes.example', 'Chef', 'manager', true)"
    )
    avant = base.lire("select xmin::text, * from service_core.utilisateur")
    passer(base, prospect(1))
    passer(base, prospect(1, commercial=commercial("Martin", nom="Martinez")))
    assert base.lire("select xmin::text, * from service_core.utilisateur") == avant
    assert base.lire(
        "select a.nom, u.role from service_commercial.apporteur a join service_core.utilisateur u on u.id = a.utilisateur_id"
    ) == [("Martinez", "manager")]


def test_an_apporteur_of_that_address_without_user_is_found(base: Base) -> None:
    existant = apporteur(base, email="martin@ventes.example")
    passer(base, prospect(1))
    assert base.lire("select id::text, utilisateur_id is not null from service_commercial.apporteur") == [
        (existant, True)
    ]
    assert base.lire("select role, actif from service_core.utilisateur") == [("commercial", False)]


def test_a_contract_without_sales_rep_is_visible_and_moves_once_one_is_named(base: Base) -> None:
    passer(base, prospect(1, commercial=None))
    assert base.lire(
        "select a.nom, a.utilisateur_id from service_commercial.contrat c "
        "join service_commercial.apporteur a on a.id = c.commercial_id"
    ) == [("Non attribué", None)]
    assert base.valeur("select count(*) from crm_sync.contrat_vente") == 0
    session = passer(base, prospect(1))
    assert base.lire(
        "select a.nom from service_commercial.contrat c join service_commercial.apporteur a on a.id = c.commercial_id"
    ) == [("Martin",)]
    assert comptes(base, session)["conflits"] == 0
    assert base.valeur("select count(*) from crm_sync.contrat_commercial_historique") == 1


def test_the_seller_stays_the_one_who_held_the_contract_when_it_was_first_signed(base: Base) -> None:
    passer(base, prospect(1, commercial=commercial("Martin")))
    passer(base, prospect(1, commercial=commercial("Durand")))
    assert base.lire(
        "select nom, nb_contrats, nb_vendus, montant_vendu from service_commercial.kpi_contrats_par_commercial order by nom"
    ) == [("Durand", 1, 0, Decimal(0)), ("Martin", 0, 1, Decimal("29.90"))]


@pytest.mark.parametrize(
    ("a_la_source", "au_crm", "resultat", "conflits"),
    [
        (None, None, "0199000001", 0),
        ("0199000055", None, "0199000055", 0),
        (None, "0199000066", "0199000066", 0),
        ("0199000055", "0199000066", "0199000066", 1),
        ("0199000055", "01 99 00 00 55", "01 99 00 00 55", 0),
        ("+33 1 99 00 00 01", None, "0199000001", 0),
        ("", "0199000066", "0199000066", 0),
        ("", None, "0199000001", 0),
    ],
    ids=["nobody", "source", "CRM", "both", "both the same", "another spelling", "emptied, CRM edited", "emptied"],
)
def test_which_value_stays(
    base: Base, a_la_source: str | None, au_crm: str | None, resultat: str, conflits: int
) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    if au_crm is not None:
        base.lire("update service_core.client_base set telephone = %s", au_crm)
    avant = base.lire("select xmin::text, updated_at from service_core.client_base")
    suivant = prospect(1, telephone="0199000001" if a_la_source is None else a_la_source, prenom="PrenomB")
    session = passer(base, suivant | {"updatedAt": "2026-01-01T00:00:00.000Z"})
    assert base.valeur("select telephone from service_core.client_base") == resultat
    assert comptes(base, session)["conflits"] == conflits
    ecrit = resultat != (au_crm or "0199000001")
    assert (base.lire("select xmin::text, updated_at from service_core.client_base") != avant) is ecrit


def test_an_amount_in_another_spelling_is_no_change(base: Base) -> None:
    passer(base, prospect(1, contrat("AB12", montant="29.9")))
    avant = base.empreinte_crm()
    passer(base, prospect(1, contrat("AB12", montant=29.90)))
    assert base.empreinte_crm() == avant


def test_a_new_iban_under_one_id_changes_its_row_and_without_id_adds_one(base: Base) -> None:
    sans_id = {"IBAN": "DE89370400440532013000"}
    passer(base, prospect(1, informationsPaiement=[{"id": 7, "IBAN": "FR1420041010050500013M02606"}, sans_id]))
    passer(
        base,
        prospect(1, informationsPaiement=[{"id": 7, "IBAN": "BE68 5390 0754 7034"}, {"IBAN": "NL91ABNA0417164300"}]),
    )
    assert sorted(
        ligne[0] for ligne in base.lire("select iban from service_finance.information_paiement_bancaire")
    ) == ["BE68539007547034", "DE89370400440532013000", "NL91ABNA0417164300"]


def test_the_kpi_counts_what_no_sync_brought_and_months_are_those_of_paris(base: Base) -> None:
    paresseux = apporteur(base, nom="Zéro")
    ancien = apporteur(base, nom="Ancien")
    contrat_du_crm(base, "VIEUX", client(base), ancien, statut="à l'étude")
    passer(base, prospect(1, contrat("AB12", dateSignature="2025-01-31T23:30:00.000Z")))
    lignes = base.lire(
        "select nom, nb_contrats, nb_autres, nb_vendus, part, rang from service_commercial.kpi_contrats_par_commercial "
        "order by nom"
    )
    moitie = Decimal("0.5")
    assert lignes == [("Ancien", 1, 1, 0, moitie, 1), ("Martin", 1, 0, 1, moitie, 1), ("Zéro", 0, 0, 0, 0, 2)]
    assert paresseux
    assert base.lire(
        "select mois::text, statut, nb_contrats from service_commercial.kpi_contrats_par_mois order by mois"
    ) == [("2025-02-01", "valide", 1), (None, "autre", 1)]


def test_a_row_that_a_person_deleted_is_not_made_again(base: Base) -> None:
    passer(base, prospect(1))
    base.lire("delete from service_core.client_base")
    passer(base, prospect(1, prenom="Autre"))
    assert base.valeur("select count(*) from service_core.client_base") == 0
    assert ("clients", "/", "client_supprime") in rejets(base)


def test_a_date_of_birth_that_only_the_linked_prospect_knows_tells_two_people_apart(base: Base) -> None:
    pere = prospect(1, nom="Roussel", prenom="Marc", email="ancienne@exemple.example.org", dateNaissance="1950-03-01")
    passer(base, pere)
    base.lire(
        "update service_core.client_base set email = 'marc@exemple.example.org'"
    )  # nothing of it is in the source
    fils = prospect(2, nom="Roussel", prenom="Marc", email="marc@exemple.example.org", dateNaissance="1980-03-01")
    passer(base, pere, fils)
    assert base.valeur("select count(*) from service_core.client_base") == 2
    assert lie_a(base, 1) != lie_a(base, 2)


def une_personne(numero: int, telephone: str | None, mois: int, **autres: Any) -> dict[str, Any]:
    """Give one of the prospects that are the same person, as of one month."""
    return prospect(
        numero,
        nom="Roche",
        prenom="Alma",
        email="alma@exemple.example.org",
        telephone=telephone,
        updatedAt=f"2025-{mois:02d}-01T08:00:00.000Z",
        **autres,
    )


def test_of_two_prospects_that_are_one_client_the_more_recent_speaks_whoever_changed(base: Base) -> None:
    recent = une_personne(1, "0199000001", 3)
    passer(base, recent, une_personne(2, "0199000002", 1))
    passer(base, recent, une_personne(2, "0199000005", 2))
    assert base.lire("select telephone from service_core.client_base") == [("0199000001",)]


def test_a_prospect_that_falls_silent_starts_no_conflict_with_what_we_wrote_ourselves(base: Base) -> None:
    passer(base, une_personne(1, "0199000001", 3), une_personne(2, "0199000002", 1))
    passer(base, une_personne(1, None, 4), une_personne(2, "0199000002", 1))
    assert base.lire("select telephone from service_core.client_base") == [("0199000002",)]
    for mois, telephone in ((2, "0199000005"), (3, "0199000006")):
        session = passer(base, une_personne(1, None, 4), une_personne(2, telephone, mois))
        assert base.lire("select telephone from service_core.client_base") == [(telephone,)]
        assert comptes(base, session)["conflits"] == 0

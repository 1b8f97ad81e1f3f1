"""An older answer that comes after a newer one: nothing of it is applied (product.md, promise 4)."""

from typing import Any

from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import commercial, comptes, contrat, passer, prospect


def version(mois: int, montant: str, telephone: str, **autres: Any) -> dict[str, Any]:
    """Give the same prospect as of one month, every node with its own time."""
    le = f"2025-{mois:02d}-01T08:00:00.000Z"
    return prospect(
        1,
        contrat("R1", montant=montant, updatedAt=le),
        telephone=telephone,
        updatedAt=le,
        commercial=commercial("Martin", telephone=telephone, updatedAt=le),
        informationsPaiement=[{"id": 7, "IBAN": autres.pop("iban"), "updatedAt": le}],
        **autres,
    )


VIEILLE = version(1, "29.9", "0199000001", iban="FR1420041010050500013M02606")
NEUVE = version(3, "35", "0199000003", iban="BE68539007547034")


def avertis(session: Any) -> list[str]:
    return [texte for texte in session.avertissements if "plus anciens" in texte]


def test_an_older_answer_after_a_newer_one_changes_nothing_and_is_warned_of_once(base: Base) -> None:
    passer(base, NEUVE)
    crm, liens = base.empreinte_crm(), base.lire("select source_id, base, source_le from crm_sync.lien order by 1")
    session = passer(base, VIEILLE)
    assert base.empreinte_crm() == crm
    assert base.lire("select source_id, base, source_le from crm_sync.lien order by 1") == liens
    assert len(avertis(session)) == 4  # once per kind of row
    assert comptes(base, session)["contrats"]["inchanges"] == 1
    assert avertis(passer(base, VIEILLE)) == []
    passer(base, NEUVE)
    assert base.empreinte_crm() == crm


def test_a_newer_node_inside_an_older_prospect_goes_through(base: Base) -> None:
    passer(base, NEUVE)
    melee = VIEILLE | {
        "Souscription": [{"contrats": [contrat("R1", montant="40", updatedAt="2025-04-01T08:00:00.000Z")]}]
    }
    passer(base, melee)
    assert base.lire("select montant::text from service_commercial.contrat") == [("40.00",)]
    assert base.lire("select telephone from service_core.client_base") == [("0199000003",)]


def test_without_updated_at_an_answer_is_judged_by_its_content(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    passer(base, prospect(1, telephone="0199000003"))
    passer(base, prospect(1, telephone="0199000001"))
    assert base.lire("select telephone from service_core.client_base") == [("0199000001",)]


def test_a_clock_ahead_is_cut_and_reported_and_the_next_change_is_no_older_version(base: Base) -> None:
    session = passer(base, prospect(1, telephone="0199000001", updatedAt="2999-01-01T00:00:00.000Z"))
    assert any("dans le futur" in texte for texte in session.avertissements)
    passer(base, prospect(1, telephone="0199000003", updatedAt="2998-01-01T00:00:00.000Z"))
    assert base.lire("select telephone from service_core.client_base") == [("0199000003",)]

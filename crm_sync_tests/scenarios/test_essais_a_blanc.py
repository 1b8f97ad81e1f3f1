"""`crm-sync plan`: the same decisions and counts as the sync, and nothing written."""

from typing import Any

import pytest

from crm_sync.chaine import planifier
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import commercial, comptes, contrat, lecture, passer, prospect

COMPTES = ("commerciaux", "clients", "contrats", "informations_paiement", "prospects", "rejets", "conflits")
ENTREES = {
    "a first load": ([], [prospect(n) for n in range(1, 6)]),
    "everything at once": (
        [prospect(n, updatedAt="2026-01-01T00:00:00.000Z") for n in range(1, 6)],
        [
            prospect(1, contrat("R1", montant="35"), contrat("R1b"), updatedAt="2026-02-01T00:00:00.000Z"),
            prospect(2, telephone="0199000002", commercial=commercial("Petit"), updatedAt="2026-02-01T00:00:00.000Z"),
            prospect(3, contrat(None), informationsPaiement=[{"IBAN": "FR00"}]),
            prospect(4, nom=None),
            prospect(7),
            prospect(8, email="personne7@exemple.example.org", prenom=None),
        ],
    ),
}


def plan(base: Base, *prospects: Any) -> dict[str, Any]:
    with base.bases() as bases:
        return planifier(bases, lecture(*prospects))


@pytest.mark.parametrize("cas", ENTREES)
def test_a_plan_gives_the_counts_of_the_sync_and_writes_nothing(base: Base, cas: str) -> None:
    avant, apres = ENTREES[cas]
    if avant:
        passer(base, *avant)
    crm, notre = base.empreinte_crm(), _notre_schema(base)
    prevu = plan(base, *apres)
    assert base.empreinte_crm() == crm
    assert _notre_schema(base) == notre
    fait = comptes(base, passer(base, *apres))
    assert {cle: prevu[cle] for cle in COMPTES} == {cle: fait[cle] for cle in COMPTES}
    assert prevu["statut"] == "reussie"


def _notre_schema(base: Base) -> dict[str, Any]:
    tables = (
        "lien_externe",
        "plan",
        "lot",
        "reponse",
        "prospect_brut",
        "clients",
        "rejet",
        "synchronisation",
        "absence",
    )
    return {table: base.valeur(f"select count(*) from crm_sync.{table}") for table in tables}  # noqa: S608


def test_a_plan_says_what_would_change_and_masks_what_is_private(base: Base) -> None:
    passer(base, prospect(1))
    nouvel_iban = [{"id": 4, "IBAN": "NL91ABNA0417164300"}]
    prevu = plan(base, prospect(1, telephone="0199000002", informationsPaiement=nouvel_iban))["plan"]
    champs = {(e["entite"], c["champ"]): c for e in prevu["ecritures"] for c in e["champs"]}
    assert champs["client", "telephone"]["avant"].endswith("01")
    assert champs["client", "telephone"]["apres"] == "…02"
    assert champs["information_paiement", "iban"]["apres"] == "NL…4300"
    assert "0417164300" not in str(prevu)
    assert "0199000002" not in str(prevu)


def test_a_plan_says_why_somebody_is_new_and_who_is_found_by_which_rule(base: Base) -> None:
    base.lire(
        "insert into service_core.client_base (nom, prenom, email) values ('NomB', 'PrenomB', 'personne1@exemple.example.org')"
    )
    prevu = plan(base, prospect(1), prospect(2))["plan"]
    assert prevu["regles"]["client"] == {"creation": 1, "email": 1}
    assert [c["source_ids"] for c in prevu["creations"] if c["entite"] == "client"] == [["2"]]


def test_a_plan_shows_how_the_kpi_would_move(base: Base) -> None:
    passer(base, prospect(1), prospect(2))
    prevu = plan(base, prospect(1, commercial=commercial("Petit")), prospect(2), prospect(3))["plan"]
    assert {ligne["commercial"]: (ligne["avant"], ligne["apres"]) for ligne in prevu["kpi"]} == {
        "Camille Petit": (0, 1)
    }
    assert prevu["inconnu"]


def test_a_plan_gives_the_lock_back(base: Base) -> None:
    plan(base, prospect(1))
    assert base.lire("select titulaire from crm_sync.verrou") == [(None,)]

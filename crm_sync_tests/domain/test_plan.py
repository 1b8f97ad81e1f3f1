"""The plan: one row for each CRM row to be made or changed, and none for what is as it should be."""

import json
import re
from collections.abc import Sequence

import pyarrow as pa
import pytest

from crm_sync.domain.lots import tableau
from crm_sync.domain.plan import Plan, attribuer_ids
from crm_sync.domain.types import CHAMPS
from crm_sync_tests.domain import mondes_fusion as mondes
from crm_sync_tests.domain.mondes_fusion import Ligne, lignes

ENTITE = "information_paiement"
NOMS = [champ.nom for champ in CHAMPS[ENTITE]]
IBAN, AUTRE_IBAN = "FR1420041010050500013M02606", "FR7630006000011234567890189"
AVANT_HIER = "2025-02-28 08:00:00+00"
HIER, AUJOURDHUI = "2025-03-01 08:00:00+00", "2025-03-02 08:00:00+00"


def decision(source_id: str, crm_id: str, modifie_a: str | None = HIER, **valeurs: str | None) -> Ligne:
    """A node; with a base also its link, applied before."""
    lien = {"lien_empreinte": "ancienne", "lien_source_le": HIER} if any(c.startswith("base_") for c in valeurs) else {}
    return mondes.decision(ENTITE, source_id, crm_id, modifie_a, **lien, **valeurs)


def ligne_crm(crm_id: str, **valeurs: str | None) -> Ligne:
    return mondes.ligne_crm(ENTITE, crm_id, **valeurs)


def dresse(decisions: Sequence[Ligne], crm: Sequence[Ligne] = ()) -> Plan:
    return mondes.dresse(ENTITE, decisions, crm)


def test_a_row_that_the_crm_does_not_have_is_made_with_all_its_values() -> None:
    plan = dresse([decision("1", "a", iban=IBAN, client_id="ines", regle="creation", preuve='{"cle": "email"}')])
    assert lignes(plan) == {
        "a": {
            "action": "creation",
            "jeton": None,
            "a_ecrire": None,
            "champs": None,
            "regle": "creation",
            "preuve": '{"cle": "email"}',
            "iban": IBAN,
            "bic": None,
            "client_id": "ines",
        }
    }
    assert plan.conflits == 0


def test_of_a_row_that_the_crm_has_only_what_changes_is_written_with_what_was_there() -> None:
    plan = dresse(
        [decision("1", "a", iban=AUTRE_IBAN, base_iban=IBAN, bic="B", base_bic="B", client_id="c", base_client_id="c")],
        [ligne_crm("a", crm_iban=IBAN, crm_bic="B", crm_client_id="c")],
    )
    (ligne,) = lignes(plan).values()
    assert (ligne["action"], ligne["jeton"], ligne["regle"]) == ("modification", "xmin-a", "lien")
    assert ligne["a_ecrire"] == "{iban}"
    assert json.loads(ligne["champs"]) == {
        "iban": {
            "avant": IBAN,
            "apres": AUTRE_IBAN,
            "regle": "source",
            "gagnant": "source",
            "source_id": "1",
            "source_le": HIER,
            "crm_le": None,
        }
    }
    assert {nom: ligne[nom] for nom in NOMS} == {"iban": AUTRE_IBAN, "bic": None, "client_id": None}
    assert plan.conflits == 0


@pytest.mark.parametrize(("modifie_crm", "gagne"), [(AVANT_HIER, True), (AUJOURDHUI, False)])
def test_what_both_sides_changed_is_counted_and_said_be_it_written_or_not(modifie_crm: str, gagne: bool) -> None:
    plan = dresse(
        [decision("1", "a", iban=AUTRE_IBAN, base_iban=IBAN, client_id="c", base_client_id="c")],
        [ligne_crm("a", crm_iban="FR00", crm_client_id="c", modifie_crm=modifie_crm)],
    )
    (ligne,) = lignes(plan).values()
    assert json.loads(ligne["champs"]) == {
        "iban": {
            "avant": "FR00",
            "apres": AUTRE_IBAN if gagne else "FR00",
            "regle": "plus_recent",
            "gagnant": "source" if gagne else "crm",
            "perdant": "FR00" if gagne else AUTRE_IBAN,
            "source_id": "1",
            "source_le": HIER,
            "crm_le": modifie_crm,
        }
    }
    assert (ligne["action"], ligne["a_ecrire"], ligne["iban"], ligne["jeton"]) == (
        ("modification", "{iban}", AUTRE_IBAN, "xmin-a") if gagne else ("conflit", "{}", None, "xmin-a")
    )
    assert plan.conflits == 1


def test_a_row_where_one_side_wins_each_is_a_modification_that_says_both() -> None:
    plan = dresse(
        [decision("1", "a", iban=AUTRE_IBAN, base_iban=IBAN, client_id="d", base_client_id="c")],
        [ligne_crm("a", crm_iban="FR00", crm_client_id="c", modifie_crm=AUJOURDHUI)],
    )
    (ligne,) = lignes(plan).values()
    assert (ligne["action"], ligne["a_ecrire"], ligne["iban"], ligne["client_id"]) == (
        "modification",
        "{client_id}",
        None,
        "d",
    )
    assert {nom: e["gagnant"] for nom, e in json.loads(ligne["champs"]).items()} == {
        "iban": "crm",
        "client_id": "source",
    }


def test_a_row_takes_its_rule_from_the_node_that_spoke_last() -> None:
    for siens in (("1", "2"), ("2", "1")):
        noeuds = [
            decision(siens[0], "a", HIER, client_id="ines", regle="email"),
            decision(siens[1], "a", AUJOURDHUI, iban=IBAN, regle="telephone", preuve="{}"),
        ]
        (ligne,) = lignes(dresse(noeuds, [ligne_crm("a")])).values()
        assert (ligne["regle"], ligne["preuve"]) == ("telephone", "{}")


def test_a_row_that_exists_says_its_new_base_and_a_row_to_be_made_does_not() -> None:
    plan = dresse(
        [decision("1", "a", iban=AUTRE_IBAN, base_iban=IBAN, base_client_id="c"), decision("2", "b", iban=IBAN)],
        [ligne_crm("a", crm_iban=IBAN, crm_client_id="c")],
    )
    assert mondes.bases(plan) == {"a": {"iban": AUTRE_IBAN, "bic": None, "client_id": "c"}}


def test_an_empty_field_of_the_crm_is_filled_from_nothing() -> None:
    plan = dresse([decision("1", "a", bic="BNPAFRPP")], [ligne_crm("a", crm_iban=IBAN)])
    assert json.loads(lignes(plan)["a"]["champs"])["bic"]["avant"] is None


@pytest.mark.parametrize("crm_bic", ["BNPAFRPP", "AUTRE"])
def test_a_row_that_is_as_it_should_be_is_in_no_plan(crm_bic: str) -> None:
    rien = decision("1", "a", iban=f" {IBAN} ", base_iban=IBAN, bic="BNPAFRPP", base_bic="BNPAFRPP")
    plan = dresse([rien], [ligne_crm("a", crm_iban=IBAN, crm_bic=crm_bic)])
    assert plan.lignes.num_rows == 0
    assert plan.conflits == 0


def test_nothing_decided_is_an_empty_plan() -> None:
    assert dresse([]).lignes.num_rows == 0


def test_made_and_changed_rows_stand_in_one_plan() -> None:
    plan = dresse(
        [decision("1", "a", client_id="ines"), decision("2", "b", client_id="paul"), decision("3", "c", iban=IBAN)],
        [ligne_crm("c", crm_iban=IBAN), ligne_crm("b", crm_client_id="zoe", modifie_crm=AVANT_HIER)],
    )
    assert lignes(plan)["b"]["jeton"] == "xmin-b"
    assert {crm_id: ligne["action"] for crm_id, ligne in lignes(plan).items()} == {"a": "creation", "b": "modification"}


def test_several_nodes_of_a_row_to_be_made_are_one_row_with_the_latest_values() -> None:
    plan = dresse(
        [
            decision("1", "a", HIER, iban=IBAN, client_id="ines"),
            decision("2", "a", AUJOURDHUI, iban=AUTRE_IBAN),
        ]
    )
    assert {nom: lignes(plan)["a"][nom] for nom in NOMS} == {"iban": AUTRE_IBAN, "bic": None, "client_id": "ines"}


# --- Ids


def decisions(*paires: tuple[str | None, str | None]) -> pa.RecordBatch:
    return tableau(("source_id", "crm_id", "groupe"), [(str(i), crm, groupe) for i, (crm, groupe) in enumerate(paires)])


def test_new_rows_get_one_id_for_each_group_and_known_ones_keep_theirs() -> None:
    complete = attribuer_ids(decisions((None, "g1"), ("a", "g1"), (None, "g2"), (None, "g1"), ("b", None)))
    ids = complete["crm_id"].to_pylist()
    assert complete["nouveau"].to_pylist() == [True, False, True, True, False]
    assert (ids[1], ids[4]) == ("a", "b")
    assert ids[0] == ids[3] != ids[2]
    assert complete["crm_id"].type == complete["source_id"].type


def test_ids_are_random_uuids() -> None:
    ids = attribuer_ids(decisions(*((None, f"g{i}") for i in range(500))))["crm_id"].to_pylist()
    assert len(set(ids)) == 500
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i) for i in ids)
    assert {i[19] for i in ids} == set("89ab")
    encore = attribuer_ids(decisions((None, "g0")))["crm_id"].to_pylist()
    assert encore[0] not in ids


def test_no_new_row_and_no_row_at_all() -> None:
    assert attribuer_ids(decisions(("a", None)))["crm_id"].to_pylist() == ["a"]
    assert attribuer_ids(decisions()).num_rows == 0

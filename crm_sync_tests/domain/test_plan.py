"""The plan: one row for each CRM row to be made or changed, and none for what is as it should be."""

import json
import re
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.domain.plan import COLONNES, Plan, attribuer_ids, dresser
from crm_sync.domain.types import CHAMPS, cadre
from crm_sync_tests.domain import oracle

ENTITE = "information_paiement"
NOMS = [champ.nom for champ in CHAMPS[ENTITE]]
DECISIONS = ("source_id", "crm_id", "modifie_a", "regle", "preuve", *NOMS, *(f"base_{nom}" for nom in NOMS))
INSTANTANE = ("crm_id", "jeton", *(f"crm_{nom}" for nom in NOMS))
IBAN, AUTRE_IBAN = "FR1420041010050500013M02606", "FR7630006000011234567890189"
HIER, AUJOURDHUI = "2025-03-01 08:00:00+00", "2025-03-02 08:00:00+00"

Ligne = dict[str, str | None]


def decision(source_id: str, crm_id: str, modifie_a: str | None = HIER, **valeurs: str | None) -> Ligne:
    communs = {"source_id": source_id, "crm_id": crm_id, "modifie_a": modifie_a, "regle": "lien"}
    return {**dict.fromkeys(DECISIONS), **communs, **valeurs}


def ligne_crm(crm_id: str, **valeurs: str | None) -> Ligne:
    return {**dict.fromkeys(INSTANTANE), "crm_id": crm_id, "jeton": f"xmin-{crm_id}", **valeurs}


def dresse(decisions: Sequence[Ligne], crm: Sequence[Ligne] = ()) -> Plan:
    plan = dresser(
        ENTITE,
        cadre(DECISIONS, [tuple(d[c] for c in DECISIONS) for d in decisions]),
        cadre(INSTANTANE, [tuple(c[colonne] for colonne in INSTANTANE) for c in crm]),
    )
    assert plan.lignes["crm_id"].is_unique
    assert set(plan.lignes.columns) == {*COLONNES, *NOMS}
    return plan


def lignes(plan: Plan) -> dict[str, Ligne]:
    """CRM id → its row of the plan, NA as None."""
    return {
        ligne["crm_id"]: {cle: None if pd.isna(v) else v for cle, v in ligne.items() if cle != "crm_id"}
        for ligne in plan.lignes.to_dict("records")
    }


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
    assert json.loads(ligne["champs"]) == {"iban": {"avant": IBAN, "apres": AUTRE_IBAN}}
    assert {nom: ligne[nom] for nom in NOMS} == {"iban": AUTRE_IBAN, "bic": None, "client_id": None}
    assert plan.conflits == 0


def test_what_both_sides_changed_is_written_counted_and_said() -> None:
    plan = dresse(
        [decision("1", "a", iban=AUTRE_IBAN, base_iban=IBAN, client_id="c", base_client_id="c")],
        [ligne_crm("a", crm_iban="FR00", crm_client_id="c")],
    )
    (ligne,) = lignes(plan).values()
    assert json.loads(ligne["champs"]) == {"iban": {"avant": "FR00", "apres": AUTRE_IBAN, "conflit": "source"}}
    assert plan.conflits == 1


def test_an_empty_field_of_the_crm_is_filled_from_nothing() -> None:
    plan = dresse([decision("1", "a", bic="BNPAFRPP")], [ligne_crm("a", crm_iban=IBAN)])
    assert json.loads(lignes(plan)["a"]["champs"])["bic"]["avant"] is None


@pytest.mark.parametrize("crm_bic", ["BNPAFRPP", "AUTRE"])
def test_a_row_that_is_as_it_should_be_is_in_no_plan(crm_bic: str) -> None:
    rien = decision("1", "a", iban=f" {IBAN} ", base_iban=IBAN, bic="BNPAFRPP", base_bic="BNPAFRPP")
    plan = dresse([rien], [ligne_crm("a", crm_iban=IBAN, crm_bic=crm_bic)])
    assert plan.lignes.empty
    assert plan.conflits == 0


def test_nothing_decided_is_an_empty_plan() -> None:
    assert dresse([]).lignes.empty


def test_made_and_changed_rows_stand_in_one_plan() -> None:
    plan = dresse(
        [decision("1", "a", client_id="ines"), decision("2", "b", client_id="paul"), decision("3", "c", iban=IBAN)],
        [ligne_crm("b", crm_client_id="zoe"), ligne_crm("c", crm_iban=IBAN)],
    )
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


def decisions(*paires: tuple[str | None, str | None]) -> pd.DataFrame:
    return cadre(("source_id", "crm_id", "groupe"), [(str(i), crm, groupe) for i, (crm, groupe) in enumerate(paires)])


def test_new_rows_get_one_id_for_each_group_and_known_ones_keep_theirs() -> None:
    complete = attribuer_ids(decisions((None, "g1"), ("a", "g1"), (None, "g2"), (None, "g1"), ("b", None)))
    ids = complete["crm_id"].tolist()
    assert complete["nouveau"].tolist() == [True, False, True, True, False]
    assert (ids[1], ids[4]) == ("a", "b")
    assert ids[0] == ids[3] != ids[2]
    assert complete["crm_id"].dtype == complete["source_id"].dtype


def test_ids_are_random_uuids() -> None:
    ids = attribuer_ids(decisions(*((None, f"g{i}") for i in range(500))))["crm_id"].tolist()
    assert len(set(ids)) == 500
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i) for i in ids)
    assert {i[19] for i in ids} == set("89ab")
    encore = attribuer_ids(decisions((None, "g0")))["crm_id"].tolist()
    assert encore[0] not in ids


def test_no_new_row_and_no_row_at_all() -> None:
    assert attribuer_ids(decisions(("a", None)))["crm_id"].tolist() == ["a"]
    assert attribuer_ids(decisions()).empty


# --- Laws

VALEURS = {
    "iban": st.sampled_from([None, IBAN, AUTRE_IBAN, f"{IBAN[:4]} {IBAN[4:]}"]),
    "bic": st.sampled_from([None, "B", "C"]),
    "client_id": st.sampled_from([None, "ines", "paul"]),
}


@st.composite
def cas(draw) -> tuple[list[Ligne], list[Ligne]]:
    crm = [ligne_crm(i, **{f"crm_{n}": draw(VALEURS[n]) for n in NOMS}) for i in "ab" if draw(st.booleans())]
    decidees = [
        decision(
            str(i),
            draw(st.sampled_from("abc")),
            draw(st.sampled_from([None, HIER, AUJOURDHUI])),
            **{f"{sorte}{n}": draw(VALEURS[n]) for n in NOMS for sorte in ("", "base_")},
        )
        for i in range(draw(st.integers(0, 6)))
    ]
    return decidees, crm


@settings(deadline=None, max_examples=50)
@given(cas(), st.randoms(use_true_random=False))
def test_a_plan_is_what_the_oracle_says_and_once_applied_there_is_no_other(donnees, hasard) -> None:
    decidees, crm = donnees
    plan = dresse(decidees, crm)
    prevues = lignes(plan)

    presentes = {ligne["crm_id"]: ligne for ligne in crm}
    rencontres = [{**d, **presentes[d["crm_id"]]} for d in decidees if d["crm_id"] in presentes]
    creees = oracle.reunion([d for d in decidees if d["crm_id"] not in presentes], CHAMPS[ENTITE])
    changees: dict[str, dict[str, str]] = {}
    for (crm_id, champ), (_, apres, _) in oracle.fusion(rencontres, CHAMPS[ENTITE]).items():
        changees.setdefault(crm_id, {})[champ] = apres
    assert {i: {n: ligne[n] for n in NOMS} for i, ligne in prevues.items() if ligne["action"] == "creation"} == creees
    modifiees = {i: ligne for i, ligne in prevues.items() if ligne["action"] == "modification"}
    assert {i: {n: ligne[n] for n in NOMS if ligne[n] is not None} for i, ligne in modifiees.items()} == changees
    assert {i: set(ligne["a_ecrire"][1:-1].split(",")) for i, ligne in modifiees.items()} == {
        i: set(champs) for i, champs in changees.items()
    }
    assert all(set(json.loads(ligne["champs"])) == set(changees[i]) for i, ligne in modifiees.items())

    melange = list(decidees)
    hasard.shuffle(melange)
    valeurs = lignes(dresse(melange, crm[::-1]))
    assert {i: {n: ligne[n] for n in NOMS} for i, ligne in valeurs.items()} == {
        i: {n: ligne[n] for n in NOMS} for i, ligne in prevues.items()
    }

    apres = {**{i: ligne_crm(i) for i in creees}, **presentes}
    for i, ligne in prevues.items():
        apres[i] = {**apres[i], **{f"crm_{n}": ligne[n] for n in NOMS if ligne[n] is not None}}
    dites = [{**d, **{f"base_{n}": d[f"base_{n}"] if d[n] is None else d[n] for n in NOMS}} for d in decidees]
    assert dresse(dites, list(apres.values())).lignes.empty

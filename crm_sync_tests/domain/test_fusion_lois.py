"""The laws of *the most recent wins*, on worlds of several nodes, clocks and memories, against a slow oracle."""

from collections import Counter
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.domain.types import CHAMPS
from crm_sync_tests.domain import oracle_fusion
from crm_sync_tests.domain.mondes_fusion import (
    MAINTENANT,
    NOMS,
    Ligne,
    appliquer,
    bases,
    decision,
    dresse,
    entrees,
    lignes,
    mondes,
    valeurs,
    vus,
)
from crm_sync_tests.domain.oracle import memes_valeurs

pytestmark = pytest.mark.longue

CHAMPS_CLIENT = CHAMPS["client"]
LOI = settings(deadline=None, max_examples=7)  # each example is a whole table

TABLE = {
    "personne",
    "source",
    "le CRM",
    "les deux, la même",
    "plus_recent, gagne",
    "plus_recent, perd",
    "plus_recent, à égalité",
    "vide",
    "rencontre, la même",
    "premiere_rencontre, gagne",
    "premiere_rencontre, perd",
    "premiere_rencontre, à égalité",
    "premiere_rencontre, sans heure",
    "muette",
}


def verdicts(noeuds: list[Ligne], crm: list[Ligne]) -> dict[str, oracle_fusion.Verdict]:
    return {
        ligne["crm_id"]: oracle_fusion.juger(
            [n for n in noeuds if n["crm_id"] == ligne["crm_id"]], ligne, CHAMPS_CLIENT, MAINTENANT
        )
        for ligne in crm
    }


def test_whole_tables_are_decided_as_row_by_row_and_every_line_of_the_table_fires() -> None:
    passages: Counter[str] = Counter()

    @settings(deadline=None, max_examples=22, derandomize=True)
    @given(mondes())
    def comparer(monde) -> None:
        noeuds, crm = monde
        plan = dresse("client", noeuds, crm)
        attendus = verdicts(noeuds, crm)
        assert entrees(plan) == {i: v.entrees for i, v in attendus.items() if v.entrees}
        assert plan.conflits == sum(v.conflits for v in attendus.values())
        assert vus(plan) == {i: v.vu for i, v in attendus.items() if v.vu}
        assert bases(plan) == {i: v.base for i, v in attendus.items()}
        for i, ligne in lignes(plan).items():
            ecrits = attendus[i].ecrits
            assert {n: ligne[n] for n in NOMS if ligne[n] is not None} == ecrits
            assert set(filter(None, ligne["a_ecrire"][1:-1].split(","))) == set(ecrits)
            assert ligne["action"] == ("modification" if ecrits else "conflit")
        for verdict in attendus.values():
            passages.update(verdict.lignes_de_la_table)

    comparer()
    assert set(passages) == TABLE
    assert min(passages.values()) >= 3, passages


@LOI
@given(mondes())
def test_applying_a_plan_and_deciding_again_writes_nothing_and_finds_no_conflict(monde) -> None:
    noeuds, crm = monde
    plan = dresse("client", noeuds, crm)
    encore = dresse("client", *appliquer("client", plan, noeuds, crm))
    assert encore.lignes.num_rows == 0
    assert encore.conflits == 0
    assert bases(encore) == bases(plan)
    assert vus(encore) == vus(plan), "what was seen keeps the moment of the first time"


@LOI
@given(mondes())
def test_null_never_erases_and_nothing_is_invented(monde) -> None:
    noeuds, crm = monde
    for crm_id, ligne in entrees(dresse("client", noeuds, crm)).items():
        for nom, entree in ligne.items():
            if entree["gagnant"] == "source":
                assert entree["apres"] in {n[nom] for n in noeuds if n["crm_id"] == crm_id} - {None}


@LOI
@given(mondes())
def test_what_the_crm_changed_alone_stays(monde) -> None:
    noeuds, crm = monde
    par_rang = {
        crm_id: {nom: v or "connue" for nom, v in base.items()}
        for crm_id, base in bases(dresse("client", noeuds, crm)).items()
    }
    muets = [
        {**n, **par_rang[n["crm_id"]], **{f"base_{nom}": v for nom, v in par_rang[n["crm_id"]].items()}} for n in noeuds
    ]
    plan = dresse("client", muets, crm)
    assert plan.lignes.num_rows == 0


@LOI
@given(mondes(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(monde, hasard) -> None:
    noeuds, crm = monde
    plan = dresse("client", noeuds, crm)
    melanges = list(noeuds)
    hasard.shuffle(melanges)
    autre = dresse("client", melanges, crm[::-1])
    assert (entrees(autre), vus(autre), bases(autre)) == (entrees(plan), vus(plan), bases(plan))


@settings(LOI, max_examples=4)
@given(mondes())
def test_one_row_s_decision_does_not_depend_on_the_others(monde) -> None:
    noeuds, crm = monde
    seules, souvenirs = {}, {}
    for ligne in crm:
        plan = dresse("client", [n for n in noeuds if n["crm_id"] == ligne["crm_id"]], [ligne])
        seules |= entrees(plan)
        souvenirs |= vus(plan)
    ensemble = dresse("client", noeuds, crm)
    assert (seules, souvenirs) == (entrees(ensemble), vus(ensemble))


# --- A then B is B alone

RANGS = {"a0": "a", "b0": "b", "b1": "b", "c0": "c", "c1": "c", "c2": "c"}


@st.composite
def versions(draw) -> list[dict[str, Ligne]]:
    """Successive answers: each node keeps its version or has a new one, whose updatedAt is later than its last."""
    minute = count(1)
    reponses: list[dict[str, Ligne]] = []
    for _ in range(draw(st.integers(2, 4))):
        reponse = {}
        ordre = draw(st.permutations(sorted(RANGS)))
        for qui in ordre:
            if reponses and draw(st.booleans()):
                reponse[qui] = reponses[-1][qui]
                continue
            le = f"2025-03-01 08:{next(minute):02}:00+00"
            reponse[qui] = decision("client", qui, RANGS[qui], le, empreinte=le, **{n: draw(valeurs[n]) for n in NOMS})
        reponses.append(reponse)
    return reponses


def synchroniser(
    reponse: dict[str, Ligne], liens: dict[str, Ligne], crm: list[Ligne], maintenant: str
) -> tuple[dict[str, Ligne], list[Ligne], int]:
    """One sync over what the last one left."""
    du_lien = [c for c in decision("client", "", "") if c.startswith(("lien_", "base_")) or c == "vu"]
    noeuds = [{**n, **{c: liens[qui][c] for c in du_lien if qui in liens}} for qui, n in reponse.items()]
    plan = dresse("client", noeuds, crm, maintenant)
    apres, crm = appliquer("client", plan, noeuds, crm, maintenant)
    return {str(n["source_id"]): n for n in apres}, crm, plan.conflits


@LOI
@given(versions())
def test_answers_one_after_the_other_leave_the_values_of_the_last_one_alone_and_no_conflict(reponses) -> None:
    liens: dict[str, Ligne] = {}
    crm: list[Ligne] = []
    for jour, reponse in enumerate(reponses, 1):
        liens, crm, conflits = synchroniser(reponse, liens, crm, f"2025-03-1{jour} 00:00:00+00")
        assert conflits == 0
        assert all(lien["vu"] is None for lien in liens.values()), "nobody touched the CRM"
    _, seule, _ = synchroniser(reponses[-1], {}, [], MAINTENANT)
    suite = {ligne["crm_id"]: ligne for ligne in crm}
    for ligne in seule:
        for champ in CHAMPS_CLIENT:
            dite = ligne[f"crm_{champ.nom}"]  # what the last answer does not say is not erased
            assert dite is None or memes_valeurs(suite[ligne["crm_id"]][f"crm_{champ.nom}"], dite, champ)


def test_where_a_prospect_falls_silent_the_other_s_next_word_is_no_conflict_with_our_own_write() -> None:
    def dit(source_id: str, minute: int, email: str | None) -> Ligne:
        le = f"2025-03-01 08:{minute:02}:00+00"
        return decision("client", source_id, "a", le, empreinte=le, nom="Moreau", email=email)

    liens: dict[str, Ligne] = {}
    crm: list[Ligne] = []
    ecrits = []
    for heure, (un, deux) in enumerate(
        (
            (dit("1", 10, "a@x.fr"), dit("2", 5, "b@x.fr")),
            (dit("1", 20, None), dit("2", 5, "b@x.fr")),
            (dit("1", 20, None), dit("2", 30, "d@x.fr")),
        ),
        9,
    ):
        liens, crm, conflits = synchroniser({"1": un, "2": deux}, liens, crm, f"2025-03-01 {heure:02}:00:00+00")
        ecrits.append(crm[0]["crm_email"])
        assert conflits == 0
    assert ecrits == ["a@x.fr", "b@x.fr", "d@x.fr"]

"""Disappearance: what one answer proves, and whole histories of answers against an oracle that replays each from its start."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crm_sync.domain.disparition import Absence, Jugement, Noeud, Seuils, est_complete, juger, tolerance

HIER = datetime(2026, 3, 2, 8, tzinfo=UTC)
SEUILS = Seuils(heures=24, reponses=3)
A, B = ("client", "1"), ("contrat", "1/R1")


def prospects(nombre: int) -> list[Noeud]:
    return [("client", str(numero)) for numero in range(nombre)]


@pytest.mark.parametrize(
    ("connus", "tolere"), [(0, 1), (1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (29, 2), (30, 3), (100_000, 10_000)]
)
def test_ten_percent_rounded_down_and_one_at_least_may_be_missing(connus: int, tolere: int) -> None:
    assert tolerance(connus) == tolere
    assert est_complete({"client": connus}, prospects(tolere), doublons=False)
    assert not est_complete({"client": connus}, prospects(tolere + 1), doublons=False)


def test_prospects_and_contracts_are_each_measured_by_their_own_number() -> None:
    contrats = [("contrat", f"1/R{numero}") for numero in range(3)]
    assert est_complete({"client": 1, "contrat": 30}, contrats, doublons=False)
    assert not est_complete({"client": 1000, "contrat": 20}, contrats, doublons=False)


def test_bank_details_do_not_make_an_answer_incomplete() -> None:
    details = [("information_paiement", f"{numero}/x") for numero in range(50)]
    assert est_complete({"client": 10, "contrat": 10, "information_paiement": 50}, details, doublons=False)


def test_a_prospect_that_came_twice_makes_an_answer_incomplete_though_it_lacks_nothing() -> None:
    assert not est_complete({"client": 10}, [], doublons=True)


def un_jugement(
    *, heures: float = 0, reponses: int = 0, complete: bool = True, approbation: int | None = None
) -> Jugement:
    """Judge an answer that lacks A, missing for so many hours in so many complete answers before."""
    absences = {A: Absence(HIER, reponses)} if reponses else {}
    return juger(
        HIER + timedelta(hours=heures),
        complete=complete,
        manquants=[A],
        tenus=(),
        absences=absences,
        seuils=SEUILS,
        approbation=approbation,
    )


@pytest.mark.parametrize(
    ("reponses", "heures", "marque"),
    [(2, 24, True), (2, 23.99, False), (1, 48, False), (0, 0, False), (9, 23, False), (9, 24, True)],
)
def test_gone_after_three_answers_and_a_day_and_not_before(reponses: int, heures: float, marque: bool) -> None:
    jugement = un_jugement(reponses=reponses, heures=heures)
    absence = jugement.absences[A]
    assert (absence.depuis, absence.reponses) == (HIER, reponses + 1)
    assert absence.disparu_le == (HIER + timedelta(hours=heures) if marque else None)
    assert jugement.marques == ({A} if marque else set())


def test_an_incomplete_answer_neither_counts_nor_resets_and_withholds() -> None:
    jugement = un_jugement(reponses=2, heures=48, complete=False)
    assert jugement == Jugement(complete=False, retenus=1)


@pytest.mark.parametrize("complete", [True, False])
def test_an_approval_marks_at_once_and_is_spent(complete: bool) -> None:
    jugement = un_jugement(complete=complete, approbation=1)
    assert jugement.complete
    assert jugement.retenus == 0
    assert jugement.marques == {A}
    assert jugement.approbation_utilisee


def test_an_approval_of_fewer_is_not_spent_and_changes_nothing() -> None:
    jugement = un_jugement(complete=False, approbation=0)
    assert jugement == Jugement(complete=False, retenus=1)


def test_what_is_held_again_comes_back_by_an_incomplete_answer_too() -> None:
    absences = {A: Absence(HIER, 5, HIER), B: Absence(HIER, 2)}
    jugement = juger(HIER, complete=False, manquants=[B], tenus=[A, ("client", "9")], absences=absences, seuils=SEUILS)
    assert jugement.revenus == {A}
    assert jugement.retenus == 1


# --- Histories -------------------------------------------------------------------------------------------------------

MONDE = [*prospects(22), *(("contrat", f"{numero}/R") for numero in range(22))]
PRESENT, ABSENT, ILLISIBLE = "présent", "absent", "illisible"
VU = Counter[str]()
# The same histories at each run: that each rule fired is asserted below.
LOI = settings(deadline=None, max_examples=150, stateful_step_count=30, derandomize=True)


@dataclass(frozen=True)
class Lue:
    """An answer of a history: when it came, what it says of each node, and what was approved before it."""

    le: datetime
    dit: dict[Noeud, str]
    doublons: bool
    approuves: int | None


def rejouer(histoire: list[Lue]) -> tuple[dict[Noeud, tuple[datetime, int, datetime | None]], list[tuple[bool, int]]]:
    """Replay a history in the slow and obvious way: open absences (since, answers, marked), and each answer's verdict."""
    depuis: dict[Noeud, datetime] = {}
    compte: dict[Noeud, int] = {}
    disparus: dict[Noeud, datetime] = {}
    verdicts = []
    for lue in histoire:
        connus = [noeud for noeud in MONDE if noeud not in disparus]
        manquants = [noeud for noeud in connus if lue.dit[noeud] == ABSENT]
        complete = not lue.doublons
        for entite in ("client", "contrat"):
            absents = sum(1 for noeud in manquants if noeud[0] == entite)
            tous = sum(1 for noeud in connus if noeud[0] == entite)
            complete = complete and (absents <= 1 or absents * 10 <= tous)
        approuvee = lue.approuves is not None and len(manquants) <= lue.approuves
        for noeud in MONDE:
            if lue.dit[noeud] == PRESENT:
                for memoire in (depuis, compte, disparus):
                    memoire.pop(noeud, None)  # type: ignore[attr-defined]
            elif noeud in manquants and (complete or approuvee):
                depuis.setdefault(noeud, lue.le)
                compte[noeud] = compte.get(noeud, 0) + 1
                if approuvee or (compte[noeud] >= 3 and lue.le >= depuis[noeud] + timedelta(hours=24)):
                    disparus[noeud] = lue.le
        verdicts.append((complete or approuvee, 0 if complete or approuvee else len(manquants)))
    return {noeud: (depuis[noeud], compte[noeud], disparus.get(noeud)) for noeud in depuis}, verdicts


class Histoire(RuleBasedStateMachine):
    """Answers that lack this or that, hours passing, approvals; the rules keep their state as the tables would."""

    def __init__(self) -> None:
        super().__init__()
        self.maintenant = HIER
        self.absences: dict[Noeud, Absence] = {}
        self.approbation: int | None = None
        self.histoire: list[Lue] = []
        self.jugements: list[Jugement] = []
        self.dit = dict.fromkeys(MONDE, PRESENT)

    @rule(heures=st.sampled_from([1, 8, 25]))
    def le_temps_passe(self, heures: int) -> None:
        self.maintenant += timedelta(hours=heures)

    @rule(ecart=st.integers(-1, 1))
    def approuver(self, ecart: int) -> None:
        """Approve what is missing now, one fewer or one more."""
        self.approbation = max(0, len(self._manquants()) + ecart)

    @rule(
        absents=st.lists(st.sampled_from(MONDE), min_size=1, max_size=5),
        illisibles=st.lists(st.sampled_from(MONDE), max_size=1),
    )
    def la_source_change(self, absents: list[Noeud], illisibles: list[Noeud]) -> None:
        self.dit = dict.fromkeys(MONDE, PRESENT) | dict.fromkeys(absents, ABSENT) | dict.fromkeys(illisibles, ILLISIBLE)

    @rule(noeud=st.sampled_from(MONDE), dit=st.sampled_from([PRESENT, ABSENT, ILLISIBLE]))
    def un_noeud_change(self, noeud: Noeud, dit: str) -> None:
        self.dit = self.dit | {noeud: dit}

    @rule()
    def tout_revient(self) -> None:
        self.dit = dict.fromkeys(MONDE, PRESENT)

    @rule(
        doublons=st.sampled_from([False, False, False, True]), fois=st.integers(1, 4), pas=st.sampled_from([1, 9, 12])
    )
    def elle_repond(self, doublons: bool, fois: int, pas: int) -> None:
        for _ in range(fois):
            self.maintenant += timedelta(hours=pas)
            self._une_reponse(doublons)

    def _marques(self) -> set[Noeud]:
        return {noeud for noeud, absence in self.absences.items() if absence.disparu_le}

    def _manquants(self) -> list[Noeud]:
        return [noeud for noeud in MONDE if self.dit[noeud] == ABSENT and noeud not in self._marques()]

    def _une_reponse(self, doublons: bool) -> None:
        manquants = self._manquants()
        connus = Counter(noeud[0] for noeud in MONDE if noeud not in self._marques())
        jugement = juger(
            self.maintenant,
            complete=est_complete(connus, manquants, doublons=doublons),
            manquants=manquants,
            tenus=[noeud for noeud in MONDE if self.dit[noeud] == PRESENT],
            absences=self.absences,
            seuils=SEUILS,
            approbation=self.approbation,
        )
        self.histoire.append(Lue(self.maintenant, self.dit, doublons, self.approbation))
        self.jugements.append(jugement)
        if jugement.approbation_utilisee:
            self.approbation = None
        self.absences = {
            noeud: absence for noeud, absence in self.absences.items() if noeud not in jugement.revenus
        } | dict(jugement.absences)
        VU["approuvés"] += jugement.approbation_utilisee and bool(jugement.marques)
        VU["mûrs"] += bool(jugement.marques) and not jugement.approbation_utilisee
        VU["retenus"] += bool(jugement.retenus)
        VU["revenus"] += bool(jugement.revenus)
        VU["approbation trop petite"] += self.approbation is not None and not jugement.complete

    @invariant()
    def comme_l_oracle(self) -> None:
        ouvertes, verdicts = rejouer(self.histoire)
        assert {n: (a.depuis, a.reponses, a.disparu_le) for n, a in self.absences.items()} == ouvertes
        assert [(jugement.complete, jugement.retenus) for jugement in self.jugements] == verdicts


def test_histories_of_answers_end_as_replayed_from_their_start() -> None:
    VU.clear()
    run_state_machine_as_test(Histoire, settings=LOI)
    assert min(VU[quoi] for quoi in ("approuvés", "mûrs", "retenus", "revenus", "approbation trop petite")) >= 3, VU

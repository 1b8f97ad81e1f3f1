"""Sequences of source changes, edits, syncs and undone runs, compared after each step with an obvious model.

No node has an `updatedAt` here: what the source changed is dated by the sync that saw it, and so is later than any edit before.
"""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm_sync import chaine
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, contrat, passer, prospect

pytestmark = pytest.mark.longue

VALEURS = {
    "telephone": ("0199000001", "0199000002", "0199000003"),
    "description": ("relu", "à relire", "signé au bureau"),
    "montant": ("10.00", "20.50", "35.00"),
}
OU = {
    "telephone": ("service_core.client_base", "telephone"),
    "description": ("service_commercial.contrat", "description"),
    "montant": ("service_commercial.contrat", "montant"),
}
CHAMPS = st.sampled_from(sorted(VALEURS))
RANGS = st.integers(0, 2)


class Annulations(RuleBasedStateMachine):
    """One client with one contract; the model is three dictionaries."""

    base: Base
    passages: Counter[str]

    @initialize()
    def commencer(self) -> None:
        self.base.lire(
            "truncate service_core.client_base, service_commercial.contrat, service_commercial.apporteur cascade"
        )
        self.base.lire("truncate service_core.utilisateur, service_finance.information_paiement_bancaire cascade")
        for table in ("lien_externe", "plan", "lot", "clients", "contrats", "informations_paiement", "normalisation"):
            self.base.lire(f"truncate crm_sync.{table}")
        self.base.lire("truncate crm_sync.cle_client, crm_sync.contrat_vente, crm_sync.repos")
        self.source = {champ: valeurs[0] for champ, valeurs in VALEURS.items()}
        self.commune, self.crm = dict(self.source), dict(self.source)
        self.run, self.ecrits = "", dict[str, tuple[str, str]]()
        self._passer()

    def _passer(self) -> str:
        envoi = prospect(
            1,
            contrat("R1", description=self.source["description"], montant=self.source["montant"]),
            telephone=self.source["telephone"],
        )
        return passer(self.base, envoi).synchronisation_id

    @rule(champ=CHAMPS, rang=RANGS)
    def la_source_change(self, champ: str, rang: int) -> None:
        self.source[champ] = VALEURS[champ][rang]

    @rule(champ=CHAMPS, rang=RANGS)
    def une_personne_corrige(self, champ: str, rang: int) -> None:
        table, colonne = OU[champ]
        self.crm[champ] = VALEURS[champ][rang]
        self.base.lire(f"update {table} set {colonne} = %s, updated_at = now()", self.crm[champ])  # noqa: S608

    @rule()
    def synchroniser(self) -> None:
        run = self._passer()
        ecrits = {}
        for champ, dit in self.source.items():
            if dit != self.commune[champ] and dit != self.crm[champ]:
                self.passages["conflit" if self.crm[champ] != self.commune[champ] else "source"] += 1
                ecrits[champ] = (self.crm[champ], dit)
                self.crm[champ] = dit
            self.commune[champ] = dit
        if ecrits:
            self.run, self.ecrits = run, ecrits

    @precondition(lambda self: self.ecrits)
    @rule()
    def annuler(self) -> None:
        with self.base.bases() as bases:
            _, sorts = chaine.annuler(bases, self.run, montrer=False)
        attendus = {}
        for champ, (avant, apres) in self.ecrits.items():
            attendus[champ] = "restaure" if self.crm[champ] == apres else "garde"
            self.passages[attendus[champ]] += 1
            if attendus[champ] == "restaure":
                self.crm[champ] = avant
        assert {sort["champ"]: sort["sort"] for sort in sorts} == attendus

    @invariant()
    def le_crm_est_celui_du_modele(self) -> None:
        if not hasattr(self, "crm"):
            return
        lus: dict[str, Any] = {}
        for champ, (table, colonne) in OU.items():
            lus[champ] = self.base.valeur(f"select {colonne}::text from {table}")  # noqa: S608
        assert lus == self.crm


def test_whatever_is_undone_goes_back_where_it_still_is_and_stays_until_the_source_changes(
    postgres: ServeurEmbarque,
) -> None:
    with base_neuve(postgres) as base:
        passages: Counter[str] = Counter()
        machine = type("Machine", (Annulations,), {"base": base, "passages": passages})
        run_state_machine_as_test(
            machine,
            settings=settings(
                deadline=None,
                derandomize=True,
                max_examples=8,
                stateful_step_count=14,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
        assert not {"source", "conflit", "restaure", "garde"} - passages.keys(), passages

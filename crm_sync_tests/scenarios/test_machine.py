"""Sequences of syncs, edits and old answers against a real Postgres, compared after each sync with a slow oracle.

Time is told by one counter that both sides share, so that "the more recent" is what happened later in the story.
"""

from collections import Counter
from copy import deepcopy
from typing import Any

import psycopg
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

from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import BIC, TABLES_CRM, base_neuve, commercial, passer
from crm_sync_tests.scenarios.mondes_chaine import iban
from crm_sync_tests.scenarios.oracle_chaine import Noeud, OracleChaine

QUI = ("1", "2", "3")
VENDEURS = (None, "Martin", "Petit")
TABLES = {"client": "service_core.client_base", "contrat": "service_commercial.contrat"}
CLIENTS = (
    "select l.source_id, c.nom, c.prenom, c.email, c.telephone from crm_sync.lien as l "
    "join service_core.client_base as c on c.id::text = l.crm_id where l.entite = 'client'"
)
CONTRATS = (
    "select l.source_id, k.description, k.statut, k.montant::text, p.source_id, a.nom from crm_sync.lien as l "
    "join service_commercial.contrat as k on k.id::text = l.crm_id "
    "join service_commercial.apporteur as a on a.id = k.commercial_id "
    "left join crm_sync.lien as p on p.entite = 'client' and p.crm_id = k.client_id::text where l.entite = 'contrat'"
)
BANQUE = (
    "select l.source_id, b.iban, p.source_id from crm_sync.lien as l "
    "join service_finance.information_paiement_bancaire as b on b.id::text = l.crm_id "
    "join crm_sync.lien as p on p.entite = 'client' and p.crm_id = b.client_id::text "
    "where l.entite = 'information_paiement'"
)
KPI = (
    "select a.nom, k.nb_contrats from service_commercial.kpi_contrats_par_commercial as k "
    "join service_commercial.apporteur as a on a.id = k.commercial_id where k.nb_contrats > 0"
)

pytestmark = pytest.mark.longue


def moment(tic: int) -> str:
    return f"2026-03-01 {tic // 60:02d}:{tic % 60:02d}:00+00"


class Source:
    """What the source holds: plain values per prospect, each node with its time."""

    def __init__(self) -> None:
        self.prospects: dict[str, dict[str, Any]] = {}

    def reponse(self, sauf: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        return [_prospect(qui, p) for qui, p in self.prospects.items() if qui not in sauf]

    def noeuds(self, sauf: frozenset[str] = frozenset()) -> dict[str, dict[str, Noeud]]:
        """The same answer as the oracle reads it."""
        tout: dict[str, dict[str, Noeud]] = {"client": {}, "contrat": {}, "information_paiement": {}}
        for qui, p in self.prospects.items():
            if qui in sauf:
                continue
            personne = {"nom": f"Nom{qui}", **{c: p[c] for c in ("prenom", "email", "telephone")}}
            # A sales rep belongs to the prospect, and so is part of its content.
            tout["client"][qui] = Noeud({**personne, "_vendeur": p["vendeur"]}, p["le"], qui)
            for reference, k in p["contrats"].items():
                valeurs = {
                    "reference": reference,
                    **{c: k[c] for c in ("description", "statut", "montant")},
                    "statut_source": k["statut"],
                    "produit": "Fibre",
                    "commercial_id": p["vendeur"],
                    "_vendeur": p["vendeur"],
                }
                tout["contrat"][f"{qui}/{reference}"] = Noeud(valeurs, k["le"], qui)
            banque = {"iban": iban(int(qui), p["iban"]), "bic": BIC}
            tout["information_paiement"][f"{qui}/b"] = Noeud(banque, p["iban_le"], qui)
        return tout


def _prospect(qui: str, p: dict[str, Any]) -> dict[str, Any]:
    return {
        "idProspect": int(qui),
        "nom": f"Nom{qui}",
        **{c: p[c] for c in ("prenom", "email", "telephone")},
        "updatedAt": p["le"],
        "commercial": p["vendeur"] and commercial(p["vendeur"]),
        "Souscription": [
            {
                "offre": {"nom": "Fibre"},
                "contrats": [
                    {"titre": r, **{c: k[c] for c in ("description", "statut", "montant")}, "updatedAt": k["le"]}
                    for r, k in p["contrats"].items()
                ],
            }
        ],
        "informationsPaiement": [{"id": "b", "IBAN": iban(int(qui), p["iban"]), "BIC": BIC, "updatedAt": p["iban_le"]}],
    }


class Machine(RuleBasedStateMachine):
    """The source, the people and the syncs; `passages` counts what the oracle went through."""

    postgres: ServeurEmbarque
    passages: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.tic = 0
        self.source, self.oracle = Source(), OracleChaine()
        self.anciennes: list[Source] = []
        self.syncs = self.pas = 0

    @initialize()
    def commencer(self) -> None:
        self._pile = base_neuve(self.postgres)
        self.base: Base = self._pile.__enter__()
        for qui in QUI[:2]:
            self._ajouter(qui)
        self.synchroniser()

    def teardown(self) -> None:
        self.passages.update(self.oracle.passages)
        if hasattr(self, "_pile"):
            self._pile.__exit__(None, None, None)

    def _maintenant(self) -> str:
        self.tic += 1
        return moment(self.tic)

    def _ajouter(self, qui: str) -> None:
        le = self._maintenant()
        k = {"description": None, "statut": "signe", "montant": "29.90", "le": le}
        self.source.prospects[qui] = {
            "prenom": "Inès",
            "email": f"a{qui}@x.example.org",
            "telephone": f"06456701{int(qui):02d}",
            "vendeur": VENDEURS[int(qui) % 3],
            "iban": 1,
            "iban_le": le,
            "le": le,
            "contrats": {f"R{qui}": k},
        }

    # --- The source

    @rule(qui=st.sampled_from(QUI), n=st.integers(2, 4), champ=st.sampled_from(("prenom", "email", "telephone", None)))
    def la_source_change_une_personne(self, qui: str, n: int, champ: str | None) -> None:
        if qui not in self.source.prospects:
            self._ajouter(qui)
        p = self.source.prospects[qui]
        valeurs = {
            "prenom": f"Inès-{n}",
            "email": f"a{qui}{n}@x.example.org",
            "telephone": f"064567{n:02d}{int(qui):02d}",
        }
        if champ is None:
            p["telephone"] = None  # says nothing, and erases nothing
        else:
            p[champ] = valeurs[champ]
        p["le"] = self._maintenant()

    @rule(qui=st.sampled_from(QUI[:2]), vendeur=st.sampled_from(VENDEURS))
    def la_source_change_de_commercial(self, qui: str, vendeur: str | None) -> None:
        p = self.source.prospects[qui]
        p["vendeur"], p["le"] = vendeur, self._maintenant()

    @rule(
        qui=st.sampled_from(QUI[:2]),
        montant=st.sampled_from(("35.00", "40.00")),
        statut=st.sampled_from(("signe", "valide")),
    )
    def la_source_change_un_contrat(self, qui: str, montant: str, statut: str) -> None:
        contrats = self.source.prospects[qui]["contrats"]
        reference = f"R{qui}" if f"R{qui}" in contrats else f"S{qui}"
        contrats[reference] = {"description": None, "statut": statut, "montant": montant, "le": self._maintenant()}

    @rule(qui=st.sampled_from(QUI[:2]))
    def la_source_echange_un_contrat(self, qui: str) -> None:
        contrats = self.source.prospects[qui]["contrats"]
        k = {"description": None, "statut": "valide", "montant": "12.00", "le": self._maintenant()}
        if f"S{qui}" in contrats and f"R{qui}" in contrats:
            del contrats[f"R{qui}"]
        else:
            contrats[f"S{qui}"] = k

    @rule(qui=st.sampled_from(QUI[:2]), n=st.integers(1, 3))
    def la_source_change_un_iban(self, qui: str, n: int) -> None:
        self.source.prospects[qui] |= {"iban": n, "iban_le": self._maintenant()}

    # --- People in the CRM

    def _ecrire(self, entite: str, qui: str, champ: str, valeur: str) -> None:
        ligne = self.oracle.crm[entite].get(qui)
        if ligne is None:
            return
        le, cible = self._maintenant(), valeur
        if champ == "commercial_id":
            trouves = self.base.lire("select id::text from service_commercial.apporteur where nom = %s", valeur)
            if not trouves:
                return
            ((cible,),) = trouves
        self.base.lire(
            f"update {TABLES[entite]} set {champ} = %s, updated_at = %s "  # noqa: S608
            "where id::text = (select crm_id from crm_sync.lien where entite = %s and source_id = %s)",
            cible,
            le,
            entite,
            qui,
        )
        ligne.valeurs[champ], ligne.modifie_crm = valeur, le

    @rule(qui=st.sampled_from(QUI), champ=st.sampled_from(("prenom", "telephone", "email")))
    def une_personne_corrige_un_client(self, qui: str, champ: str) -> None:
        valeurs = {"prenom": "Inès-Lou", "telephone": f"06456799{int(qui):02d}", "email": f"a{qui}2@x.example.org"}
        self._ecrire("client", qui, champ, valeurs[champ])

    @rule(qui=st.sampled_from(QUI), champ=st.sampled_from(("montant", "statut", "description", "commercial_id")))
    def une_personne_corrige_un_contrat(self, qui: str, champ: str) -> None:
        valeurs = {"montant": "35.00", "statut": "annule", "description": "relu", "commercial_id": "Martin"}
        self._ecrire("contrat", f"{qui}/R{qui}", champ, valeurs[champ])

    @rule(qui=st.sampled_from(QUI[:2]))
    def une_personne_supprime_un_contrat(self, qui: str) -> None:
        """Delete one that the source then changes: it is not made again."""
        if f"R{qui}" in self.source.prospects[qui]["contrats"]:
            self.la_source_change_un_contrat(qui, "40.00", "valide")
        if self.oracle.crm["contrat"].pop(f"{qui}/R{qui}", None) is not None:
            self.base.lire("delete from service_commercial.contrat where reference = %s", f"R{qui}")

    @precondition(lambda self: self.syncs > 2)
    @rule()
    def une_personne_supprime_un_client(self) -> None:
        if self.oracle.crm["client"].pop("2", None) is not None:
            self.base.lire(
                "delete from service_core.client_base where id::text = "
                "(select crm_id from crm_sync.lien where entite = 'client' and source_id = '2')"
            )

    @rule(
        qui=st.sampled_from(QUI[:2]),
        n=st.integers(2, 4),
        champ=st.sampled_from(("prenom", "telephone", "email")),
        source=st.booleans(),
    )
    def les_deux_changent_un_client(self, qui: str, n: int, champ: str, *, source: bool) -> None:
        gestes = [
            lambda: self.la_source_change_une_personne(qui, n, champ),
            lambda: self.une_personne_corrige_un_client(qui, champ),
        ]
        for geste in gestes if source else gestes[::-1]:
            geste()

    @rule(qui=st.sampled_from(QUI[:2]), montant=st.sampled_from(("35.00", "40.00")), source=st.booleans())
    def les_deux_changent_un_contrat(self, qui: str, montant: str, *, source: bool) -> None:
        gestes = [
            lambda: self.la_source_change_un_contrat(qui, montant, "valide"),
            lambda: self.une_personne_corrige_un_contrat(qui, "montant"),
        ]
        for geste in gestes if source else gestes[::-1]:
            geste()

    # --- Syncs

    @invariant()
    def de_temps_en_temps(self) -> None:
        """A sync after every third step, whatever rules this run draws."""
        self.pas += 1
        if self.pas % 3 == 0:
            self.synchroniser()

    def _passer(self, source: Source, sauf: frozenset[str] = frozenset()) -> None:
        avant = self._ids()
        self.base.lire("delete from crm_sync.repos")  # at rest nothing looks whether a person deleted a client
        passer(self.base, *source.reponse(sauf))
        self.syncs += 1
        self.oracle.synchroniser(source.noeuds(sauf), f"2026-12-01 {self.syncs:02d}:00:00+00")
        assert avant <= self._ids(), "a sync deletes nothing"
        self._comparer()

    @rule()
    def synchroniser(self) -> None:
        self._passer(self.source)
        self.anciennes.append(deepcopy(self.source))

    @rule(qui=st.sampled_from(QUI))
    def une_reponse_partielle(self, qui: str) -> None:
        self._passer(self.source, frozenset({qui}))

    @precondition(lambda self: len(self.anciennes) > 1)
    @rule()
    def une_vieille_reponse(self) -> None:
        self._passer(self.anciennes[0])

    def _ids(self) -> set[tuple[str, str]]:
        with psycopg.connect(self.base.url) as connexion:
            return {
                (table, ligne[0])
                for table in TABLES_CRM
                for ligne in connexion.execute(f"select id::text from {table}")  # noqa: S608
            }

    def _comparer(self) -> None:
        crm = self.oracle.crm
        assert {q: v for q, *v in self.base.lire(CLIENTS)} == {
            q: [li.valeurs[c] for c in ("nom", "prenom", "email", "telephone")] for q, li in crm["client"].items()
        }
        assert self.base.valeur("select count(*) from service_core.client_base") == len(crm["client"])
        assert {q: v for q, *v in self.base.lire(CONTRATS)} == {
            q: [li.valeurs[c] for c in ("description", "statut", "montant", "client_id", "commercial_id")]
            for q, li in crm["contrat"].items()
        }
        assert {q: v for q, *v in self.base.lire(BANQUE)} == {
            q: [li.valeurs[c] for c in ("iban", "client_id")] for q, li in crm["information_paiement"].items()
        }
        assert dict(self.base.lire(KPI)) == Counter(li.valeurs["commercial_id"] for li in crm["contrat"].values())
        rejets = self.base.lire(
            "select entite, id_prospect, motif from crm_sync.rejet where ferme_le is null and present"
        )
        assert set(rejets) == self.oracle.rejets


def test_whatever_happens_in_between_each_sync_ends_as_the_oracle_says(postgres: ServeurEmbarque) -> None:
    passages: Counter[str] = Counter()

    class Ici(Machine):
        pass

    Ici.postgres, Ici.passages = postgres, passages
    run_state_machine_as_test(
        Ici,
        settings=settings(
            deadline=None,
            derandomize=True,
            max_examples=8,
            stateful_step_count=14,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    attendus = {"ancienne", "source", "le CRM", "muette", "creation contrat", "creation information_paiement"}
    attendus |= {"plus_recent, gagne", "plus_recent, perd", "ligne_supprimee", "client_supprime"}
    assert not attendus - passages.keys(), passages

"""Laws of identity, in villages where everybody shares something with somebody; the oracle answers beside it."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.domain.identity import REGLES_CLIENT
from crm_sync_tests.domain.mondes import (
    VENDEURS,
    Village,
    doublons,
    identite,
    nouvelles_personnes,
    personnes,
    villages,
)
from crm_sync_tests.domain.oracle_identite import Oracle

pytestmark = pytest.mark.longue

LOI = settings(deadline=None, max_examples=70)
MOTIFS = {
    "decision_different", "plusieurs", "naissance_differente", "prenom_different", "nom_different",
    "cle_vendeur", "cle_generique",
}  # fmt: skip
ISSUES = {*REGLES_CLIENT, *MOTIFS, "identifiant_reutilise", "client_supprime", "doublon", "groupe", "par_groupe"}


@pytest.fixture(scope="module")
def issues() -> Counter[str]:
    return Counter()


def test_a_whole_answer_is_identified_as_one_prospect_at_a_time(issues) -> None:
    @settings(deadline=None, max_examples=250)
    @given(villages)
    def loi(village: Village) -> None:
        prospects, clients, decisions = village
        trouve = identite(*prospects, *clients, decisions=decisions, vendeurs=VENDEURS)
        oracle = Oracle(prospects, clients, decisions, VENDEURS)
        lignes = trouve.lignes.to_pylist()
        assert {ligne["source_id"]: (ligne["crm_id"], ligne["regle"]) for ligne in lignes} == oracle.lignes()
        assert [ligne["source_id"] for ligne in lignes] == sorted(oracle.lignes())
        assert dict(trouve.rejets) == oracle.rejets
        assert nouvelles_personnes(lignes) == oracle.personnes()
        assert {(d["id_a"], d["id_b"]) for d in trouve.doublons.to_pylist()} == oracle.doublons()
        assert dict(trouve.regles) == Counter(ligne["regle"] for ligne in lignes)
        issues.update([*trouve.regles, *trouve.rejets.values(), *["doublon"] * len(trouve.doublons)])
        issues.update("groupe" for groupe in oracle.personnes() if len(groupe) > 1)
        for preuve in filter(None, (ligne["preuve"] for ligne in lignes)):
            dite = json.loads(preuve)
            issues.update(refus["motif"] for refus in dite.get("refuses", ()))
            issues.update({"par_groupe"} & dite.keys())

    loi()
    assert set(issues) >= ISSUES, "no law is checked on trivial worlds only"


@LOI
@given(villages, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_keys_changes_nothing(village, hasard) -> None:
    prospects, clients, decisions = village

    def melanger(lignes):
        lignes = [
            {
                colonne: " ".join(hasard.sample(mots, len(mots)))
                if colonne in ("cles_telephone", "references") and (mots := (valeur or "").split())
                else valeur
                for colonne, valeur in ligne.items()
            }
            for ligne in lignes
        ]
        return hasard.sample(lignes, len(lignes))

    un = identite(*prospects, *clients, decisions=decisions, vendeurs=VENDEURS)
    autre = identite(
        *melanger(prospects), *melanger(clients), decisions=hasard.sample(decisions, len(decisions)), vendeurs=VENDEURS
    )
    assert un.lignes.to_pylist() == autre.lignes.to_pylist()
    assert un.doublons.to_pylist() == autre.doublons.to_pylist()
    assert un.rejets == autre.rejets


@LOI
@given(villages)
def test_the_outcome_fed_back_as_links_changes_nobody(village) -> None:
    prospects, clients, decisions = village
    premier = {
        ligne["source_id"]: ligne
        for ligne in identite(*prospects, *clients, decisions=decisions, vendeurs=VENDEURS).lignes.to_pylist()
    }
    connus = {c["crm_id"] for c in clients}
    chez, nouveaux = {}, {}
    for p in sorted(prospects, key=lambda p: p["source_id"]):
        ligne = premier.get(p["source_id"])
        if ligne is not None:
            chez[p["source_id"]] = ligne["crm_id"] or f"neuf{ligne['groupe']}"
            if ligne["crm_id"] is None:
                nouveaux.setdefault(chez[p["source_id"]], p)
    apres = [
        {**p, "crm_id": chez[p["source_id"]], **{f"base_{c}": p[c] for c in p if f"base_{c}" in p}}
        if p["source_id"] in chez
        else p
        for p in prospects
    ]
    crees = [
        {
            **{c: p[c] for c in p if c in clients_colonnes},
            "crm_id": crm_id,
            "nb_contrats": "1",
            "cree_le": None,
            "supprime": "false",
        }
        for crm_id, p in nouveaux.items()
        if crm_id not in connus
    ]
    second = identite(*apres, *clients, *crees, decisions=decisions, vendeurs=VENDEURS)
    assert {
        ligne["source_id"]: ligne["crm_id"] for ligne in second.lignes.to_pylist() if ligne["source_id"] in chez
    } == chez
    assert not set(second.rejets) & set(chez)


clients_colonnes = ("cle_nom", "cle_prenom", "cle_email", "cles_telephone", "references")


@LOI
@given(villages)
def test_no_key_or_name_stands_in_the_evidence(village) -> None:
    prospects, clients, decisions = village
    trouve = identite(*prospects, *clients, decisions=decisions, vendeurs=VENDEURS)
    preuves = [ligne["preuve"] for lot in (trouve.lignes, trouve.doublons) for ligne in lot.to_pylist()]
    for preuve in filter(None, preuves):
        assert not any(
            prive in preuve for prive in ("@", "+33", "ines", "moreau", "durand", "R1", "R2", "1984", "1955")
        )


@LOI
@given(villages)
def test_strangers_never_become_one_new_client_unless_somebody_said_so(village) -> None:
    prospects, clients, decisions = village
    if any(verdict == "meme" for verdict, _, _ in decisions):
        decisions = [d for d in decisions if d[0] == "different"]
    oracle = Oracle(prospects, clients, decisions, VENDEURS)
    for groupe in personnes(*prospects, *clients, decisions=decisions, vendeurs=VENDEURS):
        assert not oracle._etrangers(groupe)


@LOI
@given(villages)
def test_no_decided_pair_is_reported(village) -> None:
    prospects, clients, decisions = village
    paires = doublons(*prospects, *clients, decisions=decisions, vendeurs=VENDEURS)
    assert not paires & {tuple(sorted((a, b))) for _, a, b in decisions}

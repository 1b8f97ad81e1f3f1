"""What the source no longer sends: counted, withheld, marked, approved and back again, through the stages of real syncs."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from crm_sync.assets.normalises import normaliser
from crm_sync.crm import disparition, fiche
from crm_sync.crm.session import Session
from crm_sync.errors import RefusedError
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import IBANS, comptes, contrat, passer, prospect

TOUS = [prospect(numero) for numero in range(1, 6)]
SANS_1 = TOUS[1:]
OUVERTES = """
select entite, source_id, reponses, disparu_le is not null from crm_sync.absence where revenu_le is null order by 1, 2
"""
JUGEMENTS = "select complete, retraits_en_attente from crm_sync.reponse order by reponse_id"
RETENUS_DEUX = 2 * 3
"""Two prospects of one contract and one bank detail each."""


def approuver(base: Base) -> int:
    with base.bases() as bases:
        return disparition.approuver(bases, "ops")


def etat_lu(base: Base) -> dict[str, Any]:
    with base.bases() as bases:
        return disparition.etat(bases)


def un_jour_passe(base: Base) -> None:
    base.lire("update crm_sync.absence set depuis = depuis - interval '24 hours' where revenu_le is null")


def absents(base: Base) -> dict[str, tuple[int, bool]]:
    """Give entity and source id → complete answers counted, and whether it is marked; an IBAN is not spelt out."""
    noms = {f"{entite} {nom.replace(IBANS[1], 'IBAN')}": reste for entite, nom, *reste in base.lire(OUVERTES)}
    return {nom: (reponses, marque) for nom, (reponses, marque) in noms.items()}


def juge(base: Base, session: Session) -> tuple[bool, int, int]:
    """Give whether the last answer was complete, what it withholds, and how many its run marked."""
    resultat = comptes(base, session)
    complete, retenus = base.lire(JUGEMENTS)[-1]
    assert resultat["retraits_en_attente"] == retenus
    return complete, retenus, resultat["disparus"]


def le_prospect_1(reponses: int, *, marque: bool = False) -> dict[str, tuple[int, bool]]:
    return dict.fromkeys(("client 1", "contrat 1/R1", "information_paiement 1/IBAN"), (reponses, marque))


def retraits(session: Session) -> list[str]:
    return [texte for texte in session.avertissements if "crm-sync removals" in texte]


def test_three_complete_answers_and_a_day_mark_and_nothing_of_the_crm_is_written(base: Base) -> None:
    passer(base, *TOUS)
    avant = base.empreinte_crm()
    vendus = base.lire(
        "select nom, nb_contrats, nb_vendus from service_commercial.kpi_contrats_par_commercial order by 1"
    )
    assert juge(base, passer(base, *SANS_1)) == (True, 0, 0)
    assert absents(base) == le_prospect_1(1)
    un_jour_passe(base)
    assert juge(base, passer(base, *SANS_1)) == (True, 0, 0)  # a day is not enough
    dernier = passer(base, *SANS_1)
    assert juge(base, dernier) == (True, 0, 3)
    assert absents(base) == le_prospect_1(3, marque=True)
    (phrase,) = retraits(dernier)
    assert phrase.startswith("Marqués disparus de la source : 1 prospects, 1 contrats, 1 coordonnées bancaires.")
    assert juge(base, passer(base, *SANS_1)) == (True, 0, 0)  # marked once
    assert base.empreinte_crm() == avant
    assert vendus == base.lire(
        "select nom, nb_contrats, nb_vendus from service_commercial.kpi_contrats_par_commercial order by 1"
    )


def test_three_answers_within_a_day_do_not_mark(base: Base) -> None:
    passer(base, *TOUS)
    for _ in range(4):
        assert juge(base, passer(base, *SANS_1)) == (True, 0, 0)
    assert absents(base) == le_prospect_1(4)


def test_the_thresholds_are_those_of_the_environment(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SYNC_DISPARITION_HEURES", "0")
    monkeypatch.setenv("CRM_SYNC_DISPARITION_REPONSES", "2")
    passer(base, *TOUS)
    assert juge(base, passer(base, *SANS_1))[2] == 0
    assert juge(base, passer(base, *SANS_1))[2] == 3


def test_an_incomplete_answer_withholds_warns_once_and_neither_counts_nor_resets(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *SANS_1)
    passer(base, *SANS_1)
    un_jour_passe(base)
    for _ in range(3):  # the same bytes again: at rest too
        session = passer(base, *TOUS[2:])
        assert juge(base, session) == (False, RETENUS_DEUX, 0)
        (phrase,) = retraits(session)
        assert phrase.startswith(f"La réponse est incomplète : {RETENUS_DEUX} éléments connus y manquent")
        assert absents(base) == le_prospect_1(2)
    assert juge(base, passer(base, *SANS_1)) == (True, 0, 3)


def test_an_incomplete_answer_that_holds_something_again_proves_that_it_is_there(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *SANS_1)
    assert juge(base, passer(base, TOUS[0], *TOUS[3:])) == (False, RETENUS_DEUX, 0)
    assert absents(base) == {}


def test_an_approval_marks_that_many_at_once_and_is_used_once(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *TOUS[2:])
    assert approuver(base) == RETENUS_DEUX
    assert juge(base, passer(base, *TOUS[2:])) == (True, 0, RETENUS_DEUX)
    assert all(marque for _, marque in absents(base).values())
    assert base.lire("select nombre, approuve_par, reponse_id from crm_sync.approbation") == [
        (RETENUS_DEUX, "ops", base.valeur("select max(reponse_id) from crm_sync.reponse"))
    ]
    assert juge(base, passer(base, *TOUS[2:])) == (True, 0, 0)
    assert juge(base, passer(base, TOUS[4])) == (False, RETENUS_DEUX, 0)  # two more: nobody approved those


def test_an_answer_that_lacks_more_than_was_approved_does_not_use_the_approval(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *TOUS[2:])
    approuver(base)
    trop = passer(base, *TOUS[3:])
    assert juge(base, trop) == (False, 9, 0)
    assert "L'approbation de 6 n'y suffit pas et reste ouverte." in retraits(trop)[0]
    assert absents(base) == {}
    assert juge(base, passer(base, *TOUS[2:])) == (True, 0, RETENUS_DEUX)


def test_a_new_approval_replaces_the_one_that_waits(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *TOUS[3:])
    assert approuver(base) == 9
    passer(base, TOUS[4])
    assert approuver(base) == 12
    etat = etat_lu(base)
    assert etat["approbation"]["nombre"] == 12
    assert juge(base, passer(base, TOUS[4])) == (True, 0, 12)
    assert base.lire("select nombre, reponse_id is null from crm_sync.approbation order by 1") == [
        (9, True),
        (12, False),
    ]
    assert etat_lu(base)["approbation"] is None


def test_nothing_can_be_approved_where_nothing_is_withheld(base: Base) -> None:
    with pytest.raises(RefusedError, match="Aucun retrait n'est retenu"):
        approuver(base)
    passer(base, *TOUS)
    passer(base, *SANS_1)
    with pytest.raises(RefusedError):
        approuver(base)
    assert base.lire("select * from crm_sync.approbation") == []


def test_what_comes_back_is_unmarked_and_its_history_stays(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *TOUS[2:])
    approuver(base)
    passer(base, *TOUS[2:])
    passer(base, *TOUS)
    assert absents(base) == {}
    assert base.valeur("select count(*) from crm_sync.absence where disparu_le < revenu_le") == RETENUS_DEUX
    passer(base, *SANS_1)
    assert absents(base) == le_prospect_1(1)  # from the start


def test_a_contract_taken_away_from_a_prospect_that_is_there(base: Base) -> None:
    deux = prospect(1, contrat("R1"), contrat("R1-BIS"))
    passer(base, deux, *SANS_1)
    assert juge(base, passer(base, TOUS[0], *SANS_1)) == (True, 0, 0)
    assert absents(base) == {"contrat 1/R1-BIS": (1, False)}


def test_a_contract_that_cannot_be_read_is_not_missing(base: Base) -> None:
    passer(base, *TOUS)
    illisible = prospect(1, contrat(None))
    assert juge(base, passer(base, illisible, *SANS_1)) == (True, 0, 0)
    assert absents(base) == {}


def test_what_cannot_be_read_leaves_an_absence_as_it_is(base: Base) -> None:
    passer(base, prospect(1, contrat("R1"), contrat("R1-BIS")), *SANS_1)
    passer(base, *TOUS)
    passer(base, prospect(1, contrat("R1"), contrat(None)), *SANS_1)
    assert absents(base) == {"contrat 1/R1-BIS": (1, False)}
    passer(base, *TOUS)
    assert absents(base) == {"contrat 1/R1-BIS": (2, False)}


@pytest.mark.parametrize("reste", [{}, {"Souscription": [], "informationsPaiement": []}])
def test_a_prospect_that_is_put_aside_is_there_and_so_is_what_hung_on_it(base: Base, reste: dict[str, Any]) -> None:
    passer(base, *TOUS)
    assert juge(base, passer(base, prospect(1, nom=None, **reste), *SANS_1)) == (True, 0, 0)
    assert absents(base) == {}


@pytest.mark.parametrize("autre", [{}, {"prenom": "Autre"}])
def test_a_prospect_that_came_twice_makes_an_answer_incomplete(base: Base, autre: dict[str, Any]) -> None:
    passer(base, *TOUS)
    assert juge(base, passer(base, TOUS[1], prospect(2, **autre), *TOUS[2:])) == (False, 3, 0)
    assert absents(base) == {}


def test_an_approval_holds_for_one_answer_with_a_prospect_twice_and_not_for_the_same_bytes_again(base: Base) -> None:
    passer(base, *TOUS)
    deux_fois = [TOUS[1], *TOUS[1:]]
    passer(base, *deux_fois)
    approuver(base)
    assert juge(base, passer(base, *deux_fois)) == (True, 0, 3)
    assert juge(base, passer(base, *deux_fois)) == (False, 0, 0)  # lacks nothing more, and would prove nothing


def test_an_iban_that_gets_a_source_id_has_moved_and_is_not_missing(base: Base) -> None:
    passer(base, *TOUS)
    avec_id = prospect(1, informationsPaiement=[{"id": 7, "IBAN": IBANS[1]}])
    for _ in range(2):  # before and after the new name is linked to the row
        passer(base, avec_id, *SANS_1)
        assert absents(base) == {}


def test_a_contract_that_goes_to_another_prospect_is_not_missing(base: Base) -> None:
    deux = prospect(1, contrat("R1"), contrat("R1-BIS"))
    passer(base, deux, *SANS_1)
    for _ in range(2):
        passer(base, TOUS[0], prospect(2, contrat("R2"), contrat("r1-bis")), *TOUS[2:])
        assert absents(base) == {}


def test_an_id_with_a_slash_is_one_prospect(base: Base) -> None:
    bizarre = prospect(1, contrat("R1"), contrat("R/2"), idProspect="a/b%2F")
    passer(base, bizarre, *SANS_1)
    passer(base, {**bizarre, "Souscription": [{"contrats": [contrat(None)]}]}, *SANS_1)
    assert absents(base) == {}
    assert juge(base, passer(base, *SANS_1)) == (False, 4, 0)  # two contracts of six: more than one


def test_an_unchanged_answer_counts_without_looking_at_the_links(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    passer(base, *TOUS)
    passer(base, *SANS_1)
    passer(base, *SANS_1)  # looks again: links and books may have moved after the judgement before
    monkeypatch.setattr(disparition, "_juger", None)
    un_jour_passe(base)
    assert juge(base, passer(base, *SANS_1)) == (True, 0, 3)
    assert juge(base, passer(base, *SANS_1)) == (True, 0, 0)
    assert absents(base) == le_prospect_1(3, marque=True)


def test_an_empty_crm_and_an_empty_source_are_complete(base: Base) -> None:
    assert juge(base, passer(base)) == (True, 0, 0)
    assert juge(base, passer(base, *TOUS)) == (True, 0, 0)
    assert absents(base) == {}


def test_of_two_prospects_one_may_be_missing(base: Base) -> None:
    passer(base, *TOUS[:2])
    assert juge(base, passer(base, TOUS[1])) == (True, 0, 0)


def test_an_answer_is_judged_once_whatever_crashed_after_it(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    passer(base, *TOUS)
    from crm_sync_tests import synchro

    def tomber(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as panne:
        panne.setattr(synchro, "ecrire_entite", tomber)
        with pytest.raises(KeyboardInterrupt):
            passer(base, *SANS_1)
    assert absents(base) == le_prospect_1(1)

    seule = Session(base.bases(), str(uuid4()))  # the stage alone, on the answer that is there
    with seule.etape("rapprochement"):
        normaliser(seule)
    seule.clore()
    assert absents(base) == le_prospect_1(1)
    passer(base, *SANS_1)
    assert absents(base) == le_prospect_1(2)


def test_a_judgement_that_is_cut_short_leaves_nothing_half_written(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    passer(base, *TOUS)
    vraie = disparition.requete

    def tomber(nom: str) -> bytes:
        if nom == "disparition.conclure":
            raise KeyboardInterrupt
        return vraie(nom)

    with monkeypatch.context() as panne:
        panne.setattr(disparition, "requete", tomber)
        with pytest.raises(KeyboardInterrupt):
            passer(base, *SANS_1)
    assert absents(base) == {}
    passer(base, *SANS_1)
    assert absents(base) == le_prospect_1(1)


def test_the_view_of_a_client_says_what_is_gone_from_the_source(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *TOUS[2:])
    approuver(base)
    passer(base, *TOUS[2:])
    with base.bases() as bases:
        (parti,) = fiche.trouver(bases, "contrat:R1")
        (reste,) = fiche.trouver(bases, "contrat:R3")
        vue, autre = fiche.fiche(bases, parti), fiche.fiche(bases, reste)
    assert vue is not None
    assert autre is not None
    for partie in ("contrats", "informations_paiement", "prospects"):
        assert [type(ligne["disparu_le"]) for ligne in vue[partie]] == [datetime]
        assert [ligne["disparu_le"] for ligne in autre[partie]] == [None]
    assert vue["contrats"][0]["statut"] == "valide"  # never called terminated


def test_bank_details_are_named_by_their_prospect(base: Base) -> None:
    passer(base, *TOUS)
    passer(base, *SANS_1)
    passer(base, *TOUS[3:])
    etat = etat_lu(base)
    assert len(etat["retenus"]) == etat["retraits_en_attente"] == 9
    assert [noeud["source_id"] for noeud in etat["manquants"]] == ["1", "1/R1", "1/…"]
    assert not any(iban in str(etat) for iban in IBANS)


def test_the_stage_reads_no_answer_where_there_is_none(base: Base) -> None:
    seule = Session(base.bases(), str(uuid4()))
    with seule.etape("rapprochement"):
        normaliser(seule)
    seule.clore()
    assert comptes(base, seule)["retraits_en_attente"] == 0

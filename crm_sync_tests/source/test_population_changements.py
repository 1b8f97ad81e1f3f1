"""How the invented population changes from round to round: as much as asked, dated as the source would."""

import json
from collections import Counter

import pytest

from crm_sync.source.population import Evolution, prospects
from crm_sync_tests.source.population_lue import (
    GRAINES,
    comptes,
    contrats,
    iban_valide,
    mille,
    montant_lisible,
    tous,
)


def differents(avant, apres):
    """Pair what differs between two answers of one population, by place; the second may be longer."""
    return [(a, b) for a, b in zip(avant, apres, strict=False) if a != b]


@pytest.mark.parametrize("part", [0.003, 0.01, 0.1, 0.9])
@pytest.mark.parametrize("graine", GRAINES)
def test_a_round_touches_just_the_share_it_was_given(graine, part):
    avant, apres = mille(graine, 1, part), mille(graine, 2, part)
    touches = len(differents(avant, apres)) + len(apres) - len(avant)
    assert touches == 1_000 * part


def test_rounds_follow_on_each_other():
    assert Evolution().puis(10).puis(10) == Evolution.reguliere(1_000, 2, 0.01)
    assert list(prospects(1_000, 1, Evolution((10, 10)))) == mille(tour=2)
    assert mille(tour=3, part=0) == mille()
    assert Evolution.reguliere(1_000, 1, 0.0001).tours == (1,)


def test_every_kind_of_change_occurs():
    """Counted over one large round: what moved in each prospect, and whose `updatedAt` with it."""
    vus = Counter()
    avant, apres = mille(), mille(tour=1, part=0.5)
    moment = "2026-09-01T06:00:00.000Z"
    for un, deux in differents(avant, apres):
        if not (un["nom"] or "").strip() or un["idProspect"] != deux["idProspect"]:
            continue
        vus["nom"] += un["nom"] != deux["nom"]
        vus["telephone"] += un["telephone"] != deux["telephone"]
        vus["commercial"] += un["commercialId"] != deux["commercialId"]
        anciens = {c["id"]: c for c in contrats(un)}
        vus["nouveau contrat"] += len(contrats(deux)) > len(anciens)
        vus["nouveau compte"] += len(comptes(deux)) > len(comptes(un))
        vus["IBAN changé"] += any(a["IBAN"] != b["IBAN"] for a, b in zip(comptes(un), comptes(deux), strict=False))
        for contrat in contrats(deux):
            ancien = anciens.get(contrat["id"], contrat)
            vus["montant"] += ancien["montant"] != contrat["montant"]
            vus[f"{ancien['statut'].strip()[:2].lower()} → {contrat['statut']}"] += (
                ancien["statut"] != contrat["statut"]
            )
        seul_enfant = [cle for cle in un if un[cle] != deux.get(cle)] in (
            ["Souscription"],
            ["informationsPaiement"],
        )
        vus["enfant sans parent"] += seul_enfant
        vus["sans updatedAt"] += json.dumps(deux).count("2026-09-01T06") == json.dumps(un).count("2026-09-01T06")
        lui_meme = any(un[cle] != deux[cle] for cle in ("nom", "telephone", "commercialId"))
        assert deux["updatedAt"] == un["updatedAt"] or (lui_meme and deux["updatedAt"] > moment)
    attendus = {
        "nom",
        "telephone",
        "commercial",
        "nouveau contrat",
        "nouveau compte",
        "IBAN changé",
        "montant",
        "en → Signé",
        "si → Validé",
        "enfant sans parent",
        "sans updatedAt",
    }
    assert {nom for nom in attendus if not vus[nom]} == set()
    assert vus["sans updatedAt"] < 0.1 * len(differents(avant, apres))
    assert len(apres) - len(avant) == 50


def test_new_prospects_bring_nothing_signed_and_nothing_unusable():
    nouveaux = mille(tour=1, part=0.5)[1_000:]
    assert all(c["dateSignature"] is None for c in tous(contrats, nouveaux))
    assert all(c["titre"] and montant_lisible(c["montant"]) for c in tous(contrats, nouveaux))
    assert all(p["nom"].strip() and p["createdAt"] > "2026-09-01T06" for p in nouveaux)


def test_each_round_mends_one_unusable_node_the_double_id_first():
    assert len({p["idProspect"] for p in mille(tour=1)}) == len(mille(tour=1))

    def abimes(liste):
        return (
            sum(not (p["nom"] or "").strip() for p in liste)
            + sum(not c["titre"] for c in tous(contrats, liste))
            + sum(not montant_lisible(c["montant"]) for c in tous(contrats, liste))
            + sum(c["dateSignature"] in ("bientôt", "2026-02-30T00:00:00.000Z") for c in tous(contrats, liste))
            + sum(not iban_valide(c["IBAN"]) for c in tous(comptes, liste))
            + sum(p["commercial"]["email"] is None for p in liste if p.get("commercial"))
        )

    assert [abimes(mille(tour=tour)) for tour in (1, 2, 3, 10, 12)] == [9, 8, 7, 0, 0]
    assert abimes(mille(tour=4, part=0.9)) == 6


def test_what_a_round_mends_is_dated_and_nothing_else_in_that_prospect_moves():
    nommes = 0
    for avant, apres in zip(mille(), prospects(1_000, 1, Evolution((3,) * 10)), strict=True):
        if not (avant["nom"] or "").strip():
            nommes += 1
            assert apres["updatedAt"] > avant["updatedAt"]
            assert {cle for cle in apres if apres[cle] != avant[cle]} == {"nom", "updatedAt"}
    assert nommes == 1

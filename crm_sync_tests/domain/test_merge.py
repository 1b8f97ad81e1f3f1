"""Which value wins: the table of product.md and its sentences, by example (its laws are in `test_fusion_lois`)."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings

from crm_sync.domain.lots import tableau
from crm_sync.domain.merge import par_decision, reunir
from crm_sync.domain.types import CHAMPS
from crm_sync_tests.domain import oracle, oracle_fusion
from crm_sync_tests.domain.mondes_fusion import (
    MAINTENANT,
    NOMS,
    T1,
    T2,
    T3,
    T4,
    Ligne,
    colonnes,
    decision,
    dresse,
    entrees,
    ligne_crm,
    mondes,
    vus,
)

LIEN = {"lien_empreinte": "ancienne", "lien_modifie_a": T1, "lien_source_le": T1}


def noeud(source_id: str = "1", modifie_a: str | None = T2, **dits: str | None) -> Ligne:
    """A node of the client `a`, without link: a first meeting."""
    return decision("client", source_id, "a", modifie_a, **dits)


def lie(source_id: str = "1", modifie_a: str | None = T2, **dits: str | None) -> Ligne:
    """A node of the client `a`, whose content is new since its link was applied at T1."""
    return noeud(source_id, modifie_a, **{**LIEN, **dits})


def decide(noeuds: list[Ligne] | Ligne, **crm: str | None) -> dict[str, Any]:
    """Field → its entry, of the client `a`."""
    rangs = noeuds if isinstance(noeuds, list) else [noeuds]
    return entrees(dresse("client", rangs, [ligne_crm("client", "a", **crm)])).get("a", {})


def ecrits(noeuds: list[Ligne] | Ligne, **crm: str | None) -> dict[str, str]:
    """Field → the value written, of the client `a`."""
    return {nom: e["apres"] for nom, e in decide(noeuds, **crm).items() if e["gagnant"] == "source"}


# --- The table


@pytest.mark.parametrize(
    ("base", "source", "crm", "regle"),
    [
        ("a@x.fr", "a@x.fr", "a@x.fr", None),  # nobody changed anything
        ("a@x.fr", "b@x.fr", "a@x.fr", "source"),  # the source did
        ("a@x.fr", "a@x.fr", "c@x.fr", None),  # the CRM did
        ("a@x.fr", "b@x.fr", "c@x.fr", "plus_recent"),  # both did
        ("a@x.fr", "b@x.fr", "b@x.fr", None),  # both did, the same
        ("a@x.fr", "A@X.FR", "a@x.fr", None),  # another spelling is no change
        ("a@x.fr", "A@X.FR", "c@x.fr", None),
        ("a@x.fr", "b@x.fr", "A@x.fr", "source"),
        ("a@x.fr", "b@x.fr", "B@x.fr", None),
        ("a@x.fr", None, "a@x.fr", None),  # null never erases
        ("a@x.fr", None, "c@x.fr", None),
        ("a@x.fr", "a@x.fr", None, None),  # emptied by a person: stays empty
        ("a@x.fr", "b@x.fr", None, "plus_recent"),  # … and is a change like others
        (None, "b@x.fr", None, "vide"),  # a first meeting
        (None, "b@x.fr", "c@x.fr", "premiere_rencontre"),
        (None, "b@x.fr", "B@X.fr", None),
        (None, None, "c@x.fr", None),
        (None, None, None, None),
    ],
)
@pytest.mark.parametrize(("modifie_crm", "gagnant"), [(T1, "source"), (T2, "crm"), (T3, "crm")])
def test_base_source_and_crm_decide_one_field(base, source, crm, regle, modifie_crm, gagnant) -> None:
    venu = lie(base_email=base, email=source)
    plan = dresse("client", [venu], [ligne_crm("client", "a", crm_email=crm, modifie_crm=modifie_crm)])
    conflit = regle in {"plus_recent", "premiere_rencontre"}
    assert plan.conflits == int(conflit)
    vainqueur = gagnant if conflit else "source"
    attendu = {
        "avant": crm,
        "apres": source if vainqueur == "source" else crm,
        "regle": regle,
        "gagnant": vainqueur,
        "source_id": "1",
        "source_le": T2,
        "crm_le": modifie_crm if conflit else None,
    }
    if conflit:
        attendu["perdant"] = crm if gagnant == "source" else source
    assert entrees(plan).get("a", {}) == ({"email": attendu} if regle else {})


def test_a_second_with_a_fraction_is_later_than_the_second() -> None:
    contestee = {"base_email": "a@x.fr", "email": "b@x.fr"}
    assert ecrits(lie(modifie_a=T3, **contestee), crm_email="c@x.fr", modifie_crm=T2) == {"email": "b@x.fr"}
    assert ecrits(lie(modifie_a=T2, **contestee), crm_email="c@x.fr", modifie_crm=T3) == {}


def test_a_change_that_did_not_move_updatedat_is_as_late_as_when_it_was_first_seen() -> None:
    venu = lie(modifie_a=T1, vu_le=T4, base_email="a@x.fr", email="b@x.fr")
    assert decide(venu, crm_email="c@x.fr", modifie_crm=T2)["email"]["source_le"] == T4


def test_statuses_dates_and_amounts_are_compared_by_what_they_mean() -> None:
    egaux = {
        "statut": ("valide", "Validée"),
        "date_signature": ("2025-01-31 00:00:00+00", "2025-01-31T01:00:00.000+01:00"),
        "montant": ("29.90", "29.9"),
    }
    for nom, (source, crm) in egaux.items():
        autre = {"statut": "signe", "date_signature": T1, "montant": "1"}[nom]
        venu = decision("contrat", "1", "k", T2, **{nom: source, f"base_{nom}": autre}, **LIEN)
        ligne = ligne_crm("contrat", "k", **{f"crm_{nom}": crm})
        assert dresse("contrat", [venu], [ligne]).lignes.num_rows == 0, nom
        reste = {**venu, f"base_{nom}": source}
        assert vus(dresse("contrat", [reste], [ligne])) == {}, nom


def test_a_status_of_the_crm_s_own_is_a_value_like_another() -> None:
    venu = decision("contrat", "1", "k", T2, statut="autre", base_statut="autre", **LIEN)
    plan = dresse("contrat", [venu], [ligne_crm("contrat", "k", crm_statut="Archivé 2019", modifie_crm=T1)])
    assert plan.lignes.num_rows == 0
    assert vus(plan) == {"k": {"statut": {"valeur": "Archivé 2019", "le": T1}}}


def test_an_identity_card_is_compared_by_its_content() -> None:
    lu = lie(base_identity_card='{"a": 1, "b": [1, 2]}', identity_card='{"b":[1,2],"a":1}')
    assert decide(lu, crm_identity_card='{"a":1,"b":[1,2]}') == {}
    assert ecrits(lu | {"identity_card": '{"b":[2,1],"a":1}'}, crm_identity_card='{"a":1,"b":[1,2]}') == {
        "identity_card": '{"b":[2,1],"a":1}'
    }


# --- Groups


def test_first_and_last_name_are_one_field() -> None:
    mariage = lie(base_nom="Moreau", nom="Roux", base_prenom="Inès", prenom="Inès")
    assert ecrits(mariage, crm_nom="Moreau", crm_prenom="Inès") == {"nom": "Roux"}
    corrige = {"crm_nom": "Moreau", "crm_prenom": "Agnès"}
    assert ecrits(mariage, **corrige, modifie_crm=T1) == {"nom": "Roux", "prenom": "Inès"}
    perdus = decide(mariage, **corrige, modifie_crm=T3)
    assert {nom: e["perdant"] for nom, e in perdus.items()} == {"nom": "Roux", "prenom": "Inès"}
    assert {e["gagnant"] for e in perdus.values()} == {"crm"}


def test_a_group_is_one_conflict_and_fields_apart_are_as_many_as_they_are() -> None:
    venu = lie(base_nom="A", nom="B", base_prenom="A", prenom="B", base_email="a@x.fr", email="b@x.fr")
    crm = ligne_crm("client", "a", crm_nom="C", crm_prenom="C", crm_email="c@x.fr", modifie_crm=T3)
    assert dresse("client", [venu], [crm]).conflits == 2


def test_a_field_decided_alone_does_not_carry_its_neighbours() -> None:
    venu = lie(base_email="a@x.fr", email="b@x.fr", base_telephone="1", telephone="1")
    assert ecrits(venu, crm_email="a@x.fr", crm_telephone="2") == {"email": "b@x.fr"}


def test_of_a_pair_only_what_the_source_has_is_written() -> None:
    venu = lie(nom="Roux", base_nom="Moreau", base_prenom="Inès")
    assert ecrits(venu, crm_nom="Moreau", crm_prenom="Inès") == {"nom": "Roux"}


def test_half_a_pair_that_the_source_no_longer_says_is_no_change_of_the_other_half() -> None:
    venu = lie(base_nom="Roux", nom="Roux", base_prenom="Inès")
    assert decide(venu, crm_nom="Moreau", crm_prenom="Inès", modifie_crm=T1) == {}


def test_half_a_pair_with_a_base_is_no_first_meeting() -> None:
    venu = lie(base_prenom="Inès", prenom="Anne")
    assert decide(venu, crm_prenom="Agnès", modifie_crm=T1)["prenom"]["regle"] == "plus_recent"


def test_the_crm_s_time_of_a_group_is_the_latest_of_the_fields_that_it_changed() -> None:
    vu = {"nom": {"valeur": "C", "le": T1}, "prenom": {"valeur": "C", "le": T3}}
    venu = lie(base_nom="A", nom="B", base_prenom="A", prenom="B", vu=json.dumps(vu))
    assert decide(venu, crm_nom="C", crm_prenom="C")["nom"]["crm_le"] == T3
    assert decide(venu, crm_nom="C", crm_prenom="A")["nom"]["crm_le"] == T1


def test_the_pairs_of_the_crm_are_names_and_bank_details() -> None:
    decidees = {entite: par_decision(champs) for entite, champs in CHAMPS.items()}
    assert [c.nom for c in decidees["client"]["identite"]] == ["nom", "prenom"]
    assert [c.nom for c in decidees["information_paiement"]["banque"]] == ["iban", "bic"]
    for entite, champs in CHAMPS.items():
        assert [c for groupe in decidees[entite].values() for c in groupe] == list(champs), entite


# --- The CRM's time


@pytest.mark.parametrize(
    ("vu", "modifie_crm", "notre", "crm_le"),
    [
        ({"valeur": "c@x.fr", "le": T1}, T4, "false", T1),  # seen before: its own moment
        ({"valeur": "C@X.fr", "le": T1}, T4, "false", T1),
        ({"valeur": "d@x.fr", "le": T1}, T4, "false", T4),  # another value was seen: this one is new
        ({"valeur": None, "le": T1}, T4, "false", T4),
        (None, T4, "false", T4),
        (None, T4, "true", MAINTENANT),  # our own write never counts: seen for the first time now
        (None, T4, None, T4),
        (None, None, "false", MAINTENANT),
    ],
)
def test_a_value_of_the_crm_is_as_old_as_when_it_was_first_seen(vu, modifie_crm, notre, crm_le) -> None:
    venu = lie(base_email="a@x.fr", email="b@x.fr", vu=json.dumps({"email": vu}) if vu else None)
    ligne = ligne_crm("client", "a", crm_email="c@x.fr", modifie_crm=modifie_crm, notre_ecriture=notre)
    plan = dresse("client", [venu], [ligne])
    assert entrees(plan)["a"]["email"]["crm_le"] == crm_le
    assert entrees(plan)["a"]["email"]["gagnant"] == ("source" if crm_le == T1 else "crm")


def test_a_field_that_a_person_emptied_is_as_old_as_when_that_was_seen() -> None:
    vide = json.dumps({"email": {"valeur": None, "le": T1}})
    assert ecrits(lie(base_email="a@x.fr", email="b@x.fr", vu=vide), modifie_crm=T4) == {"email": "b@x.fr"}
    assert ecrits(lie(base_email="a@x.fr", email="b@x.fr"), modifie_crm=T4) == {}


def test_of_two_links_that_saw_the_same_value_the_first_counts() -> None:
    noeuds = [
        lie(str(i), base_email="a@x.fr", email="b@x.fr", vu=json.dumps({"email": {"valeur": "c@x.fr", "le": le}}))
        for i, le in enumerate((T3, T1, T4))
    ]
    assert decide(noeuds, crm_email="c@x.fr", modifie_crm=T4)["email"]["crm_le"] == T1


def test_values_that_are_not_the_base_are_remembered_with_their_moment_and_ours_are_not() -> None:
    vu = json.dumps({"telephone": {"valeur": "2", "le": T1}, "nom": {"valeur": "Zoé", "le": T1}})
    venu = lie(base_email="a@x.fr", email="b@x.fr", base_telephone="1", telephone="1", base_nom="A", nom="A", vu=vu)
    plan = dresse(
        "client",
        [venu],
        [ligne_crm("client", "a", crm_email="a@x.fr", crm_telephone="2", crm_nom=None, modifie_crm=T3)],
    )
    assert vus(plan) == {"a": {"nom": {"valeur": None, "le": T3}, "telephone": {"valeur": "2", "le": T1}}}


def test_what_the_source_lost_is_what_the_crm_s_value_is_compared_with_from_now_on() -> None:
    venu = lie(base_email="a@x.fr", email="b@x.fr")
    crm = ligne_crm("client", "a", crm_email="c@x.fr", modifie_crm=T3)
    perdu = dresse("client", [venu], [crm])
    assert perdu.bases["email"].to_pylist() == ["b@x.fr"]
    assert vus(perdu) == {"a": {"email": {"valeur": "c@x.fr", "le": T3}}}
    assert vus(dresse("client", [venu], [{**crm, "modifie_crm": T1}])) == {}
    for crm_email in ("b@x.fr", "B@X.fr"):
        assert vus(dresse("client", [venu], [{**crm, "crm_email": crm_email}])) == {}


# --- First meeting


@pytest.mark.parametrize(
    ("modifie_a", "modifie_crm", "notre", "gagnant"),
    [
        (T2, T1, "false", "source"),
        (T2, T2, "false", "crm"),
        (T2, T3, "false", "crm"),
        (None, T1, "false", "crm"),
        (T2, None, "false", "crm"),
        (T2, T1, "true", "crm"),  # our own write tells nothing of a person's
        (None, None, "false", "crm"),
    ],
)
def test_at_a_first_meeting_every_differing_field_is_a_conflict_of_real_times(
    modifie_a, modifie_crm, notre, gagnant
) -> None:
    venu = noeud(modifie_a=modifie_a, vu_le=T4, email="b@x.fr", telephone="1", nom="Moreau")
    reel = {"modifie_crm": modifie_crm, "notre_ecriture": notre}
    plan = dresse("client", [venu], [ligne_crm("client", "a", crm_email="c@x.fr", crm_nom=" Moreau", **reel)])
    entree = entrees(plan)["a"]
    assert (entree["email"]["regle"], entree["email"]["gagnant"]) == ("premiere_rencontre", gagnant)
    assert entree["email"]["source_le"] == modifie_a
    assert entree["email"]["crm_le"] == (None if notre == "true" else modifie_crm)
    assert (entree["telephone"]["regle"], entree["telephone"]["apres"]) == ("vide", "1")
    assert "nom" not in entree
    assert plan.conflits == 1


def test_at_a_first_meeting_half_a_pair_is_filled_only_where_the_other_half_agrees() -> None:
    venu = noeud(modifie_a=None, nom="Moreau", prenom="Inès")
    assert ecrits(venu, crm_nom="Moreau") == {"prenom": "Inès"}
    assert ecrits(venu, crm_nom="Roux") == {}, "never one person's first name beside another's last name"
    assert set(decide(venu, crm_nom="Roux")) == {"nom", "prenom"}


def test_a_field_that_no_link_has_a_base_for_is_met_first_though_others_are_known() -> None:
    venu = lie(base_nom="A", nom="A", email="b@x.fr")
    assert decide(venu, crm_nom="A", crm_email="c@x.fr", modifie_crm=T3)["email"]["regle"] == "premiere_rencontre"
    autre = lie("2", base_email="a@x.fr")
    assert decide([venu, autre], crm_nom="A", crm_email="c@x.fr")["email"]["regle"] == "plus_recent"


# --- Several prospects of one client


def test_of_several_prospects_of_one_client_the_latest_decides_field_by_field() -> None:
    ancien = noeud("1", T1, email="vieux@x.fr", telephone="1")
    recent = noeud("2", T2, email="neuf@x.fr")
    assert ecrits([ancien, recent]) == {"email": "neuf@x.fr", "telephone": "1"}
    dits = {nom: (e["source_id"], e["source_le"]) for nom, e in decide([ancien, recent]).items()}
    assert dits == {"email": ("2", T2), "telephone": ("1", T1)}


def test_the_state_decides_and_not_what_happened() -> None:
    """The prospect that speaks last is heard, also where it says what it has always said."""
    dit_b = noeud("2", T1, email="b@x.fr", base_email="b@x.fr", **{**LIEN, "lien_empreinte": "neuve"})
    avant = lie("1", T3, base_email="a@x.fr", lien_source_le=T2)  # said a@x.fr until now
    assert ecrits([avant, dit_b], crm_email="a@x.fr") == {"email": "b@x.fr"}


def test_the_common_base_is_that_of_the_link_applied_last() -> None:
    premier = lie("1", T3, base_email="a@x.fr", email="a@x.fr", lien_source_le=T2)
    second = lie("2", T2, base_email="b@x.fr", email="b@x.fr", lien_source_le=T1)
    edite = {"crm_email": "c@x.fr", "modifie_crm": T4}  # a conflict, were the other base the common one
    assert decide([premier, second], **edite) == {}
    assert ecrits([premier, second | {"lien_source_le": T3}], crm_email="b@x.fr") == {"email": "a@x.fr"}
    assert decide([premier, second | {"lien_source_le": T2}], **edite) == {}, "a tie: the lowest id"
    assert decide([premier, second | {"lien_source_le": None}], **edite) == {}, "no time is the earliest"


@pytest.mark.parametrize(("dates", "gagnant"), [((T1, T1), "1"), ((T1, T2), "2"), ((T2, T1), "1"), ((None, T2), "1")])
def test_a_tie_goes_to_the_lowest_id_and_without_a_time_the_first_sight_counts(dates, gagnant: str) -> None:
    noeuds = [noeud(str(i), d, vu_le=T3, email=f"{i}@x.fr") for i, d in enumerate(dates, 1)]
    for ordre in (noeuds, noeuds[::-1]):
        assert ecrits(ordre) == {"email": f"{gagnant}@x.fr"}


# --- Rows to be made


def reunies(noeuds: list[Ligne]) -> dict[str, dict[str, str | None]]:
    lignes = tableau(colonnes("client"), [tuple(n[c] for c in colonnes("client")) for n in noeuds])
    faites = reunir(lignes, CHAMPS["client"], "crm_id")
    assert len(faites["crm_id"].unique()) == faites.num_rows
    assert set(faites.schema.names) == set(colonnes("client"))
    return {ligne["crm_id"]: {nom: ligne[nom] for nom in NOMS} for ligne in faites.to_pylist()}


@settings(deadline=None, max_examples=25)
@given(mondes())
@example(([decision("client", "1", "a", email="x@x.fr"), decision("client", "2", "b", nom="B")], []))
def test_rows_to_be_made_are_put_together_as_row_by_row(monde) -> None:
    noeuds, _ = monde
    dates = [{**n, "modifie_a": oracle_fusion.temps_source(n)} for n in noeuds]
    assert reunies(noeuds) == oracle.reunion(dates, CHAMPS["client"])


@settings(deadline=None, max_examples=15)
@given(mondes())
def test_a_row_made_of_several_prospects_is_what_they_would_write_into_an_empty_one(monde) -> None:
    noeuds, crm = monde
    vierges = [{**n, **{f"base_{nom}": None for nom in NOMS}} for n in noeuds]
    vides = [ligne_crm("client", ligne["crm_id"]) for ligne in crm]
    remplies = {
        i: {nom: e["apres"] for nom, e in es.items()} for i, es in entrees(dresse("client", vierges, vides)).items()
    }
    dites = {i: {nom: v for nom, v in ligne.items() if v is not None} for i, ligne in reunies(vierges).items()}
    assert remplies == {i: ligne for i, ligne in dites.items() if ligne}


def test_a_row_to_be_made_takes_its_rule_from_its_latest_prospect() -> None:
    venus = [noeud("1", T1, nom="A", regle="email"), noeud("2", T2, email="b@x.fr", regle="telephone")]
    (faite,) = dresse("client", venus).lignes.to_pylist()
    assert (faite["regle"], faite["nom"], faite["email"]) == ("telephone", "A", "b@x.fr")


def test_a_row_to_be_made_takes_each_pair_from_the_prospect_that_spoke_last_of_it() -> None:
    """A prospect without updatedAt speaks when it was first seen; half a pair is a word."""
    venus = [
        noeud("1", T2, nom="A", prenom="A"),
        noeud("2", None, vu_le=T3, prenom="B"),
        noeud("3", T4, email="c@x.fr"),
    ]
    (faite,) = dresse("client", venus).lignes.to_pylist()
    assert (faite["nom"], faite["prenom"], faite["email"]) == (None, "B", "c@x.fr")

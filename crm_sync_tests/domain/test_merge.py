"""Which value wins: the table of product.md by example, and its laws against a slow oracle."""

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_sync.domain.merge import fusionner, par_decision, reunir
from crm_sync.domain.types import CHAMPS, Champ, cadre
from crm_sync_tests.domain import oracle

CHAMPS_ESSAI = (
    Champ("nom", groupe="identite"),
    Champ("prenom", groupe="identite"),
    Champ("email", "email"),
    Champ("montant", "montant"),
)
NOMS = [champ.nom for champ in CHAMPS_ESSAI]
COLONNES = ("source_id", "crm_id", "modifie_a", *(f"{sorte}{nom}" for nom in NOMS for sorte in ("", "base_", "crm_")))
HIER, AUJOURDHUI = "2025-03-01 08:00:00+00", "2025-03-02 08:00:00.5+00"


def noeud(source_id: str = "1", crm_id: str = "a", modifie_a: str | None = HIER, **valeurs: str | None) -> oracle.Ligne:
    """A source node over its CRM row; what is not said is null: `email`, `base_email`, `crm_email` …"""
    return {**dict.fromkeys(COLONNES), "source_id": source_id, "crm_id": crm_id, "modifie_a": modifie_a, **valeurs}


def lignes(noeuds: list[oracle.Ligne]) -> pd.DataFrame:
    return cadre(COLONNES, [tuple(n[colonne] for colonne in COLONNES) for n in noeuds])


def fusion(noeuds: list[oracle.Ligne]) -> dict[tuple[str, str], tuple[str | None, str, bool]]:
    """What `fusionner` decides, in the oracle's words."""
    changements = fusionner(lignes(noeuds), CHAMPS_ESSAI)
    assert not changements.duplicated(["crm_id", "champ"]).any(), "one value for each field of a row"
    return {
        (c.crm_id, c.champ): (None if pd.isna(c.avant) else c.avant, c.apres, bool(c.conflit))
        for c in changements.itertuples()
    }


# --- The table, by example


@pytest.mark.parametrize(
    ("base", "source", "crm", "ecrit", "conflit"),
    [
        ("a@x.fr", "a@x.fr", "a@x.fr", None, False),  # nobody changed anything
        ("a@x.fr", "b@x.fr", "a@x.fr", "b@x.fr", False),  # the source did
        ("a@x.fr", "a@x.fr", "c@x.fr", None, False),  # the CRM did
        ("a@x.fr", "b@x.fr", "c@x.fr", "b@x.fr", True),  # both did
        ("a@x.fr", "b@x.fr", "b@x.fr", None, False),  # both did, the same
        ("a@x.fr", "A@X.FR", "a@x.fr", None, False),  # another spelling is no change
        ("a@x.fr", "A@X.FR", "c@x.fr", None, False),
        ("a@x.fr", "b@x.fr", "B@x.fr", None, False),
        ("a@x.fr", None, "a@x.fr", None, False),  # null never erases
        ("a@x.fr", None, "c@x.fr", None, False),
        ("a@x.fr", "a@x.fr", None, None, False),  # emptied by a person: stays empty
        ("a@x.fr", "b@x.fr", None, "b@x.fr", False),
        (None, "b@x.fr", None, "b@x.fr", False),  # a first meeting
        (None, "b@x.fr", "c@x.fr", "b@x.fr", True),
        (None, "b@x.fr", "B@X.fr", None, False),
        (None, None, "c@x.fr", None, False),
        (None, None, None, None, False),
    ],
)
def test_base_source_and_crm_decide_one_field(base, source, crm, ecrit, conflit) -> None:
    attendu = {("a", "email"): (crm, ecrit, conflit)} if ecrit else {}
    assert fusion([noeud(base_email=base, email=source, crm_email=crm)]) == attendu


def test_amounts_are_compared_as_amounts() -> None:
    assert fusion([noeud(base_montant="29.90", montant="29.9", crm_montant="35.00")]) == {}
    assert fusion([noeud(base_montant="29.90", montant="30", crm_montant="29.9")]) == {
        ("a", "montant"): ("29.9", "30", False)
    }


def test_first_and_last_name_are_one_field() -> None:
    mariage = {"base_nom": "Moreau", "nom": "Roux", "base_prenom": "Inès", "prenom": "Inès"}
    assert fusion([noeud(**mariage, crm_nom="Moreau", crm_prenom="Agnès")]) == {
        ("a", "nom"): ("Moreau", "Roux", True),
        ("a", "prenom"): ("Agnès", "Inès", True),
    }
    assert fusion([noeud(**mariage, crm_nom="Moreau", crm_prenom="Inès")]) == {("a", "nom"): ("Moreau", "Roux", False)}


def test_a_field_decided_alone_does_not_carry_its_neighbours() -> None:
    valeurs = {"base_email": "a@x.fr", "email": "b@x.fr", "crm_email": "a@x.fr", "base_montant": "1", "montant": "1"}
    assert set(fusion([noeud(**valeurs, crm_montant="2")])) == {("a", "email")}


def test_of_a_pair_only_what_the_source_has_is_written() -> None:
    assert fusion([noeud(nom="Roux", base_nom="Moreau", crm_nom="Moreau", base_prenom="Inès", crm_prenom="Inès")]) == {
        ("a", "nom"): ("Moreau", "Roux", False)
    }


def test_of_several_prospects_of_one_client_the_latest_decides_field_by_field() -> None:
    ancien = noeud("1", modifie_a=HIER, email="vieux@x.fr", montant="1")
    recent = noeud("2", modifie_a=AUJOURDHUI, email="neuf@x.fr")
    assert fusion([ancien, recent]) == {
        ("a", "email"): (None, "neuf@x.fr", False),
        ("a", "montant"): (None, "1", False),
    }


def test_a_prospect_that_says_nothing_new_does_not_silence_the_one_that_does() -> None:
    muet = noeud("1", modifie_a=AUJOURDHUI, email="a@x.fr", base_email="a@x.fr", crm_email="a@x.fr")
    parlant = noeud("2", modifie_a=HIER, email="b@x.fr", base_email="a@x.fr", crm_email="a@x.fr")
    assert fusion([muet, parlant]) == {("a", "email"): ("a@x.fr", "b@x.fr", False)}


@pytest.mark.parametrize(
    ("dates", "gagnant"),
    [((HIER, HIER), "1"), ((None, None), "1"), ((None, HIER), "2"), ((HIER, None), "1"), ((HIER, AUJOURDHUI), "2")],
)
def test_a_tie_goes_to_the_lowest_id_and_no_time_is_the_earliest(dates, gagnant: str) -> None:
    noeuds = [noeud(str(i), modifie_a=d, email=f"{i}@x.fr") for i, d in enumerate(dates, 1)]
    for ordre in (noeuds, noeuds[::-1]):
        assert fusion(ordre) == {("a", "email"): (None, f"{gagnant}@x.fr", False)}


def test_a_second_with_a_fraction_is_later_than_the_second() -> None:
    noeuds = [
        noeud("1", modifie_a="2025-03-02 08:00:00+00", email="avant@x.fr"),
        noeud("2", modifie_a="2025-03-02 08:00:00.001+00", email="apres@x.fr"),
    ]
    assert fusion(noeuds)["a", "email"][1] == "apres@x.fr"


def test_no_row_is_no_change() -> None:
    assert fusionner(lignes([]), CHAMPS_ESSAI).empty
    assert {"crm_id", "champ", "avant", "apres", "conflit"} <= set(fusionner(lignes([]), CHAMPS_ESSAI).columns)


def test_the_pairs_of_the_crm_are_names_and_bank_details() -> None:
    decidees = {entite: par_decision(champs) for entite, champs in CHAMPS.items()}
    assert [c.nom for c in decidees["client"]["identite"]] == ["nom", "prenom"]
    assert [c.nom for c in decidees["information_paiement"]["banque"]] == ["iban", "bic"]
    for entite, champs in CHAMPS.items():
        assert [c for groupe in decidees[entite].values() for c in groupe] == list(champs), entite


# --- Laws

LOI = settings(deadline=None, max_examples=40)  # each example is a whole table
CRM = "abcdef"
ALPHABET = {
    "nom": st.sampled_from([None, "A", "B"]),
    "prenom": st.sampled_from([None, "A", "B"]),
    "email": st.sampled_from([None, "a@x.fr", "A@X.fr", "b@x.fr"]),
    "montant": st.sampled_from([None, "1", "1.00", "2"]),
}
DATES = st.sampled_from([None, HIER, AUJOURDHUI])


@st.composite
def rencontres(draw) -> list[oracle.Ligne]:
    """Some source nodes over at most six CRM rows, each with its own base; nodes of one row see the same row."""
    crm = {crm_id: {f"crm_{nom}": draw(ALPHABET[nom]) for nom in NOMS} for crm_id in CRM}
    noeuds = []
    for i in range(draw(st.integers(1, 14))):
        crm_id = draw(st.sampled_from(CRM))
        valeurs = {f"{sorte}{nom}": draw(ALPHABET[nom]) for nom in NOMS for sorte in ("", "base_")}
        noeuds.append(noeud(f"{i:02}", crm_id, draw(DATES), **valeurs, **crm[crm_id]))
    return draw(st.permutations(noeuds))


def appliquer(noeuds: list[oracle.Ligne]) -> list[oracle.Ligne]:
    """The next sync of the same answer: the values written, and the base of each link what its node last said."""
    ecrits = fusion(noeuds)
    return [
        {
            **n,
            **{f"base_{nom}": n[f"base_{nom}"] if n[nom] is None else n[nom] for nom in NOMS},
            **{
                f"crm_{nom}": ecrits[n["crm_id"], nom][1] if (n["crm_id"], nom) in ecrits else n[f"crm_{nom}"]
                for nom in NOMS
            },
        }
        for n in noeuds
    ]


@LOI
@given(rencontres())
def test_whole_tables_are_decided_as_row_by_row(noeuds) -> None:
    assert fusion(noeuds) == oracle.fusion(noeuds, CHAMPS_ESSAI)


@LOI
@given(rencontres())
def test_the_same_answer_twice_changes_nothing(noeuds) -> None:
    assert fusion(appliquer(noeuds)) == {}


@LOI
@given(rencontres())
def test_null_never_erases_and_nothing_is_invented(noeuds) -> None:
    for (crm_id, champ), (avant, apres, _) in fusion(noeuds).items():
        dits = {n[champ] for n in noeuds if n["crm_id"] == crm_id} - {None}
        assert apres in dits
        assert avant != apres
    for avant, apres in zip(noeuds, appliquer(noeuds), strict=True):
        assert all(apres[f"crm_{nom}"] is not None for nom in NOMS if avant[f"crm_{nom}"] is not None)


@LOI
@given(rencontres())
def test_what_the_crm_changed_alone_stays(noeuds) -> None:
    muets = [{**n, **{nom: n[f"base_{nom}"] for nom in NOMS}} for n in noeuds]
    assert fusion(muets) == {}


@LOI
@given(rencontres(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(noeuds, hasard) -> None:
    melanges = list(noeuds)
    hasard.shuffle(melanges)
    assert fusion(melanges) == fusion(noeuds)


@settings(LOI, max_examples=15)
@given(rencontres())
def test_one_row_s_decision_does_not_depend_on_the_others(noeuds) -> None:
    seules = {}
    for crm_id in CRM:
        seules |= fusion([n for n in noeuds if n["crm_id"] == crm_id])
    assert seules == fusion(noeuds)


# --- Rows to be made


def reunies(noeuds: list[oracle.Ligne]) -> dict[str, dict[str, str | None]]:
    faites = reunir(lignes(noeuds), CHAMPS_ESSAI, "crm_id")
    assert faites["crm_id"].is_unique
    assert set(faites.columns) == set(COLONNES)
    return {
        ligne["crm_id"]: {nom: None if pd.isna(ligne[nom]) else ligne[nom] for nom in NOMS}
        for ligne in faites.to_dict("records")
    }


@LOI
@given(rencontres())
@example([noeud("1", "a", email="x@x.fr"), noeud("2", "b", nom="B")])
def test_rows_to_be_made_are_put_together_as_row_by_row(noeuds) -> None:
    assert reunies(noeuds) == oracle.reunion(noeuds, CHAMPS_ESSAI)


@LOI
@given(rencontres())
def test_a_row_made_of_several_prospects_is_what_they_would_write_into_an_empty_one(noeuds) -> None:
    vierges = [{**n, **{f"{sorte}{nom}": None for nom in NOMS for sorte in ("base_", "crm_")}} for n in noeuds]
    dits = {
        (crm_id, nom): valeur
        for crm_id, ligne in reunies(vierges).items()
        for nom, valeur in ligne.items()
        if valeur is not None
    }
    assert {cle: apres for cle, (_, apres, _) in fusion(vierges).items()} == dits


def test_a_row_to_be_made_takes_its_rule_from_its_latest_prospect() -> None:
    noeuds = lignes([noeud("1", modifie_a=HIER, nom="A"), noeud("2", modifie_a=AUJOURDHUI, email="b@x.fr")])
    (faite,) = reunir(noeuds.assign(regle=["email", "telephone"]), CHAMPS_ESSAI, "crm_id").to_dict("records")
    assert (faite["regle"], faite["nom"], faite["email"]) == ("telephone", "A", "b@x.fr")

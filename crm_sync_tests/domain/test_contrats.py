"""Which CRM contract a contract is, and whose it is where two people carry one reference."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_sync.domain.contrats import Detention, departager
from crm_sync.domain.lots import tableau
from crm_sync.domain.motifs import MOTIFS
from crm_sync_tests.domain import oracle

COLONNES = ("source_id", "cle_reference", "client_id", "crm_id", "modifie_a")
TOT, TARD = "2025-03-01 08:00:00+00", "2025-03-02 08:00:00+00"


def contrat(
    source_id: str, reference: str, client_id: str, *, lie: str | None = None, modifie_a: str | None = TOT
) -> oracle.Ligne:
    valeurs = (source_id, reference, client_id, lie, modifie_a)
    return dict(zip(COLONNES, valeurs, strict=True))


Issue = dict[str, tuple[str | None, str]]


def depart(
    *attente: oracle.Ligne,
    lies: Sequence[oracle.Ligne] = (),
    contrats: Mapping[str, str] | None = None,
    detenteurs: Mapping[str, str] | None = None,
) -> Issue:
    """Source id → (CRM contract, rule), or (None, reason) for what is put aside."""
    lignes, autres = (
        tableau(COLONNES, [tuple(c[colonne] for colonne in COLONNES) for c in noeuds]) for noeuds in (attente, lies)
    )
    departage = departager(lignes, autres, Detention(contrats or {}, detenteurs or {}))
    restent = departage.lignes
    assert restent["groupe"].equals(restent["cle_reference"])
    assert not set(restent["source_id"].to_pylist()) & set(departage.rejets)
    assert set(departage.rejets.values()) <= set(MOTIFS)
    return {
        **{c["source_id"]: (c["crm_id"], c["regle"]) for c in restent.to_pylist()},
        **{source_id: (None, motif) for source_id, motif in departage.rejets.items()},
    }


def test_nothing_waits() -> None:
    assert depart() == {}


def test_a_reference_that_the_crm_does_not_know_is_a_new_contract() -> None:
    assert depart(contrat("1/A", "A", "ines"), contrats={"B": "c9"}) == {"1/A": (None, "creation")}


def test_a_linked_contract_stays_the_contract_that_it_is() -> None:
    assert depart(contrat("1/A", "A", "ines", lie="c1")) == {"1/A": ("c1", "lien")}
    ailleurs = depart(contrat("1/A", "A", "ines", lie="c1"), contrats={"A": "c9"}, detenteurs={"c9": "paul"})
    assert ailleurs == {"1/A": ("c1", "lien")}


@pytest.mark.parametrize("detenteurs", [{}, {"c1": "ines"}], ids=["nobody's", "hers"])
def test_a_reference_that_the_crm_knows_is_that_contract(detenteurs) -> None:
    assert depart(contrat("1/A", "A", "ines"), contrats={"A": "c1"}, detenteurs=detenteurs) == {
        "1/A": ("c1", "reference")
    }


def test_a_reference_that_another_living_client_holds_is_put_aside() -> None:
    assert depart(
        contrat("1/A", "A", "ines"),
        contrat("1/B", "B", "ines"),
        contrats={"A": "c1", "B": "c2"},
        detenteurs={"c1": "paul", "c2": "ines"},
    ) == {"1/A": (None, "reference_detenue"), "1/B": ("c2", "reference")}


@pytest.mark.parametrize("contrats", [{}, {"A": "c1"}], ids=["new", "in the CRM, and nobody's"])
@pytest.mark.parametrize(
    ("dates", "gagnant"),
    [((TOT, TARD), "2/A"), ((TARD, TOT), "1/A"), ((TOT, TOT), "1/A"), ((None, TOT), "2/A"), ((None, None), "1/A")],
)
def test_of_two_people_with_one_reference_that_nobody_holds_the_more_recent_has_it(contrats, dates, gagnant) -> None:
    attente = [
        contrat("1/A", "A", "ines", modifie_a=dates[0]),
        contrat("2/A", "A", "paul", modifie_a=dates[1]),
    ]
    bon = (contrats.get("A"), "reference" if contrats else "creation")
    attendu = {"1/A": (None, "reference_disputee"), "2/A": (None, "reference_disputee"), gagnant: bon}
    for ordre in (attente, attente[::-1]):
        assert depart(*ordre, contrats=contrats) == attendu


def test_two_prospects_that_are_one_client_have_one_contract() -> None:
    attente = contrat("1/A", "A", "ines"), contrat("2/A", "A", "ines", modifie_a=TARD)
    assert depart(*attente) == {"1/A": (None, "creation"), "2/A": (None, "creation")}


def test_the_holder_s_other_prospect_has_it_and_a_stranger_does_not_however_recent() -> None:
    attente = contrat("1/A", "A", "ines"), contrat("2/A", "A", "ines"), contrat("3/A", "A", "paul", modifie_a=TARD)
    assert depart(*attente, contrats={"A": "c1"}, detenteurs={"c1": "ines"}) == {
        "1/A": ("c1", "reference"),
        "2/A": ("c1", "reference"),
        "3/A": (None, "reference_detenue"),
    }


def test_rows_keep_what_else_they_say() -> None:
    lignes = tableau(
        (*COLONNES, "statut"), [("1/A", "A", "ines", None, TOT, "signe"), ("1/B", "B", "ines", "c2", TOT, "autre")]
    )
    assert departager(lignes, lignes[:0], Detention({}, {})).lignes["statut"].to_pylist() == ["signe", "autre"]


# --- Laws


def un_par_un(
    attente: Sequence[oracle.Ligne],
    lies: Sequence[oracle.Ligne],
    contrats: Mapping[str, str],
    detenteurs: Mapping[str, str],
) -> Issue:
    issue: Issue = {}
    for ligne in attente:
        source_id, reference = str(ligne["source_id"]), str(ligne["cle_reference"])
        trouve = ligne["crm_id"] or contrats.get(reference)
        detenteur = detenteurs.get(str(trouve))
        porteurs = [autre for autre in (*attente, *lies) if autre["cle_reference"] == reference]
        if _gagnant(porteurs, contrats.get(reference), detenteurs) not in {"", ligne["client_id"]}:
            issue[source_id] = (None, "reference_disputee" if detenteur is None else "reference_detenue")
        elif ligne["crm_id"] is not None:
            issue[source_id] = (ligne["crm_id"], "lien")
        elif detenteur not in {None, ligne["client_id"]}:
            issue[source_id] = (None, "reference_detenue")
        else:
            issue[source_id] = (trouve, "creation" if trouve is None else "reference")
    return issue


def _gagnant(porteurs: Sequence[oracle.Ligne], connu: str | None, detenteurs: Mapping[str, str]) -> str | None:
    """Who keeps a reference that several clients carry, None where none of them may; empty where there is no contest."""
    clients = {str(porteur["client_id"]) for porteur in porteurs}
    if len(clients) == 1:
        return ""
    restants, ordonnes = list(porteurs), []
    while restants:
        ordonnes.append(oracle.plus_recent(restants))
        restants.remove(ordonnes[-1])
    contrat = next((str(p["crm_id"]) for p in ordonnes if p["crm_id"] is not None), connu)
    detenteur = detenteurs.get(str(contrat))
    if detenteur is None:
        return str(ordonnes[0]["client_id"])
    return detenteur if detenteur in clients else None


CAS = st.tuples(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.sampled_from(["ines", "paul", "zoe"]),
            st.sampled_from([None, None, "c1", "c7"]),
            st.sampled_from([None, TOT, TARD]),
            st.booleans(),
        ),
        max_size=7,
    ),
    st.dictionaries(st.sampled_from("AB"), st.sampled_from(["c1", "c2"])),
    st.dictionaries(st.sampled_from(["c1", "c2"]), st.sampled_from(["ines", "paul", "leo"])),
)


@settings(deadline=None, max_examples=60)
@given(CAS, st.randoms(use_true_random=False))
@example(([("A", "ines", None, TOT, False), ("A", "paul", None, TARD, False)], {"A": "c1"}, {}), None)
def test_a_whole_table_is_decided_as_one_contract_at_a_time_in_any_order(cas, hasard) -> None:
    valeurs, contrats, detenteurs = cas
    noeuds = [
        (contrat(f"{i}/{ref}", ref, qui, lie=lie, modifie_a=quand), calme and lie is not None)
        for i, (ref, qui, lie, quand, calme) in enumerate(valeurs)
    ]
    attente = [noeud for noeud, calme in noeuds if not calme]
    lies = [noeud for noeud, calme in noeuds if calme]
    attendu = un_par_un(attente, lies, contrats, detenteurs)
    assert depart(*attente, lies=lies, contrats=contrats, detenteurs=detenteurs) == attendu
    if hasard is not None:
        hasard.shuffle(attente)
        assert depart(*attente, lies=lies, contrats=contrats, detenteurs=detenteurs) == attendu

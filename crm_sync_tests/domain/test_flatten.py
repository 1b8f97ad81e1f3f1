"""One prospect becomes rows, and what is put aside: nothing is lost, and order means nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_sync.domain import types
from crm_sync.domain.flatten import Element, Normalise, adresse, aplatir, empreinte, instant
from crm_sync.domain.motifs import MOTIFS
from crm_sync.domain.types import CommercialLu, ContratLu, Ecart, ElementLu, PaiementLu, ProspectLu

IBAN, AUTRE_IBAN = "FR1420041010050500013M02606", "FR7630006000011234567890189"
HIER = datetime(2025, 3, 1, 8, tzinfo=UTC)
AUJOURDHUI = HIER + timedelta(days=1, microseconds=500)
VU_LE = datetime(2026, 1, 1, tzinfo=UTC)
LEA = CommercialLu("u-1", "Roux", "Léa", "lea.roux@agence.example", None, HIER)

TABLES = {
    "clients": types.CLIENTS,
    "contrats": types.CONTRATS,
    "informations_paiement": types.INFORMATIONS_PAIEMENT,
    "commerciaux": types.COMMERCIAUX,
    "normalisation": types.NORMALISATION,
    "rejets": ("porteur", *types.REJETS),
}


def contrat(reference: str | None = "8177185WNC", chemin: str = "/Souscription/0/contrats/0", **reste) -> ContratLu:
    vide = dict.fromkeys(ContratLu._fields)
    return ContratLu(**{**vide, "chemin": chemin, "reference": reference, **reste})


def paiement(iban: str | None = IBAN, chemin: str = "/informationsPaiement/0", **reste) -> PaiementLu:
    vide = dict.fromkeys(PaiementLu._fields)
    return PaiementLu(**{**vide, "chemin": chemin, "iban": iban, **reste})


def prospect(id_prospect: str = "397", **reste) -> ProspectLu:
    """A prospect whose children stand where they are listed."""
    vide = dict.fromkeys(ProspectLu._fields)
    reste["contrats"] = tuple(
        c._replace(chemin=f"/Souscription/0/contrats/{i}") for i, c in enumerate(reste.get("contrats", ()))
    )
    reste["paiements"] = tuple(
        p._replace(chemin=f"/informationsPaiement/{i}") for i, p in enumerate(reste.get("paiements", ()))
    )
    return ProspectLu(**{**vide, "id_prospect": id_prospect, "nom": "Moreau", "ecarts": (), **reste})


def recu(lu: ProspectLu | Ecart, contrats: int | None = None, paiements: int | None = None) -> ElementLu:
    """A read element; what was received is, unless said, what was read and what could not be."""

    def compte(entite: str, lus: str) -> int:
        if isinstance(lu, Ecart):
            return 0
        return len(getattr(lu, lus)) + sum(e.noeuds for e in lu.ecarts if e.entite == entite)

    return ElementLu(
        lu,
        compte("contrats", "contrats") if contrats is None else contrats,
        compte("informations_paiement", "paiements") if paiements is None else paiements,
        frozenset(),
    )


def element(*contenus: tuple[ElementLu, int] | ProspectLu, cle: str = "id:397") -> Element:
    return Element(cle, "1x1", [c if isinstance(c[1], int) else (recu(c), 1) for c in contenus], VU_LE)


def table(lot: Normalise, nom: str) -> list[dict[str, str | None]]:
    lignes = [(*copie, vu) for copie, vu in lot.commerciaux.items()] if nom == "commerciaux" else getattr(lot, nom)
    return [dict(zip(TABLES[nom], ligne, strict=True)) for ligne in lignes]


def rejets(lot: Normalise) -> set[tuple[str, str, str, int]]:
    return {(r["entite"], r["chemin"], r["motif"], int(r["noeuds"])) for r in table(lot, "rejets")}


# --- Rows


def test_a_prospect_becomes_a_client_with_its_keys() -> None:
    lot = aplatir(
        [
            element(
                prospect(
                    prenom="Inès",
                    email=" Ines.Moreau@Courriel.example",
                    telephone="06 45 67 12 34 / 0692123456",
                    naissance=date(1984, 5, 12),
                    identity_card='{"numero": "T7"}',
                    commercial_id="ancien",
                    commercial=LEA,
                    modifie_a=AUJOURDHUI,
                )
            )
        ]
    )
    (client,) = table(lot, "clients")
    (commercial,) = table(lot, "commerciaux")
    assert {cle: v for cle, v in client.items() if "empreinte" not in cle} == {
        "source_id": "397",
        "nom": "Moreau",
        "prenom": "Inès",
        "email": " Ines.Moreau@Courriel.example",
        "telephone": "06 45 67 12 34 / 0692123456",
        "naissance": "1984-05-12",
        "identity_card": '{"numero": "T7"}',
        "commercial_source_id": "u-1",
        "cle_nom": "moreau",
        "cle_prenom": "ines",
        "cle_email": "ines.moreau@courriel.example",
        "cles_telephone": "+262692123456 +33645671234",
        "modifie_a": "2025-03-02 08:00:00.000500+00:00",
        "noeuds": "1",
        "vu_le": "2026-01-01 00:00:00+00:00",
    }
    assert client["commercial_empreinte"] == commercial["empreinte"]
    assert commercial | {"empreinte": ""} == {
        "source_id": "u-1",
        "nom": "Roux",
        "prenom": "Léa",
        "email": "lea.roux@agence.example",
        "telephone": None,
        "cle_email": "lea.roux@agence.example",
        "modifie_a": "2025-03-01 08:00:00+00:00",
        "empreinte": "",
        "vu_le": "2026-01-01 00:00:00+00:00",
    }
    assert not lot.rejets
    assert table(lot, "normalisation")[0]["cle"] == "id:397"


def test_a_contract_becomes_a_row_with_its_reference_as_written() -> None:
    lu = contrat(
        " 8177185 wnc",
        statut_source="Validée",
        produit="Fibre 500",
        montant=Decimal("29.90"),
        date_signature=HIER,
        prospect_id="998",
        modifie_a=HIER,
    )
    (ligne,) = table(aplatir([element(prospect(contrats=[lu], commercial_id="u-1"))]), "contrats")
    attendus = {
        "source_id": "397/8177185WNC",
        "id_prospect": "397",  # nesting wins over the prospect that it names
        "cle_reference": "8177185WNC",
        "reference": " 8177185 wnc",
        "statut": "valide",
        "statut_source": "Validée",
        "produit": "Fibre 500",
        "montant": "29.90",
        "date_signature": "2025-03-01 08:00:00+00:00",
        "date_validation": None,
        "commercial_source_id": "u-1",
        "modifie_a": "2025-03-01 08:00:00+00:00",
        "noeuds": "1",
    }
    assert {cle: ligne[cle] for cle in attendus} == attendus


def test_what_the_source_does_not_say_is_null_in_every_column() -> None:
    lot = aplatir([element(prospect(contrats=[contrat("A")], paiements=[paiement()]))])
    dits = {"source_id", "id_prospect", "noeuds", "empreinte", "vu_le"}
    (client,), (lu,), (compte,) = (table(lot, nom) for nom in ("clients", "contrats", "informations_paiement"))
    assert {cle for cle, v in client.items() if v is not None} == {
        "source_id",
        "nom",
        "cle_nom",
        "noeuds",
        "empreinte",
        "vu_le",
    }
    assert {cle for cle, v in lu.items() if v is not None} == dits | {"cle_reference", "reference", "statut"}
    assert {cle for cle, v in compte.items() if v is not None} == dits | {"iban"}


@pytest.mark.parametrize(("envoye", "stocke"), [("fr14 2004 1010 0505 0001 3m02 606", IBAN), (IBAN, IBAN)])
def test_bank_details_are_stored_without_spaces_in_capitals(envoye: str, stocke: str) -> None:
    lot = aplatir([element(prospect(paiements=[paiement(envoye, bic=" bnpafrpp xxx ")]))])
    (ligne,) = table(lot, "informations_paiement")
    assert (ligne["source_id"], ligne["iban"], ligne["bic"]) == (f"397/{stocke}", stocke, "BNPAFRPPXXX")


@pytest.mark.parametrize(
    ("lu", "source_id"),
    [
        (LEA, "u-1"),
        (LEA._replace(source_id=None), "email:lea.roux@agence.example"),
        (LEA._replace(source_id=None, email="LEA.roux@Agence.example "), "email:lea.roux@agence.example"),
        (LEA._replace(source_id=None, email="sans adresse"), "prospect:397"),
        (LEA._replace(source_id=None, email=None), "prospect:397"),
    ],
)
def test_a_sales_rep_is_known_by_id_then_by_address_then_by_its_prospect(lu: CommercialLu, source_id: str) -> None:
    lot = aplatir([element(prospect(commercial=lu, contrats=[contrat()]))])
    assert table(lot, "commerciaux")[0]["source_id"] == source_id
    assert {ligne["commercial_source_id"] for nom in ("clients", "contrats") for ligne in table(lot, nom)} == {
        source_id
    }


def test_copies_of_one_sales_rep_are_one_row_and_another_content_is_another() -> None:
    change = LEA._replace(telephone="0645671234")
    lot = aplatir([element(prospect(str(i), commercial=lu), cle=f"id:{i}") for i, lu in enumerate([LEA, LEA, change])])
    assert len(lot.commerciaux) == 2
    assert {ligne["source_id"] for ligne in table(lot, "commerciaux")} == {"u-1"}


@pytest.mark.parametrize(
    ("quand", "ecrit"),
    [(None, None), (HIER, "2025-03-01 08:00:00+00:00"), (AUJOURDHUI, "2025-03-02 08:00:00.000500+00:00")],
)
def test_instants_are_written_in_utc(quand, ecrit) -> None:
    assert instant(quand) == ecrit


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_written_as_python_writes_it(quand: datetime) -> None:
    assert instant(quand) == quand.isoformat(" ")
    assert instant(quand.replace(microsecond=0)) == quand.replace(microsecond=0).isoformat(" ")


# --- Joined: several nodes that are one row


def test_a_reference_that_comes_twice_in_one_prospect_is_one_contract_the_most_recent() -> None:
    nodes = [
        contrat("A-1", montant=Decimal(1), modifie_a=HIER),
        contrat("a-1 ", montant=Decimal(2), modifie_a=AUJOURDHUI),
        contrat("A-1", montant=Decimal(3)),
        contrat("B"),
    ]
    for ordre in (nodes, nodes[::-1]):
        lot = aplatir([element(prospect(contrats=ordre))])
        lignes = {ligne["cle_reference"]: ligne for ligne in table(lot, "contrats")}
        assert set(lignes) == {"A-1", "B"}
        assert (lignes["A-1"]["montant"], lignes["A-1"]["reference"], lignes["A-1"]["noeuds"]) == ("2", "a-1 ", "3")
        assert lignes["B"]["noeuds"] == "1"
        assert not lot.rejets


def test_copies_without_a_time_choose_by_content_and_not_by_order() -> None:
    nodes = [contrat("A-1", description=d) for d in ("un", "deux", "trois")]
    choisis = {
        table(aplatir([element(prospect(contrats=ordre))]), "contrats")[0]["description"]
        for ordre in (nodes, nodes[::-1], nodes[1:] + nodes[:1])
    }
    assert len(choisis) == 1


def test_the_same_iban_twice_is_one_row_and_two_ibans_are_two() -> None:
    envoyes = [paiement(IBAN), paiement(f" {IBAN.lower()} "), paiement(AUTRE_IBAN)]
    lot = aplatir([element(prospect(paiements=envoyes))])
    assert {(p["source_id"], p["noeuds"]) for p in table(lot, "informations_paiement")} == {
        (f"397/{IBAN}", "2"),
        (f"397/{AUTRE_IBAN}", "1"),
    }


def test_bank_details_with_an_id_are_known_by_it() -> None:
    avant = aplatir([element(prospect(paiements=[paiement(IBAN, id="9")]))])
    apres = aplatir([element(prospect(paiements=[paiement(AUTRE_IBAN, id="9")]))])
    ids = [p["source_id"] for lot in (avant, apres) for p in table(lot, "informations_paiement")]
    assert ids == ["397/9", "397/9"]
    deux = aplatir([element(prospect(paiements=[paiement(IBAN, id="9"), paiement(IBAN, id="10")]))])
    assert {p["source_id"] for p in table(deux, "informations_paiement")} == {"397/9", "397/10"}


@pytest.mark.parametrize("inverse", [False, True])
def test_one_id_with_two_ibans_has_the_most_recent(inverse: bool) -> None:
    envoyes = [paiement(IBAN, id="9", modifie_a=AUJOURDHUI), paiement(AUTRE_IBAN, id="9", modifie_a=HIER)]
    (ligne,) = table(
        aplatir([element(prospect(paiements=envoyes[::-1] if inverse else envoyes))]), "informations_paiement"
    )
    assert (ligne["iban"], ligne["noeuds"]) == (IBAN, "2")


def test_a_prospect_that_comes_twice_alike_counts_twice_and_is_one() -> None:
    lu = recu(prospect(contrats=[contrat("A"), contrat("A"), contrat(None)], paiements=[paiement()]))
    lot = aplatir([element((lu, 3))])
    assert [(ligne["noeuds"]) for ligne in table(lot, "clients")] == ["3"]
    assert [(ligne["cle_reference"], ligne["noeuds"]) for ligne in table(lot, "contrats")] == [("A", "6")]
    assert [ligne["noeuds"] for ligne in table(lot, "informations_paiement")] == ["3"]
    assert rejets(lot) == {("contrats", "/Souscription/0/contrats/2/titre", "reference_absente", 3)}
    assert table(lot, "normalisation")[0] == {
        "cle": "id:397",
        "versions": "1x1",
        "regles": table(lot, "normalisation")[0]["regles"],
        "recus_clients": "3",
        "recus_contrats": "9",
        "recus_informations_paiement": "3",
        "horloges_en_avance": "0",
    }


# --- Put aside


@pytest.mark.parametrize(
    ("noeud", "attendu"),
    [
        (contrat(None), ("contrats", "/Souscription/0/contrats/0/titre", "reference_absente", 1)),
        (contrat("\u200b \u00a0"), ("contrats", "/Souscription/0/contrats/0/titre", "reference_absente", 1)),
        (contrat("R" * 201), ("contrats", "/Souscription/0/contrats/0/titre", "reference_trop_longue", 1)),
        (contrat("ﬃ" * 67), ("contrats", "/Souscription/0/contrats/0/titre", "reference_trop_longue", 1)),
        (contrat("R" + " " * 200), ("contrats", "/Souscription/0/contrats/0/titre", "reference_trop_longue", 1)),
        (paiement(None), ("informations_paiement", "/informationsPaiement/0/IBAN", "iban_absent", 1)),
        (paiement(IBAN[:-1]), ("informations_paiement", "/informationsPaiement/0/IBAN", "iban_invalide", 1)),
        (paiement(f"{IBAN[:-1]}7"), ("informations_paiement", "/informationsPaiement/0/IBAN", "iban_invalide", 1)),
        (paiement(bic="BNP"), ("informations_paiement", "/informationsPaiement/0/BIC", "bic_invalide", 1)),
        (paiement("?", bic="?"), ("informations_paiement", "/informationsPaiement/0/IBAN", "iban_invalide", 1)),
    ],
)
def test_one_bad_node_is_put_aside_and_its_siblings_go_through(noeud, attendu) -> None:
    contrats = [noeud] if isinstance(noeud, ContratLu) else []
    paiements = [noeud] if isinstance(noeud, PaiementLu) else []
    lot = aplatir(
        [element(prospect(contrats=[*contrats, contrat("BON")], paiements=[*paiements, paiement(AUTRE_IBAN)]))]
    )
    assert rejets(lot) == {attendu}
    assert [c["cle_reference"] for c in table(lot, "contrats")] == ["BON"]
    assert [p["iban"] for p in table(lot, "informations_paiement")] == [AUTRE_IBAN]
    assert len(lot.clients) == 1
    (rejet,) = table(lot, "rejets")
    assert (rejet["porteur"], rejet["id_prospect"]) == ("id:397", "397")


def test_a_reference_of_200_characters_is_one() -> None:
    assert not aplatir([element(prospect(contrats=[contrat("R" * 200)]))]).rejets


def test_what_could_not_be_read_is_put_aside_with_the_rest_of_its_prospect_going_through() -> None:
    illisible = Ecart("contrats", "/Souscription/0/contrats/5/montant", "titre:X", "montant_illisible")
    lot = aplatir([element(prospect(contrats=[contrat()], ecarts=(illisible,)))])
    assert rejets(lot) == {("contrats", "/Souscription/0/contrats/5/montant", "montant_illisible", 1)}
    assert len(lot.contrats) == 1


def test_a_prospect_that_cannot_be_used_takes_its_counted_children_with_it() -> None:
    lot = aplatir([element((recu(Ecart("clients", "/nom", "", "nom_absent"), 4, 1), 2))])
    assert rejets(lot) == {
        ("clients", "/nom", "nom_absent", 2),
        ("contrats", "/Souscription", "parent_ecarte", 8),
        ("informations_paiement", "/informationsPaiement", "parent_ecarte", 2),
    }
    assert not lot.clients
    assert not lot.contrats


def test_a_childless_prospect_that_cannot_be_used_is_one_line() -> None:
    lot = aplatir([element((recu(Ecart("clients", "", "", "element_invalide")), 1), cle="sha:00ff")])
    assert rejets(lot) == {("clients", "/", "element_invalide", 1)}
    assert table(lot, "rejets")[0]["id_prospect"] is None


@pytest.mark.parametrize("inverse", [False, True])
def test_one_id_with_two_contents_is_used_neither_way(inverse: bool) -> None:
    contenus = [
        (recu(prospect(nom="Moreau", contrats=[contrat("A")], paiements=[paiement()])), 1),
        (recu(prospect(nom="Roux", contrats=[contrat("A"), contrat("B")])), 2),
    ]
    lot = aplatir([element(*(contenus[::-1] if inverse else contenus))])
    assert rejets(lot) == {
        ("clients", "/idProspect", "prospect_en_double", 3),
        ("contrats", "/Souscription", "parent_ecarte", 5),
        ("informations_paiement", "/informationsPaiement", "parent_ecarte", 1),
    }
    assert (lot.clients, lot.contrats, lot.commerciaux) == ([], [], {})


def test_one_id_of_which_one_content_cannot_be_used_is_still_two_contents() -> None:
    contenus = [(recu(prospect()), 1), (recu(Ecart("clients", "/nom", "", "nom_absent")), 1)]
    for ordre in (contenus, contenus[::-1]):
        assert rejets(aplatir([element(*ordre)])) == {("clients", "/idProspect", "prospect_en_double", 2)}


def test_unknown_keys_of_all_contents_are_gathered() -> None:
    contenus = [
        (recu(prospect(nom=nom))._replace(inconnues=frozenset({f"Prospect.{nom}"})), 1) for nom in ("Moreau", "Roux")
    ]
    assert aplatir([element(*contenus)]).inconnues == {"Prospect.Moreau", "Prospect.Roux"}


def test_a_line_put_aside_is_known_again_and_holds_nothing_of_the_node() -> None:
    def cles(*contrats: ContratLu) -> set[str]:
        return {r["cle"] for r in table(aplatir([element(prospect(contrats=contrats))]), "rejets")}

    sans_reference = contrat(None, id="c-1")
    assert cles(sans_reference, contrat("A")) == cles(contrat("A"), sans_reference)
    assert len(cles(sans_reference, contrat(None, id="c-2"), contrat(None), contrat(None))) == 4
    mauvais, pire = paiement(IBAN[:-1], id="9"), paiement(None, id="10")
    ordres = [
        aplatir([element(prospect(paiements=ordre))])
        for ordre in ([mauvais, pire], [pire, mauvais], [paiement(), pire, mauvais])
    ]
    assert len({frozenset(r["cle"] for r in table(lot, "rejets")) for lot in ordres}) == 1
    assert len(cles(contrat("R" * 201), contrat("S" * 201))) == 2
    assert IBAN[:-1] not in repr(aplatir([element(prospect(paiements=[mauvais]))]).rejets)


# --- Names and fingerprints


def test_two_nodes_never_share_a_name() -> None:
    fiches = [
        element(prospect("12", contrats=[contrat("3/4")]), cle="id:12"),
        element(prospect("12/3", contrats=[contrat("4")]), cle="id:12/3"),
        element(prospect("12%2F3", contrats=[contrat("4")]), cle="id:12%2F3"),
    ]
    assert len({ligne["source_id"] for ligne in table(aplatir(fiches), "contrats")}) == 3


@given(*[st.text("a/%2F5", max_size=5)] * 4)
@example("a", "/x", "a/", "x")
def test_a_name_says_which_prospect_and_which_node(a: str, b: str, c: str, d: str) -> None:
    assert (adresse(a, b) == adresse(c, d)) == ((a, b) == (c, d))


TEXTES = st.none() | st.text(st.sampled_from(["a", "é", "\x1f", "\x00", '"', ",", "\\", " "]), max_size=3)


@given(st.lists(TEXTES, max_size=3), st.lists(TEXTES, max_size=3))
@example(["a\x1fb"], ["a", "b"])
@example([None], ["\x00"])
@example([None], ["null"])
@example([], [None])
def test_two_contents_have_one_fingerprint_only_if_they_are_one(un, autre) -> None:
    assert (empreinte(*un) == empreinte(*autre)) == (un == autre)
    assert len(empreinte(*un)) == 32


CHANGEMENTS = {
    "nom": "Roux",
    "prenom": "Inès",
    "email": "ines@courriel.example",
    "telephone": "0645671234",
    "naissance": date(1984, 5, 12),
    "identity_card": "{}",
    "commercial_id": "u-2",
    "commercial": LEA,
    "modifie_a": HIER,
}


def test_a_client_s_fingerprint_changes_with_each_of_its_values_and_with_nothing_else() -> None:
    def marque(**valeurs) -> str:
        return table(aplatir([element(prospect(**valeurs))]), "clients")[0]["empreinte"]

    marques = {cle: marque(**{cle: valeur}) for cle, valeur in CHANGEMENTS.items()}
    marques["commercial change"] = marque(commercial=LEA._replace(nom="Petit"))
    assert len({marque(), *marques.values()}) == len(marques) + 1
    assert marque(contrats=[contrat()], paiements=[paiement()]) == marque()
    lot = aplatir([element((recu(prospect()), 5), cle="id:8")])
    assert table(lot, "clients")[0]["empreinte"] == marque()


@pytest.mark.parametrize(
    ("fabrique", "lus", "nom", "changements"),
    [
        (
            contrat,
            "contrats",
            "contrats",
            {
                "reference": "autre",
                "description": "d",
                "statut_source": "Signé",
                "type": "INTERNET",
                "fournisseur": "f",
                "produit": "p",
                "montant": Decimal("29.90"),
                "date_signature": HIER,
                "date_validation": HIER,
                "document_url": "d.pdf",
                "audit_trail_url": "a.pdf",
                "modifie_a": HIER,
            },
        ),
        (paiement, "paiements", "informations_paiement", {"iban": AUTRE_IBAN, "bic": "BNPAFRPP", "modifie_a": HIER}),
    ],
)
def test_a_node_s_fingerprint_changes_with_each_of_its_values(fabrique, lus, nom, changements) -> None:
    def marque(noeud) -> str:
        return table(aplatir([element(prospect(**{lus: [noeud]}))]), nom)[0]["empreinte"]

    simple = fabrique()
    marques = [marque(simple._replace(**{cle: valeur})) for cle, valeur in changements.items()]
    assert len({marque(simple), *marques}) == len(changements) + 1
    ailleurs = aplatir([element(prospect(**{lus: [fabrique(), fabrique()]}))])
    assert table(ailleurs, nom)[0]["empreinte"] == marque(simple), "how often and where it stands is no content"


def test_who_sells_is_part_of_a_contract_s_content() -> None:
    def marque(**valeurs) -> str:
        return table(aplatir([element(prospect(contrats=[contrat()], **valeurs))]), "contrats")[0]["empreinte"]

    assert len({marque(), marque(commercial_id="u-1"), marque(commercial_id="u-2")}) == 3
    assert marque(commercial_id="u-1") == marque(commercial=LEA) == marque(commercial=LEA._replace(nom="Petit"))


# --- Laws

QUAND = st.sampled_from([None, HIER, AUJOURDHUI])
CONTRATS = st.builds(
    contrat,
    st.sampled_from([None, "", "A", "a", " A", "B", "R" * 201]),
    id=st.sampled_from([None, "1", "2"]),
    description=st.sampled_from([None, "un", "deux", "/Souscription/0/contrats/0"]),
    modifie_a=QUAND,
)
PAIEMENTS = st.builds(
    paiement,
    st.sampled_from([None, IBAN, IBAN.lower(), AUTRE_IBAN, "FR00"]),
    id=st.sampled_from([None, "1", "2"]),
    bic=st.sampled_from([None, None, "BNPAFRPP", "bnpafrpp", "?"]),
    modifie_a=QUAND,
)
ILLISIBLES = st.builds(
    Ecart,
    st.sampled_from(["contrats", "informations_paiement", "commerciaux", "offres"]),
    st.just("/quelque/part"),
    st.sampled_from(["titre:A", "/x"]),
    st.just("type_inattendu"),
    st.just(1),
)
INUTILISABLES = st.builds(
    recu,
    st.sampled_from([Ecart("clients", "/nom", "", "nom_absent"), Ecart("clients", "", "", "element_invalide")]),
    st.integers(0, 3),
    st.integers(0, 3),
)


@st.composite
def reponses(draw) -> list[Element]:
    elements = []
    for i in range(draw(st.integers(0, 4))):
        utilisables = st.builds(
            lambda id_prospect, contrats, paiements, ecarts, commercial: recu(
                prospect(id_prospect, contrats=contrats, paiements=paiements, ecarts=ecarts, commercial=commercial)
            ),
            st.just(str(i)),
            st.lists(CONTRATS, max_size=4),
            st.lists(PAIEMENTS, max_size=4),
            st.lists(ILLISIBLES, max_size=2).map(tuple),
            st.sampled_from([None, LEA, LEA._replace(source_id=None)]),
        )
        contenus = draw(st.lists(st.tuples(utilisables | INUTILISABLES, st.integers(1, 3)), min_size=1, max_size=2))
        elements.append(Element(f"id:{i}", "v", contenus, VU_LE))
    return elements


def total(lignes: Iterable[dict[str, str | None]], colonne: str) -> int:
    return sum(int(ligne[colonne]) for ligne in lignes)


LOI = settings(deadline=None, max_examples=150)


@LOI
@given(reponses())
def test_the_books_balance(elements) -> None:
    lot = aplatir(elements)
    for entite in ("clients", "contrats", "informations_paiement"):
        ecartes = [rejet for rejet in table(lot, "rejets") if rejet["entite"] == entite]
        recus = total(table(lot, "normalisation"), f"recus_{entite}")
        assert recus == total(table(lot, entite), "noeuds") + total(ecartes, "noeuds")
    assert {rejet["motif"] for rejet in table(lot, "rejets")} <= set(MOTIFS)


@LOI
@given(reponses())
def test_no_table_holds_a_key_twice(elements) -> None:
    lot = aplatir(elements)
    for nom in ("clients", "contrats", "informations_paiement"):
        ids = [ligne["source_id"] for ligne in table(lot, nom)]
        assert len(ids) == len(set(ids))


def contenu(lot: Normalise) -> dict[str, Counter]:
    """What a batch holds, whatever the order; of what is put aside, not where it stands."""
    return {
        **{nom: Counter(list(getattr(lot, nom))) for nom in TABLES if nom != "rejets"},
        "rejets": Counter((r["porteur"], r["entite"], r["motif"], r["noeuds"]) for r in table(lot, "rejets")),
    }


@LOI
@given(reponses(), st.randoms(use_true_random=False))
def test_order_means_nothing(elements, hasard) -> None:
    def melange(valeurs: Iterable) -> list:
        valeurs = list(valeurs)
        hasard.shuffle(valeurs)
        return valeurs

    def remuer(lu: ElementLu) -> ElementLu:
        if isinstance(lu.prospect, Ecart):
            return lu
        valeurs = lu.prospect._asdict()
        valeurs |= {cle: melange(valeurs[cle]) for cle in ("contrats", "paiements", "ecarts")}
        return lu._replace(prospect=prospect(**valeurs))

    remues = [
        Element(e.cle, e.versions, melange((remuer(lu), n) for lu, n in e.contenus), VU_LE) for e in melange(elements)
    ]
    assert contenu(aplatir(remues)) == contenu(aplatir(elements))


@LOI
@given(reponses())
def test_a_batch_is_its_elements_one_by_one(elements) -> None:
    ensemble = contenu(aplatir(elements))
    un_par_un = [contenu(aplatir([e])) for e in elements]
    for nom, lignes in ensemble.items():
        somme = sum((c[nom] for c in un_par_un), Counter())
        assert (set(lignes) == set(somme)) if nom == "commerciaux" else (lignes == somme)


@LOI
@given(reponses())
def test_fingerprints_tell_contents_apart(elements) -> None:
    lot = aplatir(elements)
    for nom, tues in (
        ("clients", {"source_id", "noeuds"}),
        ("contrats", {"source_id", "id_prospect", "noeuds"}),
        ("informations_paiement", {"source_id", "id_prospect", "noeuds"}),
    ):
        for un, autre in combinations(table(lot, nom), 2):
            memes = all(un[cle] == autre[cle] for cle in un if cle not in tues | {"empreinte"})
            assert (un["empreinte"] == autre["empreinte"]) == memes


def test_a_clock_ahead_is_cut_at_the_reception_in_every_node_and_counted() -> None:
    demain = VU_LE + timedelta(days=1)
    lu = prospect(
        commercial=LEA._replace(modifie_a=demain),
        contrats=[contrat(modifie_a=demain), contrat("AUTRE", modifie_a=HIER)],
        paiements=[paiement(modifie_a=demain)],
        modifie_a=demain,
    )
    lot = aplatir([element(lu)])
    recu_le = instant(VU_LE)
    assert [c["modifie_a"] for nom in TABLES if "modifie_a" in TABLES[nom] for c in table(lot, nom)] == [
        recu_le,
        recu_le,
        instant(HIER),
        recu_le,
        recu_le,
    ]
    assert table(lot, "normalisation")[0]["horloges_en_avance"] == "4"


def test_batches_taken_together_are_what_both_would_have_become_in_every_field() -> None:
    un = element(prospect("1", contrats=[contrat(), contrat(None)], paiements=[paiement()], commercial=LEA))
    autre = element(
        prospect("2", contrats=[contrat("B", prospect_id="9")], paiements=[paiement("FR00")], commercial=LEA),
        cle="id:2",
    )
    ensemble, suite = aplatir([un]), aplatir([autre])
    assert suite.d_un_autre
    ensemble.ajouter(suite)
    assert ensemble == aplatir([un, autre])

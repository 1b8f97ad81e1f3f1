"""`crm-sync source check` on a real HTTP server: one story per kind of finding, and never a value that is somebody's."""

import copy
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync import cli
from crm_sync.errors import SourceError
from crm_sync.source.client import Endpoint, Reponse
from crm_sync.source.lecture import decouper, identifiant_strict
from crm_sync.source.models import MODELES
from crm_sync.source.phrases import GENRES
from crm_sync.source.rapport import LIMITE, Echantillon, examiner, markdown, resumer
from crm_sync_tests.conftest import SourceEssai
from crm_sync_tests.gens import IBANS
from crm_sync_tests.scenarios.test_source_en_panne import PANNES
from crm_sync_tests.source.test_specification import EXEMPLE
from crm_sync_tests.test_fuites import REPONSE, sans_secret

Executer = Callable[..., tuple[int, str, str]]
CONTRAT = "/1/Souscription/0/contrats/0"
DEMAIN = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def sain(numero: int) -> dict[str, Any]:
    """Give a prospect in which there is nothing to mend."""
    element = copy.deepcopy(EXEMPLE) | {"idProspect": numero}
    element["Souscription"][0]["contrats"][0] |= {"titre": f"{numero}-A", "prospectId": numero}
    return element


@pytest.fixture
def executer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Executer:
    """Run `crm-sync` in this process, errors included; gives exit code, standard output, standard error."""
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)

    def lancer(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["crm-sync", *arguments])
        with pytest.raises(SystemExit) as fin:
            cli.main()
        sortie = capsys.readouterr()
        return int(fin.value.code or 0), sortie.out, sortie.err

    return lancer


def _contrat(**valeurs: Any) -> Callable[[dict[str, Any]], None]:
    return lambda p: p["Souscription"][0]["contrats"][0].update(valeurs)


def _prospect(**valeurs: Any) -> Callable[[dict[str, Any]], None]:
    return lambda p: p.update(valeurs)


def _iban(**valeurs: Any) -> Callable[[dict[str, Any]], None]:
    return lambda p: p["informationsPaiement"][0].update(valeurs)


def _sans(cle: str, *ou: str | int) -> Callable[[dict[str, Any]], None]:
    def oter(noeud: Any) -> None:
        for pas in ou:
            noeud = noeud[pas]
        del noeud[cle]

    return oter


HISTOIRES: dict[str, tuple[Callable[[dict[str, Any]], None], str, str, str | None, int]] = {
    # what is done to the second of two prospects; the kind, the pointer and the sample of what is found; the exit code
    "an amount that is none": (
        _contrat(montant="29,90 €"),
        "mis_de_cote",
        f"{CONTRAT}/montant",
        '"99,99 ·"',
        1,
    ),
    "a date that is none": (
        _contrat(dateSignature="2026-02-30T00:00:00.000Z"),
        "mis_de_cote",
        f"{CONTRAT}/dateSignature",
        '"9999-99-99A99:99:99.999A"',
        1,
    ),
    "a contract without reference": (_contrat(titre=" "), "mis_de_cote", f"{CONTRAT}/titre", '" "', 1),
    "a wrong IBAN": (
        _iban(IBAN="FR76 3000"),
        "mis_de_cote",
        "/1/informationsPaiement/0/IBAN",
        '"AA99 9999"',
        1,
    ),
    "a prospect without name": (_prospect(nom=None), "mis_de_cote", "/1/nom", "null", 1),
    "a prospect without id": (_prospect(idProspect=None), "mis_de_cote", "/1/idProspect", "null", 1),
    "a sales rep without e-mail": (
        lambda p: p["commercial"].update(email=None),
        "mis_de_cote",
        "/1/commercial/email",
        None,
        1,
    ),
    "a name that is a list": (_prospect(nom=["Zoé"]), "mis_de_cote", "/1/nom", "liste de 1", 1),
    "one prospect twice": (_prospect(idProspect=397, email=None), "prospect_en_double", "/0/idProspect", None, 1),
    "a phone as a number": (_prospect(telephone=639980012), "type", "/1/telephone", "999999999", 1),
    "an updatedAt that is no date": (_prospect(updatedAt="hier"), "type", "/1/updatedAt", '"aaaa"', 1),
    "a relation that is no list": (
        lambda p: p.update(informationsPaiement=p["informationsPaiement"][0]),
        "type",
        "/1/informationsPaiement",
        "objet de 4 clés",
        1,
    ),
    "a key that lacks": (_sans("email"), "cle_absente", "/1/email", None, 1),
    "a needed key that lacks": (
        _sans("titre", "Souscription", 0, "contrats", 0),
        "cle_absente",
        f"{CONTRAT}/titre",
        None,
        1,
    ),
    "a contract without updatedAt": (
        _sans("updatedAt", "Souscription", 0, "contrats", 0),
        "updatedAt_absent",
        f"{CONTRAT}/updatedAt",
        None,
        1,
    ),
    "a clock ahead": (
        _iban(updatedAt=DEMAIN),
        "horloge_en_avance",
        "/1/informationsPaiement/0/updatedAt",
        '"9999-99-99A99:99:99.999A"',
        1,
    ),
    "a status word without a meaning": (
        _contrat(statut="KO fournisseur"),
        "statut_inconnu",
        f"{CONTRAT}/statut",
        "KO fournisseur",
        1,
    ),
    "a contract that names another prospect": (
        _contrat(prospectId=12),
        "autre_prospect",
        f"{CONTRAT}/prospectId",
        "99",
        1,
    ),
    "an unknown key": (_prospect(score={"a": 1}), "cle_inconnue", "/1/score", "objet de 1 clés", 0),
}


@pytest.mark.parametrize("histoire", HISTOIRES)
def test_each_kind_of_finding_is_told_with_pointer_count_sample_and_what_to_do(
    source: SourceEssai, executer: Executer, histoire: str
) -> None:
    changer, genre, chemin, exemple, attendu = HISTOIRES[histoire]
    change = sain(398)
    changer(change)
    source.donner([sain(397), change])

    code, sortie, _ = executer("source", "check", "--json")
    rapport = json.loads(sortie)
    assert code == attendu
    assert rapport["elements"] == 2
    trouves = [c for c in rapport["constats"] if (c["genre"], c["chemin"]) == (genre, chemin)]
    assert len(trouves) == 1, rapport["constats"]
    constat = trouves[0]
    assert constat["exemple"] == exemple
    assert constat["nombre"] in {1, 2}
    # A value whose form costs its node is told as what it costs, and not once more as a form.
    mal_formees = [c for c in rapport["constats"] if c["chemin"] == chemin and c["genre"] in {"type", "mis_de_cote"}]
    assert len(mal_formees) == (genre in {"type", "mis_de_cote"} or histoire == "a needed key that lacks")
    assert constat["que_faire"].endswith((".", "?"))
    assert constat["a_corriger"] is bool(attendu)

    code, texte, _ = executer("source", "check")
    assert code == attendu
    assert f"### {GENRES[genre].titre}" in texte
    assert f"`{chemin}`" in texte
    assert constat["que_faire"] in texte
    assert ("## À corriger" in texte) is bool(attendu)


def test_every_kind_of_finding_has_its_story() -> None:
    assert {genre for _, genre, *_ in HISTOIRES.values()} | {"liste_vide"} == set(GENRES)


def test_with_nothing_to_mend_it_says_so_and_exits_with_0(source: SourceEssai, executer: Executer) -> None:
    source.donner([sain(397), sain(398)])
    code, texte, erreur = executer("source", "check", source.url)
    assert (code, erreur) == (0, "")
    assert "2 prospects lus : rien à corriger." in texte
    assert "##" not in texte
    assert executer("source", "check", "--json")[:2] == (
        0,
        json.dumps(
            {"elements": 2, "constats": [], "message": "2 prospects lus : rien à corriger."},
            ensure_ascii=False,
            indent=2,
        )
        + "\n",
    )


def test_the_same_prospect_twice_alike_is_told_too(source: SourceEssai, executer: Executer) -> None:
    source.donner([sain(397), sain(398), sain(397)])
    code, sortie, _ = executer("source", "check", "--json")
    (constat,) = json.loads(sortie)["constats"]
    assert (code, constat["genre"], constat["chemin"], constat["nombre"]) == (
        1,
        "prospect_en_double",
        "/2/idProspect",
        2,
    )


def test_an_empty_list_is_a_finding(source: SourceEssai, executer: Executer) -> None:
    source.donner([])
    code, sortie, _ = executer("source", "check", "--json")
    assert (code, [c["genre"] for c in json.loads(sortie)["constats"]]) == (1, ["liste_vide"])


def test_a_key_that_no_element_has_is_told_once_with_how_many_lack_it(source: SourceEssai, executer: Executer) -> None:
    elements = [sain(397), sain(398), sain(399)]
    for element in elements:
        del element["dateNaissance"], element["commercialId"]
    source.donner(elements)
    _, sortie, _ = executer("source", "check", "--json")
    assert [(c["chemin"], c["nombre"], c["sur"], c["a_corriger"]) for c in json.loads(sortie)["constats"]] == [
        ("/0/commercialId", 3, 3, True),
        ("/0/dateNaissance", 3, 3, False),
    ]
    assert "| 3 sur 3 |" in executer("source", "check")[1]


def test_an_absent_relation_in_some_elements_is_no_finding(source: SourceEssai, executer: Executer) -> None:
    autre = sain(398)
    del autre["informationsPaiement"], autre["dateNaissance"], autre["Souscription"][0]["abonnement"]
    autre["commercial"] = None
    source.donner([sain(397), autre])
    assert executer("source", "check")[0] == 0


def test_nothing_of_anybody_is_told_whatever_stands_where(source: SourceEssai, executer: Executer) -> None:
    nom = {"nom": "Zyglowska", "commercial": {"nom": "Vendeuse", "prenom": "Camille"}}
    pires = [
        *REPONSE,
        {"idProspect": 20, **nom, "Souscription": [{"contrats": [{"titre": "R20", "statut": "Zyglowska"}]}]},
        {"idProspect": 21, **nom, "Souscription": [{"contrats": [{"titre": "R21", "statut": "SOGEFRPPXXX"}]}]},
        {"idProspect": 22, **nom, "informationsPaiement": IBANS[0], "commercial": ["vendeuse@ventes.example"]},
        {"idProspect": 23, **nom, "telephone": 639980017, "updatedAt": IBANS[1], "a|b`c\n" + IBANS[2]: IBANS[3]},
        {"idProspect": 24, **nom, "SOGEFRPPXXX": 1, "Souscription": IBANS[4]},
    ]
    source.donner(pires)
    for arguments in ((), ("--json",)):
        code, sortie, erreur = executer("source", "check", *arguments)
        assert code == 1
        assert len(sortie) > 3_000
        sans_secret(sortie + erreur, "rapport")
    recus = [(identifiant_strict(bytes(element)), bytes(element)) for element in decouper(source.corps)]
    resume = resumer(examiner(recus, datetime.now(UTC)), montres=100)
    assert resume.count("\n- ") > 10
    sans_secret(resume, "résumé")


def _lire_comme_une_synchronisation(endpoint: Endpoint) -> None:
    for element in decouper(endpoint.lire().corps):
        identifiant_strict(bytes(element))


@pytest.mark.parametrize("panne", sorted(PANNES.keys() - {"an empty list though prospects are known"}))
def test_a_broken_endpoint_gives_the_sentence_of_a_sync(
    source: SourceEssai, executer: Executer, monkeypatch: pytest.MonkeyPatch, panne: str
) -> None:
    monkeypatch.setenv("CRM_SYNC_DELAI_S", "0.3")
    monkeypatch.setenv("CRM_SYNC_TAILLE_MAX_MO", "1")
    preparer, _, indice = PANNES[panne]
    preparer(source)
    with pytest.raises(SourceError) as faute:
        _lire_comme_une_synchronisation(Endpoint(source.url, delai_s=0.3, essais=1, taille_max_mo=1))
    phrase = str(faute.value)

    code, sortie, erreur = executer("source", "check", source.url)
    assert (code, sortie) == (1, "")
    assert phrase in erreur.splitlines()  # the test's own server may complain beside it that its reader hung up
    assert indice in phrase
    code, sortie, _ = executer("source", "check", source.url, "--json")
    assert (code, json.loads(sortie)["message"]) == (1, phrase)


def test_without_an_address_it_exits_with_2_and_says_what_to_set(
    executer: Executer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EXTERNAL_API_URL", raising=False)
    code, sortie, erreur = executer("source", "check")
    assert (code, sortie) == (2, "")
    assert "EXTERNAL_API_URL" in erreur
    assert executer("source", "check", "ftp://source.example")[0] == 2
    assert executer("source", "check", "--inconnue")[0] == 2


def test_it_sends_the_token_and_asks_for_the_whole_answer_once(
    source: SourceEssai, executer: Executer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXTERNAL_API_TOKEN", "jeton-42")
    source.donner([sain(397)])
    assert executer("source", "check")[0] == 0
    (demande,) = source.demandes
    assert demande["Authorization"] == "Bearer jeton-42"
    assert "If-None-Match" not in demande


def test_a_sync_s_own_report_looks_at_a_bounded_and_spread_part_of_what_is_new() -> None:
    vide = Echantillon()
    assert vide.resume(vide.rapport()) == "Rien de nouveau dans cette réponse."
    echantillon = Echantillon(Reponse(b"", datetime.now(UTC), None))
    for numero in range(10 * LIMITE):
        echantillon.ajouter(str(numero), b'{"idProspect": %d, "nom": "A"}' % numero)
        assert len(echantillon.recus) <= LIMITE
    gardes = [int(id_prospect or "") for id_prospect, _ in echantillon.recus]
    assert len(gardes) > LIMITE // 2
    assert {apres - avant for avant, apres in pairwise(gardes)} == {echantillon.pas}
    resume = echantillon.resume(echantillon.rapport())
    assert resume.startswith(f"Échantillon de {len(gardes)} des {10 * LIMITE} éléments nouveaux. ")
    assert f"- `updatedAt` absent ou null : Prospect ({len(gardes)})" in resume


CLES = sorted({cle for modele in MODELES.values() for cle in modele.model_fields} | {"autre", "é|`"})
FEUILLES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(["2025-01-31T00:00:00.000Z", DEMAIN, IBANS[0], "29.9", "Validé", 397, " "]),
)
NOEUDS = st.recursive(
    FEUILLES,
    lambda enfants: st.one_of(
        st.lists(enfants, max_size=3), st.dictionaries(st.sampled_from(CLES), enfants, max_size=8)
    ),
    max_leaves=25,
)


@settings(max_examples=150)
@given(st.lists(st.one_of(NOEUDS, st.dictionaries(st.sampled_from(CLES), NOEUDS, max_size=10)), max_size=4))
def test_no_answer_is_so_odd_that_a_report_on_it_fails(elements: list[Any]) -> None:
    recus = [(identifiant_strict(charge), charge) for charge in (json.dumps(e).encode() for e in elements)]
    rapport = examiner(recus, datetime.now(UTC))
    for constat in rapport.constats:
        assert constat.genre in GENRES
        _parent_existe(elements, constat.chemin)
    assert all(ligne.count("|") == 6 for ligne in markdown(rapport, "").splitlines() if ligne.startswith("|"))


def _parent_existe(elements: list[Any], chemin: str) -> None:
    """Follow a pointer; its last step may lead to what lacks."""
    valeur: Any = elements
    for pas in chemin.split("/")[1:-1]:
        valeur = valeur[int(pas)] if isinstance(valeur, list) else valeur[pas]
    if chemin:
        assert isinstance(valeur, list | dict) or valeur is None

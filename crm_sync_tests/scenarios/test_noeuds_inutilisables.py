"""Nodes that cannot be used: put aside at the smallest grain or kept as they are, and never a failed run."""

import random
import string
from collections.abc import Iterator
from typing import Any

import pytest

from crm_sync import affichage
from crm_sync.crm import fiche, kpi
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import BIC, IBANS, base_neuve, commercial, comptes, contrat, passer, prospect, rejets

HASARD = random.Random(4)
LONG = "".join(HASARD.choices(string.ascii_letters + string.digits, k=10_000))  # nothing that a page could compress
HEBREU = "\u05d3\u05d5\u05d3 \u05db\u05d4\u05df"
ARABE = "\u202e\u0641\u0627\u0637\u0645\u0629"

Rejet = tuple[str, str, str]


def _souscription(*contrats: Any, **autres: Any) -> list[dict[str, Any]]:
    return [{"offre": {"nom": "Fibre"}, "contrats": list(contrats), **autres}]


def _avec(brut: Any, **autres: Any) -> dict[str, Any]:
    """Give a prospect with one contract to judge beside one that is sound."""
    return {"Souscription": _souscription(brut, contrat("SAIN")), **autres}


# Of each prospect: what is unusual about it, the rejects that come of it, and how many of its contracts and IBANs arrive.
CONTRATS: dict[str, tuple[dict[str, Any], list[Rejet], int, int]] = {
    "no titre": (_avec(contrat(None)), [("contrats", "/Souscription/0/contrats/0/titre", "reference_absente")], 1, 1),
    "titre of white space": (
        _avec(contrat("\u00a0 \u200b")),
        [("contrats", "/Souscription/0/contrats/0/titre", "reference_absente")],
        1,
        1,
    ),
    "titre is an object": (
        _avec(contrat("A", titre={"a": 1})),
        [("contrats", "/Souscription/0/contrats/0/titre", "type_inattendu")],
        1,
        1,
    ),
    "titre of 10,000 characters": (
        _avec(contrat(LONG)),
        [("contrats", "/Souscription/0/contrats/0/titre", "reference_trop_longue")],
        1,
        1,
    ),
    "French date": (
        _avec(contrat("A", dateSignature="31/01/2025")),
        [("contrats", "/Souscription/0/contrats/0/dateSignature", "date_illisible")],
        1,
        1,
    ),
    "day that does not exist": (
        _avec(contrat("A", dateValidation="2025-02-30T00:00:00.000Z")),
        [("contrats", "/Souscription/0/contrats/0/dateValidation", "date_illisible")],
        1,
        1,
    ),
    "amount with a comma": (
        _avec(contrat("A", montant="29,90")),
        [("contrats", "/Souscription/0/contrats/0/montant", "montant_illisible")],
        1,
        1,
    ),
    "amount that is a list": (
        _avec(contrat("A", montant=[1])),
        [("contrats", "/Souscription/0/contrats/0/montant", "montant_illisible")],
        1,
        1,
    ),
    "amount beyond the column": (
        _avec(contrat("A", montant="1e12")),
        [("contrats", "/Souscription/0/contrats/0/montant", "montant_trop_grand")],
        1,
        1,
    ),
    "contract that is a text": (_avec("A"), [("contrats", "/Souscription/0/contrats/0", "type_inattendu")], 1, 1),
    "contracts that are null": ({"Souscription": _souscription(contrats=None)}, [], 0, 1),
    "subscription that is a number": (
        {"Souscription": [7, *_souscription(contrat("SAIN"))]},
        [("contrats", "/Souscription/0", "type_inattendu")],
        1,
        1,
    ),
    "subscriptions that are a text": (
        {"Souscription": "aucune"},
        [("contrats", "/Souscription/0", "type_inattendu")],
        0,
        1,
    ),
    "amount of 10^-7": (_avec(contrat("A", montant="1e-7")), [], 2, 1),
    "signed in the year 9999": (_avec(contrat("A", dateSignature="9999-12-31T23:59:59.000Z")), [], 2, 1),
    "10,000 characters in every text of a contract": (
        _avec(contrat("A", **dict.fromkeys(("statut", "description", "type", "fournisseur", "documentUrl"), LONG))),
        [],
        2,
        1,
    ),
    "NUL in a reference": (_avec(contrat("A\x00B", description="\x00")), [], 2, 1),
}

AUTRES: dict[str, tuple[dict[str, Any], list[Rejet], int, int]] = {
    "IBAN whose check digits are wrong": (
        {"informationsPaiement": [{"IBAN": "FR1520041010050500013M02606"}, {"IBAN": IBANS[0]}]},
        [("informations_paiement", "/informationsPaiement/0/IBAN", "iban_invalide")],
        1,
        1,
    ),
    "IBAN of 10,000 characters": (
        {"informationsPaiement": [{"IBAN": LONG, "BIC": BIC}]},
        [("informations_paiement", "/informationsPaiement/0/IBAN", "iban_invalide")],
        1,
        0,
    ),
    "no IBAN": (
        {"informationsPaiement": [{"IBAN": None, "BIC": BIC}]},
        [("informations_paiement", "/informationsPaiement/0/IBAN", "iban_absent")],
        1,
        0,
    ),
    "BIC that is none": (
        {"informationsPaiement": [{"IBAN": IBANS[0], "BIC": "LA BANQUE"}]},
        [("informations_paiement", "/informationsPaiement/0/BIC", "bic_invalide")],
        1,
        0,
    ),
    "bank details that are a text": (
        {"informationsPaiement": ["rien", {"IBAN": IBANS[0]}]},
        [("informations_paiement", "/informationsPaiement/0", "type_inattendu")],
        1,
        1,
    ),
    "sales rep that is a text": ({"commercial": "Camille"}, [("commerciaux", "/commercial", "type_inattendu")], 1, 1),
    "sales rep whose e-mail is a list": (
        {"commercial": commercial("Liste", email=["a@ventes.example"])},
        [("commerciaux", "/commercial/email", "type_inattendu")],
        1,
        1,
    ),
    "sales rep without e-mail": (
        {"commercial": commercial("Muet", email=None)},
        [("commerciaux", "/commercial", "commercial_sans_email")],
        1,
        1,
    ),
    "e-mail that is none": ({"email": "pas une adresse"}, [], 1, 1),
    "phone that is none": ({"telephone": "rappeler le soir"}, [], 1, 1),
    "10,000 characters in a name": ({"nom": LONG, "prenom": LONG}, [], 1, 1),
    "10,000 characters in an e-mail": ({"email": LONG, "telephone": LONG}, [], 1, 1),
    "emoji": ({"nom": "Zoé 👩‍👩‍👧", "prenom": "🐈"}, [], 1, 1),
    "right-to-left text": ({"nom": HEBREU, "prenom": ARABE}, [], 1, 1),
    "NUL bytes": ({"nom": "Du\x00pont", "email": "nul\x00@exemple.example.org", "cle\x00": 1}, [], 1, 1),
    "NUL bytes in an identity card": ({"identityCard": {"numero\x00": ["\x00A"]}}, [], 1, 1),
    "numbers where texts are expected": ({"nom": 42, "telephone": 33639980042}, [], 1, 1),
}
CAS = {**CONTRATS, **AUTRES}

SANS_PROSPECT: dict[str, tuple[Any, str, str]] = {
    "a text": ("du texte", "/", "element_invalide"),
    "null": (None, "/", "element_invalide"),
    "a number": (3, "/", "element_invalide"),
    "a list": ([prospect(90)], "/", "element_invalide"),
    "no idProspect": ({"nom": "Sans"}, "/idProspect", "identifiant_absent"),
    "idProspect null": (prospect(91, idProspect=None), "/idProspect", "identifiant_absent"),
    "idProspect of white space": (prospect(92, idProspect="  "), "/idProspect", "identifiant_absent"),
    "idProspect is a list": (prospect(93, idProspect=[93]), "/idProspect", "type_inattendu"),
    "idProspect of 10,000 characters": (prospect(94, idProspect=LONG), "/idProspect", "identifiant_trop_long"),
    "no name": (prospect(95, nom=None), "/nom", "nom_absent"),
    "name is an object": (prospect(96, nom={"fr": "Nom"}), "/nom", "type_inattendu"),
}


def _cas(numero: int, autres: dict[str, Any]) -> dict[str, Any]:
    """Give the prospect of a case, with references of its own."""
    fait = prospect(numero, **autres)
    for souscription in fait["Souscription"] if isinstance(fait["Souscription"], list) else ():
        for un in (souscription["contrats"] or ()) if isinstance(souscription, dict) else ():
            if isinstance(un, dict) and isinstance(un["titre"], str) and len(un["titre"]) < 10:
                un["titre"] = f"{un['titre']}-{numero}" if un["titre"].isprintable() else un["titre"]
    return fait


NUMEROS = {nom: numero for numero, nom in enumerate(CAS, 1)}
REPONSE = [
    *(_cas(numero, CAS[nom][0]) for nom, numero in NUMEROS.items()),
    *(element for element, _, _ in SANS_PROSPECT.values()),
    prospect(80, prenom="L'un"),
    prospect(80, prenom="L'autre"),
    prospect(81),
    prospect(81),
]


@pytest.fixture(scope="module")
def base(postgres: ServeurEmbarque) -> Iterator[Base]:
    """One database in which one sync met all these nodes at once: it must not fail."""
    with base_neuve(postgres) as neuve:
        passer(neuve, *REPONSE, sync="tout")
        yield neuve


@pytest.mark.parametrize("nom", CAS)
def test_an_unusable_node_is_put_aside_and_the_rest_of_the_prospect_goes_through(base: Base, nom: str) -> None:
    _, attendus, contrats, ibans = CAS[nom]
    numero = str(NUMEROS[nom])
    trouves = base.lire(
        "select entite, chemin, motif from crm_sync.rejet where ferme_le is null and id_prospect = %s "
        "or (entite = 'commerciaux' and etape = 'commerciaux' and %s)",
        numero,
        nom == "sales rep without e-mail",
    )
    assert trouves == attendus
    client = base.valeur("select crm_id from crm_sync.lien where entite = 'client' and source_id = %s", numero)
    for table, nombre in (
        ("service_core.client_base where id::text", 1),
        ("service_commercial.contrat where client_id::text", contrats),
        ("service_finance.information_paiement_bancaire where client_id::text", ibans),
    ):
        assert base.valeur(f"select count(*) from {table} = %s", client) == nombre, table  # noqa: S608


@pytest.mark.parametrize("nom", SANS_PROSPECT)
def test_an_element_that_is_no_prospect_is_put_aside_with_its_children(base: Base, nom: str) -> None:
    element, chemin, motif = SANS_PROSPECT[nom]
    lignes = base.lire("select porteur, entite from crm_sync.rejet where chemin = %s and motif = %s", chemin, motif)
    assert lignes
    assert {entite for _, entite in lignes} == {"clients"}
    attendus = (
        {"contrats", "informations_paiement"} if isinstance(element, dict) and "Souscription" in element else set()
    )
    enfants = base.lire("select distinct porteur, entite from crm_sync.rejet where motif = 'parent_ecarte'")
    portes = [{entite for porteur, entite in enfants if porteur == seul} for seul, _ in lignes]
    assert attendus in portes


def test_the_kept_values_are_those_received(base: Base) -> None:
    def noms(nom: str) -> tuple[Any, ...]:
        return base.lire(
            "select b.nom, b.prenom, b.email from service_core.client_base b "
            "join crm_sync.lien l on l.crm_id = b.id::text and l.source_id = %s and l.entite = 'client'",
            str(NUMEROS[nom]),
        )[0]

    assert noms("emoji")[:2] == ("Zoé 👩‍👩‍👧", "🐈")
    assert noms("right-to-left text")[:2] == (HEBREU, ARABE)
    assert noms("10,000 characters in a name")[:2] == (LONG, LONG)
    assert noms("e-mail that is none")[2] == "pas une adresse"
    assert noms("NUL bytes")[::2] == ("Dupont", "nul@exemple.example.org")
    assert base.lire("select reference from service_commercial.contrat where reference like 'AB%%'") == [("AB",)]
    assert base.valeur("select count(*) from crm_sync.prospect_brut where charge like '%%\\\\u0000%%'::bytea") == 3


def test_one_id_with_two_contents_is_no_answer_and_one_content_twice_is_one_prospect(base: Base) -> None:
    assert base.lire("select entite, motif, noeuds from crm_sync.rejet where id_prospect = '80' order by entite") == [
        ("clients", "prospect_en_double", 2),
        ("contrats", "parent_ecarte", 2),
        ("informations_paiement", "parent_ecarte", 2),
    ]
    assert base.lire("select crm_id from crm_sync.lien where entite = 'client' and source_id = '80'") == []
    assert base.valeur("select count(*) from crm_sync.lien where entite = 'client' and source_id = '81'") == 1


def test_the_books_balance_over_everything_that_was_received(base: Base) -> None:
    resultat = base.valeur("select comptes from crm_sync.synchronisation where synchronisation_id = 'tout'")
    assert resultat["statut"] == "reussie"
    assert resultat["clients"] == {
        "recus": len(REPONSE),
        "crees": len(CAS) + 1,
        "modifies": 0,
        "inchanges": 0,
        "reunis": 1,
        "rejets": len(SANS_PROSPECT) + 2,
    }
    for entite in ("commerciaux", "clients", "contrats", "informations_paiement"):
        livre = resultat[entite]
        assert livre["recus"] == sum(nombre for cle, nombre in livre.items() if cle != "recus")
    assert resultat["rejets"] == base.valeur("select count(*) from crm_sync.rejet where ferme_le is null")


def test_each_reject_says_in_french_why_and_what_to_do(base: Base) -> None:
    for raison, que_faire, depuis in base.lire("select distinct raison, que_faire, depuis from crm_sync.rejet"):
        assert raison[0].isupper()
        assert raison.endswith(".")
        assert que_faire.endswith(".")
        assert depuis is not None


def test_ops_can_read_it_all_on_a_terminal(base: Base, capsys: pytest.CaptureFixture[str]) -> None:
    with base.bases() as bases:
        affichage.rejets(fiche.rejets(bases))
        affichage.kpi(kpi.tableau(bases))
        for reference in (f"A-{NUMEROS['signed in the year 9999']}", "AB", "R{0}-{0}".format(NUMEROS["emoji"])):
            (client,) = fiche.trouver(bases, f"contrat:{reference}")
            affichage.client(fiche.fiche(bases, client) or {})
    texte = capsys.readouterr().out
    assert "9999" in texte
    assert not any(iban in texte for iban in IBANS)


def test_the_same_unusable_nodes_again_write_nothing(base: Base) -> None:
    avant, ouverts = base.empreinte_crm(), base.lire("select xmin::text from crm_sync.rejet order by rejet_id")
    session = passer(base, *REPONSE)
    assert base.empreinte_crm() == avant
    assert base.lire("select xmin::text from crm_sync.rejet order by rejet_id") == ouverts
    assert comptes(base, session)["rejets"] == len(ouverts)
    assert len(rejets(base)) == len(ouverts)


HISTOIRE = "select rejet_id, motif, depuis, ferme_le is null from crm_sync.rejet order by rejet_id"


def _iban(texte: str, **autres: Any) -> dict[str, Any]:
    return prospect(1, informationsPaiement=[{"id": 7, "IBAN": texte}], **autres)


def test_a_reject_keeps_its_date_until_the_source_is_mended_and_gets_a_new_one_when_it_breaks_again(
    vierge: Base,
) -> None:
    faux, bon = "FR00 0000", IBANS[0]
    passer(vierge, _iban(faux))
    (premier,) = vierge.lire(HISTOIRE)
    assert premier[1:2] + premier[3:] == ("iban_invalide", True)

    passer(vierge, _iban(faux))
    passer(vierge, _iban(faux, prenom="Autre"))
    passer(vierge, _iban("FR11 1111"))  # still wrong, in another way
    assert vierge.lire(HISTOIRE) == [premier]
    assert vierge.valeur("select count(*) from service_finance.information_paiement_bancaire") == 0

    passer(vierge, _iban(bon))
    assert vierge.lire(HISTOIRE) == [(*premier[:3], False)]
    assert vierge.lire("select iban from service_finance.information_paiement_bancaire") == [(bon,)]

    passer(vierge, _iban(faux))
    referme, second = vierge.lire(HISTOIRE)
    assert referme == (*premier[:3], False)
    assert second[3]
    assert second[2] > premier[2]
    # What was brought while it was sound stays.
    assert vierge.lire("select iban from service_finance.information_paiement_bancaire") == [(bon,)]


def test_a_reject_keeps_its_date_when_the_order_of_the_answer_changes(vierge: Base) -> None:
    muet, autre = contrat(None, id=5), contrat("A", montant="douze")
    passer(vierge, prospect(1, muet, autre), prospect(2))
    avant = vierge.lire("select motif, depuis, chemin from crm_sync.rejet order by motif")
    passer(vierge, prospect(2), prospect(1, contrat("B"), autre, muet))
    apres = vierge.lire("select motif, depuis, chemin from crm_sync.rejet order by motif")
    assert [ligne[:2] for ligne in apres] == [ligne[:2] for ligne in avant]
    assert [chemin.split("/")[4] for _, _, chemin in avant] == ["1", "0"]
    assert [chemin.split("/")[4] for _, _, chemin in apres] == ["1", "2"]


def test_a_prospect_that_becomes_unusable_keeps_its_client_and_is_taken_up_again_when_mended(vierge: Base) -> None:
    passer(vierge, prospect(1), prospect(2))
    avant = vierge.empreinte_crm()
    session = passer(vierge, prospect(1, nom=None), prospect(2))
    assert vierge.empreinte_crm() == avant
    assert {ligne[2] for ligne in rejets(vierge)} == {"nom_absent", "parent_ecarte"}
    assert comptes(vierge, session)["contrats"] == {
        "recus": 2,
        "crees": 0,
        "modifies": 0,
        "inchanges": 1,
        "reunis": 0,
        "rejets": 1,
    }
    session = passer(vierge, prospect(1, prenom="Retrouvée"), prospect(2))
    assert rejets(vierge) == []
    assert comptes(vierge, session)["clients"]["modifies"] == 1
    assert vierge.valeur("select count(*) from service_core.client_base") == 2


def test_a_lone_surrogate_is_replaced_and_never_a_failed_run(vierge: Base) -> None:
    passer(vierge, prospect(1, nom="Du\ud800pont", **{"cl\udc00e": 1}, identityCard={"n": "\ud83d"}), prospect(2))
    assert vierge.lire("select nom from service_core.client_base order by nom") == [("Du?pont",), ("NomC",)]
    assert vierge.valeur("select count(*) from crm_sync.prospect_brut where charge like '%%\\\\ud800%%'::bytea") == 1


@pytest.fixture
def vierge(postgres: ServeurEmbarque) -> Iterator[Base]:
    """A database of this story's own."""
    with base_neuve(postgres) as neuve:
        yield neuve

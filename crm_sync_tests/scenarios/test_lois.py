"""The laws of the whole chain against a real Postgres, on worlds in which every rule fires (product.md, promises 1 to 4, 7, 8).

Each law counts what fired in its worlds, and asserts that the main rules did: a law that holds of trivial worlds says nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm_sync import chaine
from crm_sync.domain.keys import cle_iban, cle_reference
from crm_sync.domain.types import CHAMPS
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.conftest import Base
from crm_sync_tests.domain.oracle import memes_valeurs
from crm_sync_tests.gens import TABLES_CRM, base_neuve, comptes, etat_crm, lecture, passer, une_base
from crm_sync_tests.scenarios.mondes_chaine import Monde, Noeud, melanger, peupler
from crm_sync_tests.scenarios.mondes_chaine import monde as inventer

# Each example is a whole CRM of many households, and its failure names them: nothing is gained by shrinking.
LOI = settings(
    deadline=None,
    derandomize=True,
    max_examples=2,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
FOYERS = 30
GRAINES = st.integers(0, 2**40)
ENTITES = ("commerciaux", "clients", "contrats", "informations_paiement")
KPI = (
    "select to_jsonb(k) - 'calcule_le' from service_commercial.kpi_contrats_par_commercial as k "
    "union all select to_jsonb(m) from service_commercial.kpi_contrats_par_mois as m order by 1"
)
MIS_DE_COTE = (
    "select entite, id_prospect, motif, noeuds from crm_sync.rejet where ferme_le is null and present order by 1, 2, 3"
)
PASSAGES = (
    ("lien", "select entite || ' ' || regle, count(*) from crm_sync.lien_externe group by 1"),
    ("action", "select entite || ' ' || action, count(*) from crm_sync.journal group by 1"),
    (
        "champ",
        "select (c.value ->> 'regle') || ' ' || (c.value ->> 'gagnant'), count(*) "  # noqa: ISC004
        "from crm_sync.journal as j, jsonb_each(j.champs::jsonb) as c group by 1",
    ),
    ("rejet", "select motif, count(*) from crm_sync.rejet group by 1"),
    ("doublon", "select regle, count(*) from crm_sync.doublon_possible group by 1"),
)
PRINCIPAUX = (
    *(f"lien client {regle}" for regle in ("creation", "email", "reference", "telephone")),
    *(f"lien contrat {regle}" for regle in ("creation", "reference")),
    *(f"lien information_paiement {regle}" for regle in ("creation", "iban")),
    *(f"lien utilisateur {regle}" for regle in ("creation", "email")),
    *(f"action {entite} modification" for entite in ("client", "contrat", "information_paiement")),
    "action client conflit",
    *(f"champ {issue}" for issue in ("source source", "vide source", "plus_recent source")),
    *(f"champ premiere_rencontre {gagnant}" for gagnant in ("crm", "source")),
    *(f"doublon {regle}" for regle in ("email", "reference", "telephone")),
)
INUTILISABLES = tuple(
    f"rejet {motif}"
    for motif in (
        *("bic_invalide", "iban_absent", "iban_invalide", "date_illisible", "montant_illisible", "nom_absent"),
        *("parent_ecarte", "prospect_en_double", "reference_absente", "reference_detenue", "reference_disputee"),
        "commercial_sans_email",
    )
)

pytestmark = pytest.mark.longue


def relever(base: Base, passages: Counter[str]) -> None:
    """Count what fired in a database: links by rule, actions, decisions by winner, rejects, reported pairs."""
    for sorte, requete in PASSAGES:
        for nom, nombre in base.lire(requete):
            passages[f"{sorte} {nom}"] += nombre


def lignes(base: Base) -> dict[str, dict[str, Any]]:
    """Every row of the CRM by id, without its times."""
    return {
        str(ligne["id"]): {"table": table, **ligne}
        for table in TABLES_CRM
        for (ligne,) in base.lire(f"select to_jsonb(t) - 'created_at' - 'updated_at' from {table} as t")  # noqa: S608
    }


def liens(base: Base, entite: str = "client") -> dict[str, str]:
    return dict(base.lire("select source_id, crm_id from crm_sync.lien where entite = %s and etat = 'ecrit'", entite))


def a_qui(base: Base, monde: Monde, *reponses: Sequence[Noeud]) -> None:
    """Law of promise 3: what a sync made hangs on the client of a prospect that carried it; what was there, where it hung."""
    chez = liens(base)
    porteurs: dict[tuple[str, str], set[str]] = {}
    for prospect in (p for reponse in reponses for p in reponse):
        client = chez.get(str(prospect["idProspect"]))
        for souscription in prospect["Souscription"]:
            for contrat in souscription["contrats"]:
                porteurs.setdefault(("reference", cle_reference(contrat["titre"]) or ""), set()).add(client or "")
        for paiement in prospect["informationsPaiement"]:
            porteurs.setdefault(("iban", cle_iban(paiement["IBAN"]) or ""), set()).add(client or "")
    avant = {valeurs["id"]: valeurs for _, valeurs in monde.crm}
    for qui, ligne in lignes(base).items():
        cle = ("reference", cle_reference(ligne["reference"])) if "reference" in ligne else ("iban", ligne.get("iban"))
        if "client_id" not in ligne:
            continue
        ancien = avant.get(qui, {}).get("client_id")
        if ancien in avant:
            assert ligne["client_id"] == ancien, ligne
        elif ligne["client_id"] != ancien:
            assert ligne["client_id"] in porteurs[cle] - {""}, ligne


def assez(passages: Counter[str], *attendus: str) -> None:
    """Assert that all of these fired."""
    assert not set(attendus) - passages.keys(), dict(sorted(passages.items()))


def test_a_plan_counts_what_the_sync_then_does_and_the_same_answer_again_writes_nothing(
    postgres: ServeurEmbarque,
) -> None:
    passages: Counter[str] = Counter()

    @LOI
    @given(GRAINES)
    def verifier(graine: int) -> None:
        monde = inventer(graine, foyers=FOYERS, datee=graine % 2 == 0)
        with base_neuve(postgres) as base:
            peupler(base, monde.crm)
            for reponse in (monde.premiere, monde.seconde):
                avant = base.empreinte_crm()
                with base.bases() as bases:
                    plan = chaine.planifier(bases, lecture(*reponse))
                assert base.empreinte_crm() == avant
                fait = comptes(base, passer(base, *reponse))
                assert {e: plan[e] for e in ENTITES} == {e: fait[e] for e in ENTITES}
                assert {c: plan[c] for c in ("conflits", "rejets", "doublons_possibles")} == {
                    c: fait[c] for c in ("conflits", "rejets", "doublons_possibles")
                }
                a_qui(base, monde, monde.premiere, reponse)
                apres, kpi = base.empreinte_crm(), base.lire(KPI)
                for encore in (reponse, melanger(reponse, 1)):
                    passer(base, *encore)
                    assert base.empreinte_crm() == apres
                    assert base.lire(KPI) == kpi
            relever(base, passages)

    verifier()
    assez(passages, *PRINCIPAUX, *INUTILISABLES)


def test_the_order_of_the_answer_is_irrelevant(postgres: ServeurEmbarque) -> None:
    passages: Counter[str] = Counter()

    @LOI
    @given(GRAINES)
    def verifier(graine: int) -> None:
        monde = inventer(graine, foyers=FOYERS, datee=graine % 2 == 0)
        with base_neuve(postgres) as une, base_neuve(postgres) as autre:
            for base in (une, autre):
                peupler(base, monde.crm)
            for reponse in (monde.premiere, monde.seconde):
                passer(une, *reponse)
                passer(autre, *melanger(reponse, 2))
                assert_memes_etats(une, autre)
                assert une.lire(MIS_DE_COTE) == autre.lire(MIS_DE_COTE)
            relever(autre, passages)

    verifier()
    assez(passages, *PRINCIPAUX, *INUTILISABLES)


def test_an_older_answer_after_a_newer_one_changes_nothing(postgres: ServeurEmbarque) -> None:
    passages: Counter[str] = Counter()

    @LOI
    @given(GRAINES)
    def verifier(graine: int) -> None:
        monde = inventer(graine, foyers=FOYERS, datee=True)
        with base_neuve(postgres) as base:
            peupler(base, monde.crm)
            passer(base, *monde.premiere)
            passer(base, *monde.seconde)
            avant, lignes_avant = base.empreinte_crm(), lignes(base)
            passer(base, *monde.premiere)
            assert differences(lignes_avant, lignes(base)) == []
            assert base.empreinte_crm() == avant
            passer(base, *monde.seconde)
            assert base.empreinte_crm() == avant
            relever(base, passages)

    verifier()
    assez(passages, *PRINCIPAUX, *INUTILISABLES)


def assert_memes_etats(une: Base, autre: Base) -> None:
    """Two CRMs say the same, ids and times aside."""
    etats = [etat_crm(une_base(base.url)) for base in (une, autre)]
    for table in TABLES_CRM:
        seules, autres = (Counter(etat[table]) for etat in etats)
        assert (list((seules - autres).elements()), list((autres - seules).elements())) == ([], []), table


def differences(avant: Mapping[str, Any], apres: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """What is not the same, row by row."""
    return [(avant.get(q), apres.get(q)) for q in {**avant, **apres} if avant.get(q) != apres.get(q)]


def test_a_then_b_leaves_the_values_of_b_alone(postgres: ServeurEmbarque) -> None:
    passages: Counter[str] = Counter()
    compares: Counter[str] = Counter()

    @LOI
    @given(GRAINES)
    def verifier(graine: int) -> None:
        monde = inventer(graine, foyers=FOYERS, datee=True, sain=True)
        with base_neuve(postgres) as suite, base_neuve(postgres) as seule:
            for base, reponses in ((suite, (monde.premiere, monde.seconde)), (seule, (monde.seconde,))):
                peupler(base, monde.crm)
                for reponse in reponses:
                    passer(base, *reponse)
            comparer_les_memes(suite, seule, monde, compares)
            relever(suite, passages)

    verifier()
    assert compares["client"] >= 60, compares
    assert compares["contrat"] >= 60, compares
    assez(passages, *PRINCIPAUX, "champ plus_recent crm", "rejet reference_detenue", "rejet reference_disputee")


def comparer_les_memes(suite: Base, seule: Base, monde: Monde, compares: Counter[str]) -> None:
    """Compare the rows that a sync made, wherever the same nodes lead to them: what B says, field by field."""
    d_avant = {str(valeurs["id"]) for _, valeurs in monde.crm}
    for entite in ("client", "contrat", "information_paiement"):
        gauche, droite = (tenants(base, entite) for base in (suite, seule))
        les, des = lignes(suite), lignes(seule)
        for noeuds in gauche.keys() & droite.keys():
            a, b = les.get(gauche[noeuds]), des.get(droite[noeuds])
            if a is None or b is None or {gauche[noeuds], droite[noeuds]} & d_avant:
                continue
            compares[entite] += 1
            for champ in b.keys() - {"id", "client_id", "commercial_id"}:
                assert b[champ] is None or _memes(entite, champ, a[champ], b[champ]), (noeuds, champ, a, b)


def _memes(entite: str, champ: str, a: Any, b: Any) -> bool:
    genres = {c.nom: c for c in CHAMPS[entite]}
    return a == b or (champ in genres and memes_valeurs(str(a), str(b), genres[champ]))


def tenants(base: Base, entite: str) -> dict[frozenset[str], str]:
    """The nodes that lead to each row, and the row."""
    par_ligne: dict[str, set[str]] = {}
    for source_id, crm_id in liens(base, entite).items():
        par_ligne.setdefault(crm_id, set()).add(source_id)
    return {frozenset(noeuds): crm_id for crm_id, noeuds in par_ligne.items()}


def test_undoing_a_sync_is_as_if_nothing_had_happened_save_what_people_edited(postgres: ServeurEmbarque) -> None:
    passages: Counter[str] = Counter()

    @LOI
    @given(GRAINES)
    def verifier(graine: int) -> None:
        monde = inventer(graine, foyers=FOYERS, datee=graine % 2 == 0)
        with base_neuve(postgres) as base:
            peupler(base, monde.crm)
            passer(base, *monde.premiere)
            avant = lignes(base)
            run = passer(base, *monde.seconde).synchronisation_id
            edites = editer(base, Random(3))
            with base.bases() as bases:
                _, sorts = chaine.annuler(bases, run, montrer=False)
            passages.update(f"sort {sort['sort']}" for sort in sorts)
            apres = lignes(base)
            comparer_apres_annulation(avant, apres, edites)
            fige = base.empreinte_crm()
            passer(base, *monde.seconde)
            assert differences(apres, lignes(base)) == []
            assert base.empreinte_crm() == fige
            relever(base, passages)

    verifier()
    retraits = [f"action {entite} suppression" for entite in ("client", "contrat", "information_paiement")]
    assez(passages, *PRINCIPAUX, *INUTILISABLES, *retraits, "sort restaure", "sort garde", "rejet creation_annulee")


def editer(base: Base, hasard: Random) -> dict[str, tuple[str, str]]:
    """Have people edit some phones and descriptions; gives CRM id → field and value."""
    edites = {}
    for table, champ in (("service_core.client_base", "telephone"), ("service_commercial.contrat", "description")):
        for (qui,) in base.lire(f"select id::text from {table} order by id"):  # noqa: S608
            if hasard.random() < 0.15:
                valeur = f"+3319900{hasard.randrange(10**4):04d}"
                base.lire(f"update {table} set {champ} = %s, updated_at = now() where id = %s", valeur, qui)  # noqa: S608
                edites[qui] = (champ, valeur)
    return edites


def comparer_apres_annulation(
    avant: Mapping[str, Any], apres: Mapping[str, Any], edites: Mapping[str, tuple[str, str]]
) -> None:
    """Everything is as before, with what people edited; of the rows that the run made, those edited or used are left."""
    for qui, ligne in avant.items():
        champ, valeur = edites.get(qui, ("table", ligne["table"]))
        assert apres[qui] == {**ligne, champ: valeur}
    gardees = (avant.keys() & apres.keys()) | edites.keys()
    for _ in range(3):
        gardees |= {str(v) for qui in gardees & apres.keys() for c, v in apres[qui].items() if c.endswith("_id") and v}
    assert [apres[qui] for qui in apres.keys() - gardees] == []

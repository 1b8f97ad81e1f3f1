"""The invented population: always the same, of the right shape, with the difficulties it promises."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal, InvalidOperation
from functools import cache

import phonenumbers
import pytest
from email_validator import validate_email
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from crm_sync.source.population import Evolution, corps, encodes, prospects
from crm_sync.source.population.hasard import alea
from crm_sync.source.population.numeros import MOBILES, OUTRE_MER, six_chiffres
from crm_sync.source.population.personnes import autre_telephone, telephone

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
FIN = "2026-11-01T00:00:00.000Z"
GRAINES = (1, 2, 77)

CLES_PROSPECT = (
    *("idProspect", "nom", "prenom", "email", "telephone", "dateNaissance", "commercialId"),
    *("createdAt", "updatedAt", "informationsPaiement", "Souscription", "commercial", "identityCard"),
)
CLES_CONTRAT = [
    *("id", "titre", "description", "statut", "dateSignature", "dateValidation", "montant", "fournisseur"),
    *("type", "documentUrl", "auditTrailUrl", "prospectId", "createdAt", "updatedAt"),
]


@cache
def mille(graine=1, tour=0, part=0.01):
    return json.loads(corps(1_000, graine, tour, part))


def contrats(prospect):
    return [c for s in prospect["Souscription"] for c in s.get("contrats") or ()]


def comptes(prospect):
    return prospect.get("informationsPaiement") or []


def tous(lire, liste):
    return [noeud for prospect in liste for noeud in lire(prospect)]


def numeros(champ):
    """Read a telephone field as a careful reader would: E.164, only where exactly one reading is valid."""
    lus = []
    for texte in re.split(r"[a-zA-Z(]", champ)[0].split("/"):
        lectures = set()
        national = re.sub(r"^(\+33 ?)(?=69[0-9])", "0", texte.strip())
        for region in ("FR", "RE", "GP", "MQ"):
            numero = phonenumbers.parse(re.sub(r"^00", "+", national), region)
            if phonenumbers.is_valid_number(numero):
                lectures.add(phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164))
        assert len(lectures) == 1, texte
        lus += lectures
    return lus


def iban_valide(texte):
    try:
        IBAN(texte, validate_bban=texte.startswith(("FR", "BE")))
    except SchwiftyException:
        return False
    return True


def montant_lisible(montant):
    try:
        return montant is None or Decimal(str(montant)).is_finite()
    except InvalidOperation:
        return False


# --- always the same ---


@pytest.mark.parametrize("tour", [0, 3])
def test_the_same_arguments_give_the_same_bytes_in_any_process_on_any_day(tour):
    code = (
        "import hashlib; from crm_sync.source.population import corps; "
        f"print(hashlib.sha256(corps(300, 5, {tour}, 0.1)).hexdigest())"
    )
    empreintes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": graine_de_hachage, "TZ": fuseau},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for graine_de_hachage, fuseau in (("1", "UTC"), ("4242", "Indian/Reunion"))
    }
    assert empreintes == {hashlib.sha256(corps(300, 5, tour, 0.1)).hexdigest()}


def test_another_seed_gives_other_people():
    adresses = [{p["email"] for p in mille(graine) if p["email"]} for graine in GRAINES]
    assert len(adresses[0] & adresses[1]) < 10
    assert corps(50, 1) != corps(50, 2)


def test_a_body_is_its_encoded_prospects_and_they_come_one_by_one():
    assert corps(20, 3) == b"[" + b",".join(encodes(20, 3)) + b"]"
    assert next(prospects(1_000_000, 3))["idProspect"] == 397
    assert corps(0, 3) == b"[]"


@pytest.mark.parametrize("arguments", [(-1, 1), (10, -1), (1_000_001, 1), (10, 1, 1, 1.5), (10, 1, 1_401)])
def test_what_cannot_be_made_is_refused(arguments):
    with pytest.raises(ValueError, match=r"nombre|s'arrête"):
        corps(*arguments)


# --- the shape ---


def test_keys_are_spelt_and_ordered_as_in_the_other_application():
    for prospect in mille():
        assert list(prospect) == [cle for cle in CLES_PROSPECT if cle in prospect]
        assert set(CLES_PROSPECT) - set(prospect) <= {
            "dateNaissance",
            "commercial",
            "identityCard",
            "informationsPaiement",
        }
        assert contrats(prospect)
        assert all(list(contrat) == CLES_CONTRAT for contrat in contrats(prospect))
        assert all(list(c) == ["id", "IBAN", "BIC", "createdAt", "updatedAt"] for c in comptes(prospect))
        for souscription in prospect["Souscription"]:
            assert {"id", "statut", "createdAt", "updatedAt", "offre"} <= set(souscription)
            if souscription["offre"]:
                assert list(souscription["offre"]) == ["id", "nom", "fournisseur", "prix"]
            for paiement in souscription.get("paiements") or ():
                assert list(paiement) == ["id", "montant", "date", "statut"]
        if prospect.get("commercial"):
            assert list(prospect["commercial"]) == ["id", "nom", "prenom", "email", "telephone", "updatedAt"]
            assert prospect["commercial"]["id"] == prospect["commercialId"]


def test_decimals_are_written_as_prisma_writes_them():
    montants = [c["montant"] for c in tous(contrats, mille()) if isinstance(c["montant"], str)]
    lisibles = [m for m in montants if montant_lisible(m)]
    assert len(montants) - len(lisibles) == 2
    assert all(re.fullmatch(r"\d+(\.\d?[1-9])?", montant) for montant in lisibles)
    assert {"29.9", "40"} <= set(lisibles)
    assert any(isinstance(c["montant"], float) for c in tous(contrats, mille()))
    assert any(c["montant"] is None for c in tous(contrats, mille()))


@pytest.mark.parametrize("tour", [0, 40])
def test_instants_have_three_digits_and_lie_before_november_2026(tour):
    def parcourir(noeud, cle=""):
        if isinstance(noeud, dict):
            for enfant, valeur in noeud.items():
                yield from parcourir(valeur, enfant)
        elif isinstance(noeud, list):
            for valeur in noeud:
                yield from parcourir(valeur, cle)
        elif cle.startswith("date") or cle.endswith("At"):
            yield cle, noeud

    ecrits = [(cle, texte) for p in mille(tour=tour, part=0.05) for cle, texte in parcourir(p) if texte]
    illisibles = [texte for _, texte in ecrits if not INSTANT.fullmatch(texte)]
    assert set(illisibles) <= {"bientôt"}
    assert all(texte < FIN for cle, texte in ecrits if cle != "dateExpiration" and texte not in illisibles)


def test_a_child_is_not_older_than_its_birth():
    for prospect in mille(tour=40, part=0.05):
        for noeud in (prospect, *contrats(prospect), *comptes(prospect), *prospect["Souscription"]):
            assert noeud["createdAt"] <= noeud["updatedAt"]


def test_signature_dates_are_paris_midnights_plain_days_and_instants():
    heures = Counter(
        c["dateSignature"][11:19]
        for c in tous(contrats, mille())
        if INSTANT.fullmatch(c["dateSignature"] or "") and c["dateSignature"].endswith("00:00.000Z")
    )
    assert min(heures["22:00:00"], heures["23:00:00"], heures["00:00:00"]) > 50


# --- what is in it ---


@pytest.mark.parametrize("graine", GRAINES)
def test_size_and_number_of_contracts_are_those_of_a_real_answer(graine):
    assert len(mille(graine)) == 1_000
    assert 2_000 < len(corps(1_000, graine)) / 1_000 < 2_400
    assert 1.55 < len(tous(contrats, mille(graine))) / 1_000 < 1.85
    assert {1, 2, 3} <= {len(p["Souscription"]) for p in mille(graine)}
    assert {1, 2, 3} <= {len(contrats(p)) for p in mille(graine)}


@pytest.mark.parametrize("graine", GRAINES)
def test_every_difficulty_is_met_in_a_thousand_prospects(graine):
    """Counts, by name, of what a sync has to cope with."""
    liste = mille(graine)
    champs = [p["telephone"] for p in liste if p["telephone"]]
    sans_cle = object()
    relations = Counter(
        f"{nom} {'absent' if valeur is sans_cle else 'null' if valeur is None else 'vide'}"
        for p in liste
        for nom, valeur in (
            *((cle, p.get(cle, sans_cle)) for cle in ("informationsPaiement", "commercial", "identityCard")),
            *((cle, s.get(cle, sans_cle)) for s in p["Souscription"] for cle in ("contrats", "paiements")),
        )
        if not valeur or valeur is sans_cle
    )
    vus = {
        "Réunion": sum("692" in numeros(c)[0][3:7] for c in champs),
        "Guadeloupe": sum(numeros(c)[0].startswith("+590690") for c in champs),
        "Martinique": sum(numeros(c)[0].startswith("+59669") for c in champs),
        "0692 à la française": sum(c.startswith("0692") for c in champs),
        "+262": sum(c.startswith("+262") for c in champs),
        "+33 outre-mer": sum(c.startswith("+3369") for c in champs),
        "+33": sum(c.startswith(("+33 6", "+336")) for c in champs),
        "téléphone annoté": sum("(" in c for c in champs),
        "deux téléphones": sum("/" in c for c in champs),
        "sans téléphone": sum(p["telephone"] is None for p in liste),
        "sans e-mail": sum(p["email"] is None for p in liste),
        "prénom composé": sum("-" in p["prenom"] for p in liste),
        "accents": sum(not (p["prenom"] + (p["nom"] or "")).isascii() for p in liste),
        "sans commercial": sum(p["commercialId"] is None for p in liste),
        "commercial null": sum(p.get("commercial", 0) is None and bool(p["commercialId"]) for p in liste),
        "deux comptes": sum(len(comptes(p)) > 1 for p in liste),
        "IBAN étranger": sum(not c["IBAN"].startswith("FR") for c in tous(comptes, liste)),
        "IBAN espacé": sum(" " in c["IBAN"] for c in tous(comptes, liste)),
        "titre mal saisi": sum(
            bool(c["titre"]) and not re.fullmatch(r"\d{7}[A-Z]{3}", c["titre"]) for c in tous(contrats, liste)
        ),
        "offre nulle": sum(s["offre"] is None for p in liste for s in p["Souscription"]),
        "naissance nulle": sum(p.get("dateNaissance", 0) is None for p in liste),
        "naissance absente": sum("dateNaissance" not in p for p in liste),
        **{
            f"{cle} {etat}": relations[f"{cle} {etat}"]
            for cle, etats in {
                "informationsPaiement": ("null", "vide", "absent"),
                "commercial": ("null", "absent"),
                "identityCard": ("null", "absent"),
                "contrats": ("null", "vide", "absent"),
                "paiements": ("null", "vide", "absent"),
            }.items()
            for etat in etats
        },
    }
    assert {nom for nom, combien in vus.items() if not combien} == set()
    assert (vus["téléphone annoté"], vus["deux téléphones"]) == (2, 1)
    assert 110 < vus["Réunion"] + vus["Guadeloupe"] + vus["Martinique"] < 230


@pytest.mark.parametrize("graine", GRAINES)
def test_about_one_in_a_hundred_holds_something_unusable(graine):
    liste = mille(graine)
    ids = Counter(p["idProspect"] for p in liste)
    (double,) = [i for i, combien in ids.items() if combien > 1]
    un, deux = (p for p in liste if p["idProspect"] == double)
    assert un != deux
    commerciaux = {p["commercialId"]: p["commercial"] for p in liste if p.get("commercial")}
    un_par_contrat = {c["id"]: c for c in tous(contrats, liste)}.values()
    assert {
        "sans titre": sum(not c["titre"] for c in un_par_contrat),
        "montant": sum(not montant_lisible(c["montant"]) for c in un_par_contrat),
        "date": sum(c["dateSignature"] in ("bientôt", "2026-02-30T00:00:00.000Z") for c in un_par_contrat),
        "IBAN": sum(not iban_valide(c["IBAN"]) for c in tous(comptes, liste)),
        "sans nom": sum(not (p["nom"] or "").strip() for p in liste),
        "identifiant double": len(liste) - len(ids),
        "commercial sans e-mail": sum(c["email"] is None for c in commerciaux.values()),
        "autre prospect": sum(c["prospectId"] != p["idProspect"] for p in liste for c in contrats(p)),
    } == {
        "sans titre": 2,
        "montant": 2,
        "date": 1,
        "IBAN": 2,
        "sans nom": 1,
        "identifiant double": 1,
        "commercial sans e-mail": 1,
        "autre prospect": 1,
    }


def test_two_prospects_never_hold_one_object():
    liste = list(prospects(200, 1))
    assert len({id(p["commercial"]) for p in liste if p.get("commercial")}) == sum(
        bool(p.get("commercial")) for p in liste
    )


def test_only_one_id_is_given_twice_however_long_the_answer_and_none_in_a_short_one():
    assert len({p["idProspect"] for p in prospects(5_000, 1)}) == 4_999
    assert len({p["idProspect"] for p in prospects(999, 1)}) == 999


@pytest.mark.parametrize("graine", GRAINES)
def test_every_status_occurs_in_several_spellings_and_one_word_is_unknown(graine):
    statuts = Counter(c["statut"] for c in tous(contrats, mille(graine)))
    assert {"Validé", "Signé", "En attente", "Annulé", "Résilié"} <= set(statuts)
    assert statuts["Validé"] > statuts["Signé"] > statuts["Annulé"] > 30
    for debut in ("valid", "sign", "en", "annul", "r"):
        assert len({s for s in statuts if s.strip().lower().startswith(debut)}) >= 3, debut
    inconnus = {"Transmis back-office", "À recontacter", "KO fournisseur"}
    assert sum(statuts[mot] for mot in inconnus) == 2


def test_dates_and_status_of_a_contract_agree():
    for contrat in tous(contrats, mille()):
        match contrat["statut"]:
            case "Validé" | "Résilié":
                assert contrat["dateSignature"]
                assert contrat["dateValidation"]
            case "En attente" | "Annulé":
                assert contrat["dateValidation"] is None


@pytest.mark.parametrize("graine", GRAINES)
def test_couples_share_a_telephone_and_a_last_name_only(graine):
    par_numero = {}
    for prospect in mille(graine):
        for numero in numeros(prospect["telephone"]) if prospect["telephone"] else ():
            par_numero.setdefault(numero, []).append(prospect)
    couples = [membres for membres in par_numero.values() if len(membres) > 1]
    assert 24 <= len(couples) <= 25
    for un, deux in couples:
        assert un["nom"].casefold() == deux["nom"].casefold()
        assert un["email"] != deux["email"]
        mots = [set(re.split(r"[- ]", p["prenom"].casefold())) for p in (un, deux)]
        assert not mots[0] & mots[1]


@pytest.mark.parametrize(("nombre", "attendus"), [(50, 3), (1_000, 25), (4_000, 100)])
def test_commerciaux_are_few_and_the_busiest_hold_most(nombre, attendus):
    combien = Counter(p["commercialId"] for p in prospects(nombre, 1) if p["commercialId"])
    assert attendus <= len(combien) <= attendus + nombre // 1_000
    if attendus > 3:
        assert sum(n for _, n in combien.most_common(attendus // 5)) > 0.5 * nombre
    fiches = {json.dumps(p["commercial"]) for p in prospects(nombre, 1) if p.get("commercial")}
    assert len(fiches) == len({json.loads(fiche)["id"] for fiche in fiches})


# --- nobody is mistaken for somebody else ---


@pytest.mark.parametrize("evolution", [Evolution(), Evolution((8_000,) * 4)])
def test_nothing_that_should_be_unique_is_shared_by_accident(evolution):
    nombre = 20_000
    uniques = {cle: set() for cle in ("email", "telephone", "idProspect", "id", "titre", "compte", "IBAN")}
    vus = Counter()

    def noter(cle, valeur):
        uniques[cle].add(valeur)
        vus[cle] += 1

    for prospect in prospects(nombre, 9, evolution):
        noter("idProspect", prospect["idProspect"])
        if prospect["email"]:
            noter("email", prospect["email"].strip().lower())
        chiffres = re.sub(r"\D", "", (prospect["telephone"] or "").split("/")[0])
        if chiffres:
            noter("telephone", chiffres[-9:])
        for contrat in contrats(prospect):
            noter("id", contrat["id"])
            if contrat["titre"]:
                noter("titre", contrat["titre"].replace(" ", "").upper())
        for compte in comptes(prospect):
            noter("compte", compte["id"])
            noter("IBAN", compte["IBAN"].replace(" ", ""))
    partages = {cle: vus[cle] - len(uniques[cle]) for cle in vus}
    # 25 couples a thousand share a telephone, until one of them changes it.
    assert 15 * nombre / 1_000 < partages.pop("telephone") <= 25.1 * nombre / 1_000
    # In the first answer one id is given twice, with all that hangs on it.
    double = evolution.tour == 0
    assert (partages.pop("idProspect"), partages.pop("email")) == (double, double)
    assert all(double <= combien <= 3 * double for combien in partages.values())


@pytest.mark.parametrize("graine", GRAINES)
def test_addresses_telephones_and_bics_are_valid_and_belong_to_nobody(graine):
    liste = mille(graine, tour=5)
    commerciaux = [p["commercial"] for p in liste if p.get("commercial")]
    for adresse in {noeud["email"] for noeud in (*liste, *commerciaux) if noeud["email"]}:
        domaine = validate_email(adresse.strip(), check_deliverability=False).domain
        assert domaine.lower().endswith(".example")
    assert all(numeros(noeud["telephone"]) for noeud in (*liste, *commerciaux) if noeud["telephone"])
    bics = {c["BIC"] for c in tous(comptes, liste)}
    assert len(bics) == 8
    assert not any(BIC(bic).exists for bic in bics)


def test_the_last_six_digits_of_a_number_are_one_rank_s_alone():
    assert len({six_chiffres(3, rang) for rang in range(1_000_000)}) == 1_000_000


@pytest.mark.parametrize("fin", ["000000", "123456", "999999"])
def test_every_range_of_telephones_is_valid_whatever_follows(fin):
    assert all(numeros(gamme + fin) for gamme in (*MOBILES, *OUTRE_MER))


def test_another_telephone_is_another_number():
    for rang in range(3_000):
        ancien = telephone(alea(1, rang), 1, rang)
        assert not set(numeros(ancien)) & set(numeros(autre_telephone(alea(2, rang), 1, rang, ancien)))


# --- what changes ---


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
        vus["IBAN changé"] += any(
            a["IBAN"] != b["IBAN"] for a, b in zip(comptes(un), comptes(deux), strict=False)
        )
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
        vus["sans updatedAt"] += json.dumps(deux).count("2026-09-01T06") == json.dumps(un).count(
            "2026-09-01T06"
        )
        assert deux["updatedAt"] == un["updatedAt"] or (not seul_enfant and deux["updatedAt"] > moment)
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
            + sum(
                c["dateSignature"] in ("bientôt", "2026-02-30T00:00:00.000Z") for c in tous(contrats, liste)
            )
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

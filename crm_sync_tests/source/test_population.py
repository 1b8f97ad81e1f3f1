"""The invented population: always the same, and of the shape of the other application's answer."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from crm_sync.source.population import corps, encodes, prospects
from crm_sync_tests.source.population_lue import GRAINES, comptes, contrats, mille, montant_lisible, tous

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
FIN = "2026-11-01T00:00:00.000Z"

CLES_PROSPECT = (
    *("idProspect", "nom", "prenom", "email", "telephone", "dateNaissance", "commercialId"),
    *("createdAt", "updatedAt", "informationsPaiement", "Souscription", "commercial", "identityCard"),
)
CLES_CONTRAT = [
    *("id", "titre", "description", "statut", "dateSignature", "dateValidation", "montant", "fournisseur"),
    *("type", "documentUrl", "auditTrailUrl", "prospectId", "createdAt", "updatedAt"),
]


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

"""Whole syncs into the two CRMs that their own tools made: every hand-made case ends as it says, a second sync writes nothing."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from crm_sync.chaine import planifier
from crm_sync.crm import kpi, mapping, schema
from crm_sync.crm.connexion import Bases
from crm_sync.errors import ConfigurationError
from crm_sync.resources import ouvrir_bases
from crm_sync_tests.crm_existants import (
    CAS,
    PRISMA,
    TYPEORM,
    CrmExistant,
    Modele,
    Serveur,
    crm_existant,
    prospects_des_cas,
)
from crm_sync_tests.gens import lecture
from crm_sync_tests.synchro import enchainer


@pytest.fixture(params=[TYPEORM, PRISMA], ids=lambda modele: modele.nom)
def crm(request: pytest.FixtureRequest, serveur: Serveur) -> Iterator[CrmExistant]:
    modele: Modele = request.param
    with crm_existant(modele, serveur) as existant:
        with _bases(existant) as bases:
            schema.mettre_a_jour(bases)
        yield existant


def _bases(crm: CrmExistant) -> Bases:
    return Bases(dict(crm.urls), mapping.lire(crm.correspondance))


def _passer(crm: CrmExistant, *prospects: Any) -> None:
    enchainer(_bases(crm), lecture(*prospects), str(uuid4()))


def _versions(crm: CrmExistant) -> list[tuple[Any, ...]]:
    """Give the version of every row of theirs, of every table that is not ours."""
    tables = (
        "select n.nspname::text, c.relname::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|crm_sync)' order by 1, 2"
    )
    return [
        (service, table, *ligne)
        for service in ("core", "commercial", "finance")
        for schema_, table in crm.lire(service, tables)
        for ligne in crm.lire(service, f'select xmin::text, ctid::text from "{schema_}"."{table}" order by 2')  # noqa: S608
    ]


def test_a_first_sync_ends_as_each_case_says_and_a_second_writes_nothing(crm: CrmExistant) -> None:
    plan = planifier(_bases(crm), lecture(*prospects_des_cas()))
    _passer(crm, *prospects_des_cas())
    liens = {
        int(source_id): (regle, crm_id)
        for source_id, regle, crm_id in crm.lire(
            "sync", "select source_id, regle, crm_id from crm_sync.lien_externe where entite = 'client'"
        )
    }
    for cas in CAS:
        for numero, attendu in cas.attendus.items():
            regle, crm_id = liens[numero]
            assert attendu.regle in {regle, None}, cas.histoire
            if attendu.client:
                assert crm_id == crm.id("client", attendu.client), cas.histoire
    connus = {crm.id("client", client.cle) for client in crm.lignes.clients}
    nouveaux = {liens[numero][1] for cas in CAS for numero, attendu in cas.attendus.items() if attendu.client is None}
    assert not nouveaux & connus
    (resultat,) = crm.lire("sync", "select comptes from crm_sync.synchronisation where statut = 'reussie'")
    for entite in ("commerciaux", "clients", "contrats", "informations_paiement"):
        assert plan[entite] == resultat[0][entite]
    versions = _versions(crm)
    _passer(crm, *prospects_des_cas()[::-1])
    assert _versions(crm) == versions


def test_the_environment_names_it_to_every_command(crm: CrmExistant, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, valeur in crm.environnement.items():
        monkeypatch.setenv(variable, valeur)
    with ouvrir_bases() as bases:
        assert schema.a_jour(bases)
        assert (bases.crm.integree, bases.crm.schema_kpi) == (False, "crm_sync")
        assert bases.crm["contrat"].table in {"contracts", "contrats"}
    monkeypatch.setenv("CRM_MAPPING", "absent.toml")
    with pytest.raises(ConfigurationError, match="absent"), ouvrir_bases():
        pass


def test_deleted_rows_are_left_as_they_are_and_reported(crm: CrmExistant) -> None:
    supprimes = {
        "typeorm": (
            ("core", 'select * from clients where "deletedAt" is not null order by id'),
            ("commercial", 'select * from contracts where "deletedAt" is not null order by id'),
        ),
        "prisma": (
            ("core", "select * from core.clients where archive_le is not null order by id"),
            ("commercial", "select * from commercial.contrats where supprime_le is not null order by id"),
        ),
    }[crm.modele.nom]
    avant = [crm.lire(*requete) for requete in supprimes]
    assert all(avant)
    _passer(crm, *prospects_des_cas())
    assert [crm.lire(*requete) for requete in supprimes] == avant
    motifs = crm.lire(
        "sync",
        "select entite, id_prospect from crm_sync.rejet where ferme_le is null and motif = 'ligne_retiree' order by 1, 2",
    )
    assert motifs == [("clients", "900013"), ("contrats", "900037")]
    with _bases(crm) as bases:
        par_commercial, par_mois, total = kpi.recalculer(bases)
    assert par_commercial == par_mois == total > 0

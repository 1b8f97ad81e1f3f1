"""The DDL kept here loads in both servers, and each mapping file fits what it made, as far as the catalogue can tell."""

import tomllib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from crm_sync.crm.connexion import Service
from crm_sync_tests.crm_existants import PRISMA, TYPEORM, CrmExistant, Modele, Serveur, crm_existant
from crm_sync_tests.crm_existants.fixtures import SERVEURS

SERVICE: dict[str, Service] = {
    "utilisateur": "core",
    "client_base": "core",
    "apporteur": "commercial",
    "contrat": "commercial",
    "information_paiement_bancaire": "finance",
}
CATALOGUE = """
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef, t.typtype = 'e',
    array(select e.enumlabel::text from pg_enum as e where e.enumtypid = t.oid order by e.enumsortorder)
from pg_attribute as a inner join pg_type as t on t.oid = a.atttypid
where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
"""


pytestmark = pytest.mark.parametrize("serveur", SERVEURS, indirect=True)


@pytest.fixture(params=[TYPEORM, PRISMA], ids=lambda modele: modele.nom)
def crm(request: pytest.FixtureRequest, serveur: Serveur) -> Iterator[CrmExistant]:
    with crm_existant(request.param, serveur) as fait:
        yield fait


def colonnes(crm: CrmExistant, entite: str, table: str) -> dict[str, tuple[Any, ...]]:
    nom = ".".join(f'"{partie}"' for partie in table.split("."))
    return {ligne[0]: ligne[1:] for ligne in crm.lire(SERVICE[entite], CATALOGUE, nom)}


def test_a_mapping_names_columns_that_are_there_words_that_they_know_and_gives_all_that_is_required(crm: CrmExistant):
    mapping = tomllib.loads(crm.correspondance.read_text())
    assert mapping.pop("version") == 1
    assert mapping.keys() == SERVICE.keys()
    for entite, entree in mapping.items():
        reelles = colonnes(crm, entite, entree["table"])
        nommees = [*entree["columns"].values(), *entree.get("insert", {}), *entree.get("increment", [])]
        nommees += [entree["deleted_at"]] if "deleted_at" in entree else []
        assert set(nommees) <= reelles.keys(), entite
        donnees = {*entree["columns"].values(), *entree.get("insert", {})}
        for colonne, (_, requise, defaut, enumere, mots) in reelles.items():
            assert colonne in donnees or defaut or not requise, (entite, colonne)
            if enumere and colonne in entree["columns"].values():
                champ = next(champ for champ, leur in entree["columns"].items() if leur == colonne)
                assert set(entree["values"][champ].values()) <= set(mots), (entite, colonne)
            elif enumere:
                assert entree.get("insert", {}).get(colonne, mots[0]) in mots, (entite, colonne)
        attendu = {"uuid": "uuid", "int": "integer"}[entree["id"]]
        assert reelles[entree["columns"]["id"]][0] == attendu, entite


def test_the_constants_of_a_mapping_satisfy_their_foreign_keys(crm: CrmExistant):
    if crm.modele is TYPEORM:
        organisation = tomllib.loads(crm.correspondance.read_text())["client_base"]["insert"]["organizationId"]
        assert crm.lire("core", "select id::text from organizations") == [(organisation,)]
    else:
        assert crm.lire("core", "select id from core.agences") == [(1,)]


def test_the_traps_of_each_schema_are_there(crm: CrmExistant):
    if crm.modele is TYPEORM:
        contrats = colonnes(crm, "contrat", "public.contracts")
        assert contrats["signedAt"][0] == "timestamp without time zone"
        assert contrats["validatedAt"][0] == "timestamp with time zone"
        assert contrats["amount"][0] == "numeric(10,2)"
        assert contrats["version"][1:3] == (True, False)
        assert crm.lire("commercial", "select tgname::text from pg_trigger where not tgisinternal") == [
            ("contract_status_event",)
        ]
    else:
        clients = colonnes(crm, "client_base", "core.clients")
        assert clients["updated_at"] == ("timestamp(3) without time zone", True, False, False, [])
        assert clients["piece_identite"][0] == "text"
        statuts = colonnes(crm, "contrat", "commercial.contrats")["statut"][4]
        assert statuts == ["A_QUALIFIER", "en cours", "SIGNE", "VALIDE", "CLOS"]
        assert crm.lire(
            "core", "insert into core.agences (code, nom, updated_at) values ('B', 'B', now()) returning id"
        ) == [(2,)]


def test_their_trigger_writes_the_history_of_a_status(crm: CrmExistant):
    if crm.modele is PRISMA:
        assert crm.lire("core", "select 1 from pg_trigger where not tgisinternal") == []
        return
    assert crm.lire("commercial", "select 1 from contract_events") == []
    crm.lire("commercial", """update contracts set status = 'CANCELLED' where "contractReference" = 'H0001ZZZ'""")
    evenements = """select "fromStatus", "toStatus", "contractId"::text from contract_events"""
    assert crm.lire("commercial", evenements) == [("VALIDATED", "CANCELLED", crm.id("contrat", "H0001ZZZ"))]


@pytest.mark.parametrize("modele", [TYPEORM, PRISMA], ids=lambda modele: modele.nom)
def test_without_what_the_user_is_told_to_create_it_is_not_there(modele: Modele, serveur: Serveur):
    with crm_existant(modele, serveur, cas=(), a_creer=False) as crm:
        sans_carte = colonnes(crm, "client_base", "public.clients")
        banque = colonnes(crm, "information_paiement_bancaire", "public.information_paiement_bancaire")
        assert "identityCard" not in sans_carte
        assert not banque
        noms = set(crm.urls.values())
    with psycopg.connect(serveur.url("postgres")) as outils:
        restent = {serveur.url(nom) for (nom,) in outils.execute("select datname::text from pg_database")}
    assert not noms & restent

"""The script of rights: a whole sync as exactly the run-time role, and each right that is taken away is missed beforehand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from crm_sync.chaine import planifier
from crm_sync.crm import mapping, schema
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.crm.droits import script
from crm_sync.crm.verification import BLOQUANT, INFORMATION, verifier, verifier_rapidement
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import ConfigurationError, CrmSyncError
from crm_sync.source.client import Endpoint
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.crm_existants import PRISMA, TYPEORM, CrmExistant, Modele, Serveur, crm_existant, prospects_des_cas
from crm_sync_tests.crm_existants.fixtures import SERVEURS
from crm_sync_tests.gens import base_neuve, commercial, contrat, lecture, prospect
from crm_sync_tests.synchro import enchainer, synchroniser


@dataclass(frozen=True)
class Deux:
    """A database whose rights the script has given: to a role that migrates and one that syncs."""

    base: Base
    role: str
    migration: str

    def url(self, role: str) -> str:
        return self.base.url.replace("//postgres@", f"//{role}@")

    def bases(self, role: str | None = None) -> Bases:
        return Bases(dict.fromkeys(SERVICES, self.url(role or self.role)))

    def script(self) -> None:
        """Run the script as an administrator."""
        with self.base.bases() as bases:
            self.base.lire(script(bases, self.role, self.migration))

    def complaints(self) -> list[tuple[str, str | None]]:
        with self.bases() as bases:
            return [(p.code, p.sql) for p in verifier(bases) if p.gravite == BLOQUANT]


@pytest.fixture(scope="module")
def deux(postgres: ServeurEmbarque) -> Iterator[Deux]:
    """The built-in tables, made by the migration role from nothing, as the script says."""
    suffixe = uuid4().hex[:8]
    with base_neuve(postgres, "template1") as base:
        deux = Deux(base, f"sync_{suffixe}", f"migre_{suffixe}")
        deux.script()
        with deux.bases(deux.migration) as bases:
            schema.mettre_a_jour(bases)
        deux.script()
        yield deux
        base.lire(f"drop owned by {deux.role}, {deux.migration} cascade; drop role {deux.role}, {deux.migration}")


def test_a_whole_sync_and_the_next_run_as_the_least_of_roles(deux: Deux) -> None:
    with deux.bases() as bases:
        verifier_rapidement(bases)
        assert {(p.code, p.gravite) for p in verifier(bases)} == {("droit_suppression", INFORMATION)}
        assert schema.mettre_a_jour(bases) == []
        enchainer(bases, lecture(prospect(1), prospect(2, commercial=None)), "première")
        autre = prospect(1, contrat("R1", statut="Résilié"), prenom="Autre", commercial=commercial("Durand"))
        planifier(bases, lecture(autre, prospect(3)))
        enchainer(bases, lecture(autre, prospect(2), prospect(3, contrat("R3", montant="12"))), "deuxième")
        enchainer(bases, lecture(autre, prospect(2), prospect(3, contrat("R3", montant="12"))), "troisième")
    assert deux.base.valeur("select count(*) from service_commercial.contrat") == 3
    assert deux.base.valeur("select statut from service_commercial.contrat where reference = 'R1'") == "resilie"


def test_a_dagster_run_needs_no_more(deux: Deux, source: SourceEssai, monkeypatch: pytest.MonkeyPatch) -> None:
    source.donner([prospect(4)])
    issue = synchroniser(deux.url(deux.role), monkeypatch)
    assert issue.reussie, issue.message


def test_the_run_time_role_owns_nothing_and_may_make_nothing(deux: Deux) -> None:
    lire = deux.base.lire
    assert lire("select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = %s", deux.role) == [
        (False,) * 3
    ]
    assert lire("select 1 from pg_class where relowner = %s::regrole", deux.role) == []
    creation = "select has_database_privilege(%s, current_database(), 'CREATE')"
    assert deux.base.valeur(creation, deux.role) is False
    peuvent = "select nspname from pg_namespace where has_schema_privilege(%s, oid, 'CREATE') and nspname !~ '^pg_'"
    assert lire(peuvent, deux.role) == []


def test_the_script_may_be_run_again(deux: Deux) -> None:
    deux.script()
    assert deux.complaints() == []


def _synchroniser(deux: Deux, reponse: Endpoint, sync: str) -> None:
    with deux.bases() as bases:
        schema.mettre_a_jour(bases)
        enchainer(bases, reponse, sync)


CLASSES = {
    "droit_schema": "revoke usage on schema service_core from {role}",
    "droit_lecture": "revoke select (email) on service_core.client_base from {role}",
    "droit_lecture-jeton": "revoke select (xmin) on service_commercial.contrat from {role}",
    "droit_insertion": "revoke insert (iban) on service_finance.information_paiement_bancaire from {role}",
    "droit_insertion-utilisateur": "revoke insert (role) on service_core.utilisateur from {role}",
    "droit_modification": "revoke update (statut) on service_commercial.contrat from {role}",
    "droit_temporaire": "revoke temporary on database {base} from {role}; revoke temporary on database {base} from public",
    "droit_crm_sync-schema": "revoke usage on schema crm_sync from {role}",
    "droit_crm_sync-table": "revoke insert on crm_sync.lien_externe from {role}",
    "droit_crm_sync-lecture": "revoke select on crm_sync.alembic_version from {role}",
    "droit_crm_sync-séquence": "revoke usage on sequence crm_sync.mouvement from {role}",
    "droit_crm_sync-kpi": "revoke delete on service_commercial.kpi_contrats_par_mois from {role}",
}


@pytest.mark.parametrize("classe", CLASSES)
def test_a_right_that_is_taken_away_is_missed_before_the_sync_and_its_grant_gives_it_back(
    deux: Deux, classe: str
) -> None:
    nom = deux.base.valeur("select current_database()")
    deux.base.lire(CLASSES[classe].format(role=deux.role, base=nom))
    plaintes = deux.complaints()
    assert {code for code, _ in plaintes} == {classe.split("-", maxsplit=1)[0]}
    with deux.bases() as bases, pytest.raises(ConfigurationError, match=r"n'a pas|ne peut pas"):
        verifier_rapidement(bases)
    reponse = lecture(prospect(1, contrat("R1", statut=f"Mot {uuid4()}")), prospect(5, commercial=commercial(classe)))
    if classe != "droit_crm_sync-kpi":  # deletes a month only where one has gone
        with pytest.raises(CrmSyncError):
            _synchroniser(deux, reponse, f"sans {classe}")
    for _, instruction in plaintes:
        assert instruction is not None
        deux.base.lire(instruction)
    assert deux.complaints() == []


def test_a_role_that_may_make_nothing_is_sent_to_the_migration_role(postgres: ServeurEmbarque) -> None:
    role = f"sync_{uuid4().hex[:8]}"
    with base_neuve(postgres, "template1") as base:
        base.lire(f"create role {role} login")
        with Bases(dict.fromkeys(SERVICES, base.url.replace("//postgres@", f"//{role}@"))) as bases:
            plaintes = [(p.code, p.que_faire) for p in verifier(bases) if p.gravite == BLOQUANT]
        base.lire(f"drop role {role}")
    assert [code for code, _ in plaintes] == ["schema_en_retard"]
    assert "db grants" in plaintes[0][1]


@dataclass(frozen=True)
class DeuxChezEux:
    """An existing CRM, in one database or three, and the roles that the script has made there."""

    crm: CrmExistant
    role: str
    migration: str
    mot_de_passe: str

    def bases(self, role: str | None = None) -> Bases:
        """Open the databases as an administrator, or as one of the roles."""
        urls = {s: self._url(url, role) if role else url for s, url in self.crm.urls.items()}
        return Bases({service: urls[service] for service in SERVICES}, mapping.lire(self.crm.correspondance))

    def _url(self, url: str, role: str) -> str:
        return re.sub(r"//[^@]*@", f"//{role}:{self.mot_de_passe}@", url)

    def script(self) -> None:
        """Run the script as `psql` does: `\\connect` goes to another database of the same server."""
        with self.bases() as bases:
            texte = script(bases, self.role, self.migration)
        noms = {conninfo_to_dict(url)["dbname"]: url for url in self.crm.urls.values()}
        for n, partie in enumerate(re.split(r"^\\connect ", texte, flags=re.MULTILINE)):
            nom, _, instructions = partie.partition("\n") if n else (next(iter(noms)), "", partie)
            with psycopg.connect(noms[nom.strip('"')], autocommit=True) as connexion:
                connexion.execute(instructions.encode())
                for role in (self.role, self.migration):
                    connexion.execute(f"alter role {role} password '{self.mot_de_passe}'".encode())


@pytest.mark.longue
@pytest.mark.parametrize("modele", [TYPEORM, PRISMA], ids=["typeorm", "prisma"])
@pytest.mark.parametrize("serveur", SERVEURS, indirect=True)
def test_in_an_existing_crm_the_roles_need_no_more_than_the_mapped_columns(serveur: Serveur, modele: Modele) -> None:
    suffixe = uuid4().hex[:8]
    with crm_existant(modele, serveur) as crm:
        deux = DeuxChezEux(crm, f"sync_{suffixe}", f"migre_{suffixe}", uuid4().hex)
        try:
            deux.script()
            with deux.bases(deux.migration) as bases:
                schema.mettre_a_jour(bases)
            deux.script()
            _deux_synchronisations(deux)
        finally:
            for url in sorted(set(crm.urls.values())):
                with psycopg.connect(url, autocommit=True) as connexion:
                    connexion.execute(f"drop owned by {deux.role}, {deux.migration} cascade".encode())
            with psycopg.connect(crm.urls["core"], autocommit=True) as connexion:
                connexion.execute(f"drop role {deux.role}, {deux.migration}".encode())


def _deux_synchronisations(deux: DeuxChezEux) -> None:
    with deux.bases(deux.role) as bases:
        assert [p for p in verifier(bases) if p.gravite == BLOQUANT] == []
        assert schema.mettre_a_jour(bases) == []
        reponse = [*prospects_des_cas(), prospect(1), prospect(2, commercial=commercial("Nouveau"))]
        enchainer(bases, lecture(*reponse), "première")
        nouveau = prospect(1, contrat("R1", statut="Résilié", montant="12"), telephone="0639980099")
        enchainer(bases, lecture(*prospects_des_cas(), nouveau), "deuxième")

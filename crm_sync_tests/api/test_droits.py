"""The rights that `db grants --api-role` gives are those that the API needs: each that is taken away is missed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from crm_sync.api import serveur
from crm_sync.crm import kpi
from crm_sync.crm.connexion import Bases, Service
from crm_sync.crm.correspondance import INTEGREE, Correspondance
from crm_sync.crm.droits import script
from crm_sync.crm.lecture import Privilege, accorder, privileges
from crm_sync.crm.mapping import analyser
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import DatabaseUnavailableError
from crm_sync_tests.api.organisation import organisation, ranger
from crm_sync_tests.api.service import Appelant, service
from crm_sync_tests.api.test_crm_existant import peupler
from crm_sync_tests.conftest import Base
from crm_sync_tests.crm_existant import creer
from crm_sync_tests.gens import base_neuve, une_base


@dataclass(frozen=True)
class Lieu:
    """A CRM whose API runs as a role that the script made; `adresses` are all that an admin can ask for."""

    urls: Mapping[Service, str]
    correspondance: Correspondance
    admin: Any
    adresses: Sequence[str]
    role: str

    def bases(self) -> Bases:
        return Bases(dict(self.urls), self.correspondance)

    def urls_de_l_api(self) -> dict[Service, str]:
        return {nom: re.sub(r"//[^@]*@", f"//{self.role}@", url) for nom, url in self.urls.items()}

    def script(self) -> None:
        """Run the script as `psql` does, with the API's role and two that are made for this test."""
        with self.bases() as bases:
            texte = script(bases, f"sync_{self.role}", f"migre_{self.role}", self.role)
        noms = {conninfo_to_dict(url)["dbname"]: url for url in self.urls.values()}
        for n, partie in enumerate(re.split(r"^\\connect ", texte, flags=re.MULTILINE)):
            nom, _, instructions = partie.partition("\n") if n else (next(iter(noms)), "", partie)
            self._executer(noms[nom.strip('"')], instructions.encode())

    def rendre(self, privilege: Privilege) -> None:
        self._executer(self.urls[privilege.service], accorder(privilege, self.role))

    def retirer(self, privilege: Privilege) -> None:
        accord = accorder(privilege, self.role).as_string()
        retrait = re.sub(r" to ([^ ]+)$", r" from \1", accord.replace("grant ", "revoke ", 1))
        self._executer(self.urls[privilege.service], retrait.encode())

    def oublier(self) -> None:
        roles = sql.SQL(", ").join(sql.Identifier(p + self.role) for p in ("", "sync_", "migre_"))
        for url in sorted(set(self.urls.values())):
            self._executer(url, sql.SQL("drop owned by {} cascade").format(roles))
        self._executer(self.urls["sync"], sql.SQL("drop role {}").format(roles))

    @staticmethod
    def _executer(url: str, texte: Any) -> None:
        with psycopg.connect(url, autocommit=True) as connexion:
            connexion.execute(texte)


@contextmanager
def _lieu(urls: Mapping[Service, str], correspondance: Correspondance, admin: Any, *adresses: str) -> Iterator[Lieu]:
    with Bases(dict(urls), correspondance) as bases:
        kpi.recalculer(bases)
    communes = (
        *("/moi", "/synchronisations/derniere", "/kpi/contrats-par-commercial", "/kpi/contrats-par-mois"),
        *("/kpi/contrats-par-commercial?du=2025-01-01", "/kpi/contrats-par-mois?du=2025-01-01"),
    )
    lieu = Lieu(urls, correspondance, admin, (*communes, *adresses), f"api_{uuid4().hex[:8]}")
    lieu.script()
    yield lieu
    lieu.oublier()


@pytest.fixture
def integre(base: Base) -> Iterator[Lieu]:
    tout = organisation(0)
    ranger(base.url, tout)
    admin = next(u for u in tout.utilisateurs if tout.role(u) == "admin")
    client, contrat, vendeur = (next(iter(lignes)) for lignes in (tout.clients, tout.contrats, tout.apporteurs))
    adresses = (f"/clients/{client}", f"/contrats/{contrat}", f"/commerciaux/{vendeur}/contrats")
    with _lieu(une_base(base.url), INTEGREE, admin, *adresses) as lieu:
        yield lieu


@pytest.fixture(params=[False, True], ids=["une_base", "quatre_bases"])
def existant(postgres: ServeurEmbarque, request: pytest.FixtureRequest) -> Iterator[Lieu]:
    with creer(postgres, separes=request.param) as crm:
        ids = peupler(crm)
        for url in set(crm.urls.values()):  # a right that everybody has is not one that can be taken away
            Base(url).lire("revoke usage on schema public from public")
        contrat = crm.valeur("select id from contracts where \"contractReference\" = 'Vendeura'")
        adresses = (
            f"/clients/{ids['client Vendeur']}",
            f"/contrats/{contrat}",
            f"/commerciaux/{ids['broker Vendeur']}/contrats",
        )
        with _lieu(crm.urls, analyser(crm.mapping), ids["Admin"], *adresses) as lieu:
            yield lieu


def _un_par_un(lieu: Lieu) -> list[Privilege]:
    """Give every right of the list, those to columns one by one; one that two services of a database share once."""
    with lieu.bases() as bases:
        tous = list(privileges(bases))
    seuls: dict[Any, Privilege] = {}
    for un in tous:
        for colonnes in ((colonne,) for colonne in un.colonnes) if un.colonnes else (None,):
            seul = Privilege(un.service, un.droit, un.schema, un.objet, colonnes)
            seuls.setdefault((lieu.urls[un.service], un.droit, un.schema, un.objet, colonnes), seul)
    return list(seuls.values())


def _statuts(lieu: Lieu, api: Appelant) -> Iterator[int]:
    """Call everything, one after the other, the button last."""
    for adresse in lieu.adresses:
        yield api.client.get(adresse, headers=api.en_tetes(lieu.admin)).status_code
    with psycopg.connect(lieu.urls["sync"], autocommit=True) as connexion:
        connexion.execute("delete from crm_sync.demande_sync")  # the limit is not what is looked at
    yield api.client.post("/synchronisations", headers=api.en_tetes(lieu.admin)).status_code


def _manque(lieu: Lieu, api: Appelant) -> bool:
    """Tell whether something that the API does is refused: at a call, when the button is pressed, or at its start."""
    for statut in _statuts(lieu, api):
        assert statut in {200, 202, 404, 503}  # 404: no sync yet
        if statut == 503:
            return True
    try:
        with Bases(lieu.urls_de_l_api(), lieu.correspondance) as bases:
            serveur.mettre_a_jour(bases)
    except DatabaseUnavailableError:
        return True
    return False


def _eprouver(lieu: Lieu) -> None:
    with service(lieu.urls_de_l_api(), correspondance=lieu.correspondance, avec=lieu.urls) as api:
        assert not _manque(lieu, api)
        for privilege in _un_par_un(lieu):
            lieu.retirer(privilege)
            assert _manque(lieu, api), f"ce droit ne sert à rien : {privilege}"
            lieu.rendre(privilege)
        assert not _manque(lieu, api)


def test_the_api_needs_each_right_that_the_script_gives_and_no_other(integre: Lieu) -> None:
    _eprouver(integre)


def test_the_same_holds_over_an_existing_crm(existant: Lieu) -> None:
    _eprouver(existant)


def test_the_role_owns_nothing_and_can_write_nothing_but_a_request(integre: Lieu) -> None:
    url = integre.urls_de_l_api()["sync"]
    with psycopg.connect(url, autocommit=True) as connexion:
        peuvent = connexion.execute(
            "select format('%s.%s', n.nspname, c.relname) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
            "where n.nspname !~ '^(pg_|information_schema)' and c.relkind in ('r', 'v', 'S', 'p') "
            "and (pg_has_role(c.relowner, 'USAGE') or case when c.relkind = 'S' "
            "then has_sequence_privilege(c.oid, 'USAGE, UPDATE') "
            "else has_any_column_privilege(c.oid, 'INSERT, UPDATE') or has_table_privilege(c.oid, 'DELETE, TRUNCATE') end)"
        ).fetchall()
        moi = connexion.execute(
            "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
        )
        assert moi.fetchone() == (False, False, False)
    assert peuvent == [("crm_sync.demande_sync",)]


def test_before_our_tables_are_there_the_script_says_so_and_can_be_run(postgres: ServeurEmbarque) -> None:
    with base_neuve(postgres, "template1") as base:
        lieu = Lieu(une_base(base.url), INTEGREE, None, (), f"api_{uuid4().hex[:8]}")
        lieu.script()
        with base.bases() as bases:
            texte = script(bases, f"sync_{lieu.role}", f"migre_{lieu.role}", lieu.role)
        lieu.oublier()
    bloc = texte.partition("-- L'API de lecture")[2]
    assert "-- crm_sync.demande_sync\n-- n'existe pas encore" in bloc
    assert "grant select" not in bloc


def test_without_the_option_no_role_is_made_for_the_api_and_the_script_names_it(base: Base) -> None:
    with base.bases() as bases:
        texte = script(bases)
    assert texte.count("create role") == 2
    assert "--api-role" in texte

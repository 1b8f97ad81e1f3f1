"""A CRM that existed before us, written by hand: integer ids, quoted camelCase, enums, local time, required columns, counters.

`creer` makes it in one database or three, `contenu` reads what a CRM says through its mapping, so that it can be compared with
the built-in tables.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from crm_sync.crm import schema
from crm_sync.crm.connexion import SERVICES, Bases, Service
from crm_sync.crm.mapping import analyser
from crm_sync.embedded import ServeurEmbarque
from crm_sync.source.client import Endpoint
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve
from crm_sync_tests.synchro import enchainer

CORE = """
create type "UserRole" as enum ('SALES', 'MANAGER', 'ADMIN');
create table users (
    id serial primary key,
    "emailAddress" varchar(255) not null unique,
    "lastName" varchar(255),
    "firstName" varchar(255),
    role "UserRole" not null,
    status varchar(20) not null,
    "managerId" integer references users,
    "tenantId" varchar(40) not null,
    "createdAt" timestamp(3) not null default current_timestamp,
    "updatedAt" timestamp(3) not null
);
create table customers (
    id serial primary key,
    "lastName" text not null,
    "firstName" text,
    email text,
    phone varchar(30),
    "identityCard" text,
    "organizationId" uuid not null,
    version integer not null default 1,
    notes text default 'à rappeler',
    "createdAt" timestamp without time zone not null default now(),
    "updatedAt" timestamp without time zone not null default now(),
    "deletedAt" timestamp without time zone
);
"""
COMMERCIAL = """
create type "ContractStatus" as enum ('DRAFT', 'SIGNED', 'ACTIVE', 'CLOSED', 'OTHER');
create table brokers (
    id serial primary key,
    "userId" integer unique,
    "displayName" text,
    email text
);
create table contracts (
    id serial primary key,
    "contractReference" varchar(200) not null,
    status "ContractStatus" not null,
    amount numeric(14, 4),
    "signedOn" date,
    "customerId" integer,
    "brokerId" integer references brokers,
    imported boolean not null,
    tags text[] not null,
    meta jsonb not null,
    version integer not null default 1,
    "deletedAt" timestamptz
);
create unique index on contracts ("contractReference") where "deletedAt" is null;
"""
FINANCE = """
create table bank_details (
    id integer generated always as identity primary key,
    "customerId" integer not null,
    iban varchar(34) not null,
    bic varchar(11),
    "createdAt" timestamptz not null,
    "updatedAt" timestamptz not null,
    unique ("customerId", iban)
);
"""
DDL: Mapping[Service, str] = {"core": CORE, "commercial": COMMERCIAL, "finance": FINANCE}
TABLES: Mapping[str, Service] = {
    "users": "core",
    "customers": "core",
    "brokers": "commercial",
    "contracts": "commercial",
    "bank_details": "finance",
}
MAPPING = """
version = 1

[utilisateur]
table = "public.users"
id = "int"
columns = { id = "id", email = "emailAddress", nom = "lastName", prenom = "firstName", role = "role", manager_id = "managerId", actif = "status", created_at = "createdAt", updated_at = "updatedAt" }
values.role = { commercial = "SALES", manager = "MANAGER", admin = "ADMIN" }
values.actif = { true = "ENABLED", false = "DISABLED" }
insert = { tenantId = "acme" }
timezone = "Europe/Paris"

[client_base]
table = "public.customers"
id = "int"
columns = { id = "id", nom = "lastName", prenom = "firstName", email = "email", telephone = "phone", identity_card = "identityCard", created_at = "createdAt", updated_at = "updatedAt" }
insert = { organizationId = "3f0c2c1e-0000-4000-8000-000000000001" }
deleted_at = "deletedAt"
increment = ["version"]
timezone = "Europe/Paris"

[apporteur]
table = "public.brokers"
id = "int"
columns = { id = "id", utilisateur_id = "userId", nom = "displayName", email = "email" }

[contrat]
table = "public.contracts"
id = "int"
columns = { id = "id", reference = "contractReference", statut = "status", montant = "amount", date_signature = "signedOn", client_id = "customerId", commercial_id = "brokerId" }
values.statut = { en_attente = "DRAFT", signe = "SIGNED", valide = "ACTIVE", resilie = "CLOSED", annule = "CLOSED", autre = "OTHER" }
insert = { imported = true, tags = ["sync", "a b"], meta = { par = "crm_sync", n = 1 } }
deleted_at = "deletedAt"
increment = ["version"]
timezone = "Europe/Paris"

[information_paiement_bancaire]
table = "public.bank_details"
id = "int"
columns = { id = "id", client_id = "customerId", iban = "iban", bic = "bic", created_at = "createdAt", updated_at = "updatedAt" }
"""  # noqa: E501  an inline table of TOML is one line
ICI: Mapping[str, tuple[str, ...]] = {
    "utilisateur": ("email", "nom", "prenom", "role", "actif"),
    "client": ("nom", "prenom", "email", "telephone", "identity_card"),
    "apporteur": ("nom", "email"),
    "contrat": ("reference", "statut", "montant"),
    "information_paiement": ("iban", "bic"),
}
LIENS = {
    "apporteur": {"utilisateur_id": "utilisateur"},
    "contrat": {"client_id": "client", "commercial_id": "apporteur"},
    "information_paiement": {"client_id": "client"},
}
NOMS = {"utilisateur": "email", "client": "email", "apporteur": "nom"}


class CrmExistant:
    """An existing CRM with its mapping, in one database or in several."""

    def __init__(self, urls: Mapping[Service, str], mapping: str = MAPPING) -> None:
        self.urls, self.mapping = dict(urls), mapping

    def bases(self) -> Bases:
        return Bases(dict(self.urls), analyser(self.mapping))

    def lire(self, requete: str, *parametres: Any, service: Service | None = None) -> list[tuple[Any, ...]]:
        """Run a statement where its first table lives, as somebody else would."""
        noms = [nom for nom in TABLES if f" {nom}" in f"{requete} "]
        with psycopg.connect(self.urls[service or TABLES[noms[0]]], autocommit=True) as connexion:
            curseur = connexion.execute(requete, parametres or None)
            return curseur.fetchall() if curseur.description else []

    def valeur(self, requete: str, *parametres: Any, service: Service | None = None) -> Any:
        return self.lire(requete, *parametres, service=service)[0][0]

    def notre(self, requete: str, *parametres: Any) -> list[tuple[Any, ...]]:
        """Run a statement in the sync's own schema."""
        return self.lire(requete, *parametres, service="sync")

    def passer(self, endpoint: Endpoint) -> Any:
        return enchainer(self.bases(), endpoint, str(uuid4()))

    def versions(self) -> list[tuple[Any, ...]]:
        """Give the version of every row of theirs: equal before and after means that nothing was written."""
        return [
            (table, *ligne)
            for table in TABLES
            for ligne in self.lire(f"select id, xmin::text, ctid::text from {table} order by 1")  # noqa: S608
        ]


@contextmanager
def creer(postgres: ServeurEmbarque, *, separes: bool = False, mapping: str = MAPPING) -> Iterator[CrmExistant]:
    """Make the CRM in one database, or one per service and another for what is ours; then what is ours beside it."""
    with ExitStack() as pile:
        une = None if separes else pile.enter_context(base_neuve(postgres, "template1"))
        urls: dict[Service, str] = {}
        for service in SERVICES:
            base = une or pile.enter_context(base_neuve(postgres, "template1"))
            urls[service] = base.url
            if service in DDL:
                base.lire(DDL[service])
        crm = CrmExistant(urls, mapping)
        with crm.bases() as bases:
            schema.mettre_a_jour(bases)
        yield crm


def contenu(bases: Bases) -> dict[str, list[tuple[str | None, ...]]]:
    """Give what a CRM says through its mapping, without ids and times: equal for two CRMs that agree."""
    lues: dict[str, list[dict[str, Any]]] = {}
    with bases:
        for entite, champs in ICI.items():
            noms = ["id", *champs, *LIENS.get(entite, {})]
            valeurs = [
                sql.SQL("trim_scale(t.montant)::text")
                if nom == "montant"
                else sql.SQL("t.{}::text").format(sql.Identifier(nom))
                for nom in noms
            ]
            requete = sql.SQL("select {} from {} as t").format(sql.SQL(", ").join(valeurs), bases.crm[entite].relation)
            lignes = bases.connexion(bases.crm[entite].service).execute(requete).fetchall()
            lues[entite] = [dict(zip(noms, ligne, strict=True)) for ligne in lignes]
    qui = {entite: {ligne["id"]: ligne[nom] for ligne in lues[entite]} for entite, nom in NOMS.items()}
    return {
        entite: sorted(
            (
                *(ligne[champ] for champ in ICI[entite]),
                *(qui[autre].get(ligne[champ], ligne[champ]) for champ, autre in LIENS.get(entite, {}).items()),
            )
            for ligne in lignes
        )
        for entite, lignes in lues.items()
    }


def sans_les_colonnes_d_ici(base: Base) -> dict[str, list[tuple[str | None, ...]]]:
    """Give the same of the built-in tables."""
    return contenu(base.bases())

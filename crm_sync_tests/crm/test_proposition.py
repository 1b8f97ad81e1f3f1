"""What `db map` proposes: right in two CRMs of other people's making, and never a guess that is not marked as one."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from crm_sync.crm import mapping
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.crm.correspondance import Correspondance
from crm_sync.crm.proposition.proposition import Proposition, proposer
from crm_sync.crm.proposition.redaction import rediger
from crm_sync.crm.verification import BLOQUANT, verifier
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import ConfigurationError
from crm_sync_tests.conftest import Base
from crm_sync_tests.crm.crm_existant import DDL, MAPPING
from crm_sync_tests.crm_existants import PRISMA, TYPEORM, CrmExistant, crm_existant
from crm_sync_tests.gens import base_neuve

ORGANISATION = "0b7c0c5e-6a41-4f5e-9d27-3c1f5d0e8a10"
REPONSES = {
    "typeorm": {
        "utilisateur.insert.passwordHash": "!",
        "utilisateur.insert.organizationId": ORGANISATION,
        "client_base.insert.kind": "PERSON",
        "client_base.insert.organizationId": ORGANISATION,
        "apporteur.insert.organizationId": ORGANISATION,
        "contrat.values.statut.autre": "ON_HOLD",
        "contrat.insert.organizationId": ORGANISATION,
        "contrat.insert.channel": "IMPORT",
    },
    "prisma": {
        "utilisateur.insert.mot_de_passe": "!",
        "utilisateur.insert.agence_id": 1,
        "client_base.deleted_at": "archive_le",
        "client_base.insert.origine": "IMPORT",
        "client_base.insert.agence_id": 1,
        "contrat.values.statut.en_attente": "en cours",
        "contrat.values.statut.annule": "CLOS",
        "contrat.values.statut.resilie": "CLOS",
        "contrat.values.statut.autre": "A_QUALIFIER",
        "contrat.insert.canal": "import",
        "information_paiement_bancaire.insert.mode": "PRELEVEMENT",
    },
}
"""What a person who knows the CRM answers, hole by hole; the holes are these and no others."""


def remplir(texte: str, reponses: Mapping[str, Any]) -> str:
    """Fill in the holes of a proposal as a person does: line by line, in the text."""
    lignes, ou = [], ""
    for ligne in texte.splitlines():
        if titre := re.match(r"\[(.+)\]", ligne):
            ou = titre[1]
        if trou := re.match(r'(\S+) = "\?"', ligne):
            reponse = reponses[f"{ou}.{trou[1]}"]
            lignes.append(f'{trou[1]} = "{reponse}"' if isinstance(reponse, str) else f"{trou[1]} = {reponse}")
        else:
            lignes.append(ligne)
    return "\n".join(lignes)


@pytest.fixture(scope="module", params=[TYPEORM, PRISMA], ids=["typeorm", "prisma"])
def crm(request: pytest.FixtureRequest, postgres: ServeurEmbarque) -> Iterator[CrmExistant]:
    with crm_existant(request.param, postgres) as crm:
        yield crm


def _bases(crm: CrmExistant, correspondance: Correspondance | None = None) -> Bases:
    urls = {service: crm.urls[service] for service in SERVICES}
    return Bases(urls) if correspondance is None else Bases(urls, correspondance)


def test_the_holes_filled_the_proposal_is_the_mapping_that_its_makers_wrote(crm: CrmExistant) -> None:
    reponses = REPONSES[crm.modele.nom]
    with _bases(crm) as bases:
        proposition = proposer(bases)
    assert set(proposition.trous) == set(reponses)
    lue = mapping.analyser(remplir(rediger(proposition), reponses))
    juste = mapping.lire(crm.correspondance)
    for entite, table in juste.items():
        assert (lue[entite].schema, lue[entite].table) == (table.schema, table.table)
        assert lue[entite].type_id == table.type_id
        assert dict(lue[entite].colonnes) == dict(table.colonnes)
        assert lue[entite].deleted_at == table.deleted_at
        assert lue[entite].increment == table.increment
        assert lue[entite].valeurs == table.valeurs
    with _bases(crm, lue) as bases:
        assert [plainte for plainte in verifier(bases) if plainte.gravite == BLOQUANT] == []


def test_a_proposal_with_holes_is_refused_with_their_names(crm: CrmExistant) -> None:
    with _bases(crm) as bases:
        proposition = proposer(bases)
    with pytest.raises(ConfigurationError) as leve:
        mapping.analyser(rediger(proposition), "crm.toml")
    assert leve.value.exit_code == 2
    assert str(leve.value).startswith(f"crm.toml a {len(proposition.trous)} trous")
    assert all(trou in str(leve.value) for trou in proposition.trous)


def test_the_same_crm_gives_the_same_text_and_no_value_of_it(crm: CrmExistant) -> None:
    with _bases(crm) as bases:
        texte = rediger(proposer(bases))
        assert rediger(proposer(bases)) == texte
    personnes = {p.nom for p in crm.lignes.clients} | {p.email for p in crm.lignes.clients}
    assert [valeur for valeur in personnes if valeur and re.search(rf"\b{re.escape(valeur)}\b", texte)] == []


def test_without_the_bank_table_and_the_card_s_column_both_statements_are_given(postgres: ServeurEmbarque) -> None:
    with crm_existant(TYPEORM, postgres, a_creer=False) as crm, _bases(crm) as bases:
        proposition = proposer(bases)
        texte = rediger(proposition)
    assert "information_paiement_bancaire.table" in proposition.trous
    assert "#   create table public.information_paiement_bancaire (" in texte
    assert '#   alter table "public"."clients" add column "identityCard" jsonb;' in texte
    assert '# identity_card = "identityCard"' in texte


# A small CRM, changed.


@pytest.fixture(scope="module")
def existant(postgres: ServeurEmbarque) -> Iterator[Base]:
    with base_neuve(postgres, "template1") as base:
        base.lire(DDL)
        yield base


def _propose(base: Base, ddl: str = "", **imposees: str) -> tuple[Proposition, str]:
    """Propose after a change that is then taken back."""
    with base.bases() as bases, bases.connexion("core").transaction(force_rollback=True):
        if ddl:
            bases.connexion("core").execute(ddl)
        proposition = proposer(bases, imposees)
    return proposition, rediger(proposition)


def test_the_small_crm_needs_one_answer(existant: Base) -> None:
    proposition, texte = _propose(existant)
    assert proposition.trous == ["client_base.insert.organizationId"]
    rempli = remplir(texte, {"client_base.insert.organizationId": "00000000-0000-4000-8000-000000000001"})
    lue, juste = mapping.analyser(rempli), mapping.analyser(MAPPING)
    assert {e: dict(t.colonnes) for e, t in lue.items()} == {e: dict(t.colonnes) for e, t in juste.items()}
    assert dict(lue["contrat"].insert) == {"version": 1}


def test_the_built_in_tables_need_none(base: Base) -> None:
    proposition, texte = _propose(base)
    assert proposition.trous == []
    assert "probable" not in texte.split("version = 1")[1]
    mapping.analyser(texte)


def test_two_tables_as_good_as_each_other_are_a_hole_that_names_both(existant: Base) -> None:
    ddl = "create table bank_accounts (like bank_details including all)"
    proposition, texte = _propose(existant, ddl)
    assert "information_paiement_bancaire.table" in proposition.trous
    assert "candidates : public.bank_accounts, public.bank_details" in texte
    assert "--table information_paiement_bancaire=public.bank_accounts" in texte
    proposition, texte = _propose(existant, ddl, information_paiement_bancaire="public.bank_accounts")
    assert "information_paiement_bancaire.table" not in proposition.trous
    assert 'table = "public.bank_accounts"' in texte


def test_a_table_that_a_foreign_key_leads_to_is_preferred(existant: Base) -> None:
    _, texte = _propose(existant, "create table customers (like clients including all)")
    assert 'table = "public.clients"' in texte
    assert "une clé étrangère y mène" in texte


def test_a_named_table_that_is_not_there_is_refused(existant: Base) -> None:
    with pytest.raises(ConfigurationError, match=r"public\.rien n'est pas une table"):
        _propose(existant, contrat="public.rien")


def test_two_columns_as_good_as_each_other_are_a_hole_that_names_both(existant: Base) -> None:
    proposition, texte = _propose(existant, "alter table clients add telephone text")
    assert "client_base.columns.telephone" in proposition.trous
    assert "candidates : phone, telephone" in texte


CLIENTS = """insert into clients ("lastName", email, {colonne}, "organizationId")
select 'N', 'p' || i || '@exemple.example.org', '06399800' || (10 + i), gen_random_uuid() from generate_series(1, 20) as i;"""


def test_what_the_values_look_like_decides_between_two_names(existant: Base) -> None:
    ddl = "alter table clients add telephone text;" + CLIENTS.format(colonne="telephone")
    ddl += "update clients set phone = 'rappeler le soir'"
    proposition, texte = _propose(existant, ddl)
    assert "client_base.columns.telephone" not in proposition.trous
    assert re.search(r"probable : .*100 % des 20 valeurs.*mais phone en a aussi le nom", texte.replace("\n# ", " "))
    assert 'telephone = "telephone"' in texte
    assert "rappeler" not in texte


def test_a_column_is_found_by_its_values_alone_and_called_probable(existant: Base) -> None:
    ddl = "alter table clients rename phone to joignable;" + CLIENTS.format(colonne="joignable")
    ddl += "alter table clients rename email to contact;"
    _, texte = _propose(existant, ddl)
    plat = texte.replace("\n# ", " ")
    assert re.search(r'email = "contact"  # probable : 100 % des 20 valeurs', plat)
    assert re.search(r'telephone = "joignable"  # probable : 100 %', plat)


def test_values_that_are_something_else_make_a_known_name_only_probable(existant: Base) -> None:
    ddl = CLIENTS.format(colonne="phone").replace("'@exemple.example.org'", "' : voir le dossier papier'")
    _, texte = _propose(existant, ddl)
    assert re.search(r'email = "email"  # probable : nom connu ; 0 % des 20 valeurs', texte)


def test_an_essential_field_of_which_only_the_end_of_a_name_speaks_is_a_hole(existant: Base) -> None:
    ddl = 'alter table contracts drop constraint "contracts_contractReference_key"; '
    ddl += 'alter table contracts rename "contractReference" to "partnerReference"'
    proposition, texte = _propose(existant, ddl)
    assert "contrat.columns.reference" in proposition.trous
    assert "candidates : partnerReference" in texte


def test_another_field_of_which_only_the_end_of_a_name_speaks_is_shown_and_not_taken(existant: Base) -> None:
    proposition, texte = _propose(existant, "alter table contracts rename description to internal_description")
    assert "contrat.columns.description" not in proposition.trous
    assert '# description = "internal_description"' in texte
    assert "description" not in tomllib.loads(texte)["contrat"]["columns"]


def test_a_foreign_key_that_leads_elsewhere_is_held_against_a_column(existant: Base) -> None:
    ddl = 'alter table contracts add "clientBaseId" uuid references organizations'
    _, texte = _propose(existant, ddl)
    assert 'client_id = "clientId"' in texte


@pytest.mark.parametrize(
    ("ddl", "trou", "dit"),
    [
        ("alter type contract_status add value 'CANCELED'", "contrat.values.statut.annule", "CANCELLED, CANCELED"),
        (
            "alter type contract_status rename value 'SIGNED' to 'ACTIVE'",
            "contrat.values.statut.signe",
            "candidats : ACTIVE",
        ),
        (
            "alter type user_role rename value 'MANAGER' to 'BOSS'",
            "utilisateur.values.role.manager",
            "candidats : BOSS",
        ),
        ('alter table brokers add "siret" text not null', "apporteur.insert.siret", "obligatoire et sans défaut"),
        ('alter table clients rename "deletedAt" to "archivedAt"', "client_base.deleted_at", "archivedAt"),
        (
            "alter table bank_details alter id drop default, alter id type text",
            "information_paiement_bancaire.id",
            "ni uuid",
        ),
        (
            "alter table bank_details drop constraint bank_details_pkey, drop id",
            "information_paiement_bancaire.id",
            "clé",
        ),
        ("drop table brokers cascade", "apporteur.table", "aucune table"),
    ],
)
def test_what_is_not_known_is_a_hole_with_what_is_possible(existant: Base, ddl: str, trou: str, dit: str) -> None:
    proposition, texte = _propose(existant, ddl)
    assert trou in proposition.trous
    assert dit in texte.replace("\n# ", " ")
    tomllib.loads(texte)


def test_the_spelling_that_a_text_column_uses_is_found_by_count_alone(existant: Base) -> None:
    ddl = """alter table contracts alter status type text;
    insert into brokers default values; insert into clients ("lastName", "organizationId") values ('N', gen_random_uuid());
    insert into contracts ("contractReference", status, "clientId", "brokerId", version)
    select 'R' || i, (array['Validé', 'SIGNED', 'mot secret'])[1 + i % 3], c.id, b.id, 1
    from generate_series(1, 30) as i, clients as c, brokers as b"""
    _, texte = _propose(existant, ddl)
    mots = tomllib.loads(texte)["contrat"]["values"]["statut"]
    assert (mots["valide"], mots["signe"], mots["annule"]) == ("Validé", "SIGNED", "annule")
    assert "10 des 30 lignes lues" in texte
    assert "secret" not in texte


def test_timestamps_without_zone_and_counters_are_said(existant: Base) -> None:
    _, texte = _propose(existant, 'alter table contracts alter "signedAt" type timestamp')
    assert "n'ont pas de zone (signedAt)" in texte
    contrat = tomllib.loads(texte)["contrat"]
    assert (contrat["timezone"], contrat["increment"], contrat["deleted_at"]) == ("UTC", ["version"], "deletedAt")


def test_a_role_that_may_read_nothing_still_gets_a_proposal(existant: Base) -> None:
    proposition, _ = _propose(existant, "create role aveugle; set local role aveugle")
    assert proposition.trous == ["client_base.insert.organizationId"]

"""`db map`, `db check` and `db grants` as ops run them."""

from pathlib import Path

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.crm.crm_existant import DDL, MAPPING


@pytest.fixture
def chez_eux(base: Base, ops: Ops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An existing CRM in the test's database, with its mapping in a file that CRM_MAPPING names."""
    base.lire("drop schema service_core, service_commercial, service_finance cascade")
    base.lire(DDL)
    fichier = tmp_path / "crm.toml"
    fichier.write_text(MAPPING, encoding="utf-8")
    monkeypatch.setenv("CRM_MAPPING", str(fichier))
    return fichier


def test_a_good_crm_is_told_so(ops: Ops) -> None:
    dit = ops("db", "check")
    assert (dit.code, dit.sortie) == (0, "Rien à redire : une synchronisation marchera.\n")
    document = ops("db", "check", "--json").document
    assert document == {
        "statut": "pret",
        "nombre": {"bloquant": 0, "avertissement": 0, "information": 0},
        "plaintes": [],
    }


def test_what_blocks_ends_with_two_and_the_statement_that_mends_it_can_be_copied(
    chez_eux: Path, base: Base, ops: Ops
) -> None:
    base.lire("alter table contracts alter amount type real; alter table clients alter email type varchar(60)")
    dit = ops("db", "check", largeur=80)
    assert dit.code == 2
    assert dit.sortie.startswith("À corriger avant toute synchronisation : 1 point\n")
    assert '\n      alter table "public"."contracts" alter column "amount" type numeric(12, 2);\n' in dit.sortie
    assert max(len(ligne) for ligne in dit.sortie.splitlines() if not ligne.startswith("      ")) <= 80
    assert "À savoir : 1 point" in dit.sortie
    document = ops("db", "check", "--json").document
    assert (document["statut"], document["nombre"]["bloquant"]) == ("bloque", 1)
    assert set(document["plaintes"][0]) == {"code", "gravite", "ou", "phrase", "que_faire", "sql"}


def test_a_sync_and_a_plan_are_refused_before_anything_is_read(
    chez_eux: Path, base: Base, ops: Ops, source: SourceEssai
) -> None:
    base.lire("alter table contracts alter amount type real")
    for commande in ("sync", "plan"):
        dit = ops(commande)
        assert dit.code == 2
        assert "Le montant public.contracts.amount est de type real" in dit.erreur
        assert "« crm-sync db check »" in dit.erreur
    assert source.demandes == []


def test_warnings_alone_do_not_stop_anybody(chez_eux: Path, base: Base, ops: Ops) -> None:
    base.lire("alter table contracts alter amount type float8")
    dit = ops("db", "check")
    assert dit.code == 0
    assert "À savoir : 1 point" in dit.sortie
    assert "Une synchronisation marchera" in dit.sortie


def test_a_proposal_goes_to_a_file_once(chez_eux: Path, ops: Ops, tmp_path: Path) -> None:
    dit = ops("db", "map", "--output", "propose.toml")
    assert (dit.code, dit.sortie) == (0, "")
    assert "1 trou à remplir" in dit.erreur
    assert "  client_base.insert.organizationId\n" in dit.erreur
    assert "CRM_MAPPING=propose.toml crm-sync db check" in dit.erreur
    texte = (tmp_path / "propose.toml").read_text(encoding="utf-8")
    assert 'reference = "contractReference"' in texte
    encore = ops("db", "map", "--output", "propose.toml")
    assert (encore.code, "existe déjà" in encore.erreur) == (2, True)
    assert (tmp_path / "propose.toml").read_text(encoding="utf-8") == texte


def test_a_proposal_on_standard_output_is_the_file_and_nothing_else(chez_eux: Path, ops: Ops) -> None:
    dit = ops("db", "map", "--table", "contrat=public.contracts")
    assert dit.sortie.startswith("# Correspondance proposée")
    assert "donnée par --table" in dit.sortie
    document = ops("db", "map", "--json").document
    assert document["trous"] == ["client_base.insert.organizationId"]
    assert document["tables"]["contrat"]["probables"] == []
    assert document["fichier"] is None


def test_a_mapping_that_cannot_be_read_does_not_stop_a_new_proposal(chez_eux: Path, ops: Ops) -> None:
    chez_eux.write_text("version = 2", encoding="utf-8")
    assert ops("db", "check").code == 2
    assert ops("db", "map").code == 0


@pytest.mark.parametrize("table", ["contrats", "contrat=contracts", "facture=public.factures", "contrat=public.rien"])
def test_a_table_that_cannot_be_is_refused(chez_eux: Path, ops: Ops, table: str) -> None:
    dit = ops("db", "map", "--table", table)
    assert (dit.code, dit.sortie) == (2, "")
    assert "--table" in dit.erreur


def test_a_file_that_cannot_be_written_is_said(ops: Ops) -> None:
    dit = ops("db", "map", "--output", "nulle/part/crm.toml")
    assert (dit.code, "ne peut pas être écrit" in dit.erreur) == (2, True)


def test_the_rights_are_a_script(chez_eux: Path, ops: Ops) -> None:
    dit = ops("db", "grants", "--role", 'l"appli')
    assert dit.code == 0
    assert 'grant update ("lastName", ' in dit.sortie
    assert 'to "l""appli";' in dit.sortie
    assert 'grant usage on sequence "public"."clients_id_seq"' in dit.sortie
    document = ops("db", "grants", "--json").document
    assert (document["role"], document["role_de_l_api"]) == ("crm_sync", None)
    assert "nosuperuser" in document["sql"]


def test_the_rights_of_the_api_are_a_block_of_their_own_where_its_role_is_named(chez_eux: Path, ops: Ops) -> None:
    dit = ops("db", "grants", "--api-role", 'l"api')
    assert dit.code == 0
    synchronise, _, lit = dit.sortie.partition("-- L'API de lecture")
    assert 'l""api' not in synchronise
    assert (
        'grant select ("id", "lastName", "firstName", "role", "managerId", "isActive") on "public"."users" to "l""api";'
        in lit
    )
    assert 'grant insert ("id", "demande_par") on "crm_sync"."demande_sync" to "l""api";' in lit
    assert ops("db", "grants", "--api-role", "lecteur", "--json").document["role_de_l_api"] == "lecteur"

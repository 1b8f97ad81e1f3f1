"""The SQL kept beside each source is of that source: every table, column and enum value that it declares stands there."""

import re
from pathlib import Path

import pytest

from crm_sync_tests.crm_existants import PRISMA, TYPEORM

MIGRATION = (PRISMA.dossier / "migrations/20240702090000_init/migration.sql").read_text()
SCHEMA = (PRISMA.dossier / "schema.prisma").read_text()
ENTITES = sorted((TYPEORM.dossier / "src").glob("*/*.entity.ts"))
COLONNES_A_EUX = {
    "PrimaryGeneratedColumn",
    "Column",
    "CreateDateColumn",
    "UpdateDateColumn",
    "DeleteDateColumn",
    "VersionColumn",
}


def tables_du_sql(texte: str) -> dict[str, list[str]]:
    """Give the columns of each CREATE TABLE, in order; its constraints are no columns."""
    tables = {}
    for nom, corps in re.findall(r'CREATE TABLE ((?:"\w+"\.)?"\w+") \((.*?)\);\n', texte, re.DOTALL):
        # TypeORM writes one line, Prisma one per column: a column is a quoted name at the start or after a comma.
        colonnes = re.findall(r'(?:^|,)\s*"(\w+)" ', re.sub(r"\([\d,]+\)|CONSTRAINT .*", "", corps, flags=re.DOTALL))
        tables[nom.replace('"', "")] = colonnes
    return tables


def enums_du_sql(texte: str) -> dict[str, list[str]]:
    return {
        nom: re.findall(r"'([^']+)'", corps)
        for nom, corps in re.findall(r'CREATE TYPE "\w+"\."(\w+)" AS ENUM ?\((.*?)\);', texte)
    }


@pytest.mark.parametrize("entite", ENTITES, ids=lambda chemin: chemin.stem)
def test_a_typeorm_entity_is_the_table_of_its_service(entite: Path):
    source = entite.read_text()
    sql = (TYPEORM.dossier / f"{entite.parent.name}.sql").read_text()
    (table,) = re.findall(r'@Entity\("(\w+)"\)', source)
    declarees = [
        champ
        for decorateur, champ in re.findall(r"@(\w+)\((?:[^@]*?)\)\n  (\w+): ", source)
        if decorateur in COLONNES_A_EUX
    ]
    assert declarees
    assert tables_du_sql(sql)[table] == declarees
    for nom, corps in re.findall(r"export enum (\w+) \{(.*?)\}", source, re.DOTALL):
        valeurs = re.findall(r'= "(\w+)"', corps)
        assert valeurs in enums_du_sql(sql).values(), nom


def test_every_table_of_the_typeorm_sql_has_its_entity():
    declarees = {
        (chemin.parent.name, table)
        for chemin in ENTITES
        for table in re.findall(r'@Entity\("(\w+)"\)', chemin.read_text())
    }
    ecrites = {
        (service, table)
        for service in ("core", "commercial", "finance")
        for table in tables_du_sql((TYPEORM.dossier / f"{service}.sql").read_text())
    }
    assert ecrites == declarees


def test_the_trigger_of_the_migration_stands_in_the_sql():
    migration = next((TYPEORM.dossier / "src/commercial").glob("*-contract-events.ts")).read_text()
    sql = (TYPEORM.dossier / "commercial.sql").read_text()
    up = migration[migration.index("async up") : migration.index("async down")]
    morceaux = re.findall(r"`([^`]+)`", up)
    assert "".join(morceaux).replace("END $$CREATE", "END $$;\nCREATE") in sql


def modeles_prisma() -> dict[str, list[str]]:
    """Give the columns of each model, by `schema.table`: every field but relations, under its mapped name."""
    noms = {nom for _, nom in re.findall(r"^(model|enum) (\w+)", SCHEMA, re.MULTILINE)}
    enums = {nom for genre, nom in re.findall(r"^(model|enum) (\w+)", SCHEMA, re.MULTILINE) if genre == "enum"}
    tables = {}
    for corps in re.findall(r"^model \w+ \{\n(.*?)^\}", SCHEMA, re.MULTILINE | re.DOTALL):
        (table,), (schema,) = re.findall(r'@@map\("(\w+)"\)', corps), re.findall(r'@@schema\("(\w+)"\)', corps)
        champs = re.findall(r"^  (\w+) +(\w+)(.*)$", corps, re.MULTILINE)
        tables[f"{schema}.{table}"] = [
            (re.findall(r' @map\("(\w+)"\)', reste) or [champ])[0]
            for champ, genre, reste in champs
            if genre not in noms - enums
        ]
    return tables


def test_each_prisma_model_is_a_table_of_the_migration_and_the_reverse():
    assert tables_du_sql(MIGRATION) == modeles_prisma()


def test_each_prisma_enum_has_its_values_under_their_names_in_the_database():
    declares = {}
    for corps in re.findall(r"^enum \w+ \{\n(.*?)^\}", SCHEMA, re.MULTILINE | re.DOTALL):
        (nom,) = re.findall(r'@@map\("(\w+)"\)', corps)
        declares[nom] = [
            (re.findall(r'@map\("([^"]+)"\)', reste) or [valeur])[0]
            for valeur, reste in re.findall(r"^  (\w+)(.*)$", corps, re.MULTILINE)
        ]
    assert enums_du_sql(MIGRATION) == declares


@pytest.mark.parametrize("dossier", [TYPEORM.dossier, PRISMA.dossier], ids=lambda chemin: chemin.name)
def test_a_lock_names_no_place_that_its_packages_come_from(dossier: Path):
    assert '"resolved"' not in (dossier / "package-lock.json").read_text()
    assert "omit-lockfile-registry-resolved=true" in (dossier / ".npmrc").read_text()

"""The README tells the truth: its generated parts are current, its names exist, its Makefile targets are there."""

import re
import tomllib

from crm_sync.settings import REPO, Settings
from crm_sync_tests.conftest import Base
from crm_sync_tests.documentation import README, avec, commandes

TEXTE = README.read_text(encoding="utf-8")


def test_settings_and_commands_are_as_the_code_says() -> None:
    assert avec(TEXTE) == TEXTE, "run: .venv/bin/python -m crm_sync_tests.documentation"


def test_every_make_target_of_the_readme_exists() -> None:
    cibles = set(re.findall(r"^([a-z]+):", (REPO / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    nommees = set(re.findall(r"`make ([a-z]+)`", TEXTE))
    assert nommees
    assert nommees <= cibles


def test_every_command_of_the_readme_exists() -> None:
    connues = {nom.removeprefix("crm-sync ") for nom in re.findall(r"^\| `([^`]+)` \|", commandes(), re.MULTILINE)}
    premiers = {" ".join(mot for mot in nom.split() if not mot.isupper() and mot[0] != "[") for nom in connues}
    nommees = set(
        re.findall(
            r"crm-sync ([a-z]+(?: (?:upgrade|map|grants|serve|spec|check|restore|approve|same|different))?)", TEXTE
        )
    )
    assert len(nommees) > 15
    assert nommees <= premiers


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    liens = re.findall(r"\]\(([^)#:]+)\)", TEXTE)
    assert liens
    assert [lien for lien in liens if not (REPO / lien).is_file()] == []


def test_every_table_of_the_readme_exists(base: Base) -> None:
    relations = {
        ligne[0]
        for ligne in base.lire(
            "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname like 'service%%' or n.nspname = 'crm_sync'"
        )
    }
    partie = TEXTE.split("### Ce que contient chaque table")[1].split("###")[0]
    noms: set[str] = set()
    for ligne in partie.splitlines():
        cellules = [cellule.strip() for cellule in ligne.split("|")]
        citees = re.findall(r"`([a-z_.]+)`", cellules[1]) if len(cellules) > 2 else []
        schema = citees[0].split(".")[0] if citees else ""
        noms |= {nom if "." in nom else f"{schema}.{nom}" for nom in citees}
    assert len(noms) > 15
    assert noms <= relations


def test_every_setting_stands_in_the_example_file() -> None:
    exemple = (REPO / ".env.example").read_text(encoding="utf-8")
    assert {nom.upper() for nom in Settings.model_fields} <= set(re.findall(r"[A-Z_]{6,}", exemple))


def test_locks_hold_hashes_and_no_address() -> None:
    declarees = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for nom in ("requirements.lock", "requirements-test.lock"):
        texte = (REPO / nom).read_text(encoding="utf-8")
        assert "--hash=sha256:" in texte
        assert "://" not in texte
        verrouillees = set(re.findall(r"^([a-z0-9_.-]+)(?:\[[a-z,]+\])?==", texte, re.MULTILINE))
        assert {re.split(r"[\[><=]", d)[0].lower() for d in declarees} <= verrouillees

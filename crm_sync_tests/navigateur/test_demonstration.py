"""The real demo in a real browser: `crm-sync serve --demo` over the reference data, each role at its own pages.

What the page shows is compared with what the API gives that role; that the API gives the right rows is tested there.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from crm_sync.embedded import serveur_embarque
from crm_sync.settings import REPO
from crm_sync_tests.conftest import dossier_court
from crm_sync_tests.navigateur.donnees import HOSTILE

pytestmark = [pytest.mark.navigateur, pytest.mark.timeout(240), pytest.mark.xdist_group("demonstration")]
PROGRAMME = "from crm_sync.cli import main; main()"
ROLES = ("commercial", "manager", "admin")
PAGES = {
    "": "Contrats par commercial",
    "client.html": "Identité",
    "commercial.html": "Référence",
    "contrat.html": "Offre",
}
ARRET_S = 15


@dataclass(frozen=True)
class Demo:
    """The running demo."""

    url: str
    home: Path

    def lire(self, chemin: str, role: str | None = None) -> Any:
        """Ask the API, as one of the three where a role is named."""
        entetes = {}
        if role:
            entetes = {"Authorization": f"Bearer {self.lire('/demo/jetons')[role]['token']}"}
        with httpx.Client(trust_env=False, timeout=30) as client:
            return client.get(self.url + chemin, headers=entetes).raise_for_status().json()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    a_nous = ("CRM_", "EXTERNAL_API_", "DAGSTER_")
    variables = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith(a_nous)}
    commande = [sys.executable, "-c", PROGRAMME, "serve", "--demo", "--port", "0", "--json"]
    with tempfile.TemporaryDirectory(prefix="cs", dir=dossier_court()) as dossier:
        home = Path(dossier) / "h"
        environnement = variables | {"CRM_SYNC_HOME": str(home), "PYTHONPATH": str(REPO)}
        with subprocess.Popen(commande, env=environnement, cwd=dossier, stdout=subprocess.PIPE, text=True) as processus:
            try:
                assert processus.stdout is not None
                yield Demo(json.loads(_annonce(processus.stdout))["url"], home)
            finally:
                processus.terminate()
                processus.wait(ARRET_S)


def _annonce(sortie: IO[str]) -> str:
    """Read the one JSON document that it prints once it takes calls."""
    lignes = []
    for ligne in sortie:
        lignes.append(ligne)
        if ligne.rstrip() == "}":
            break
    return "".join(lignes)


@pytest.fixture
def entrer(chromium: Browser, demo: Demo) -> Iterator[Callable[..., Page]]:
    """Log in as a role, on a page of the demo; nothing may be logged there."""
    contexte = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    contexte.set_default_timeout(15_000)
    journal: list[str] = []

    def entrer(role: str, chemin: str = "") -> Page:
        page = contexte.new_page()
        page.on("console", lambda m: journal.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda erreur: journal.append(str(erreur)))
        page.goto(f"{demo.url}/demo/{chemin}")
        page.get_by_label("Connecté comme").select_option(role)
        return page

    yield entrer
    contexte.close()
    assert [texte for texte in journal if not texte.startswith("Failed to load resource")] == []


def _nombres(page: Page) -> list[int]:
    """Give the column *Contrats* of the home page."""
    nombres = page.locator("crm-contrats-par-commercial table.kpi tbody td.principal")
    return [int("".join(c for c in texte.split(" ")[0] if c.isdigit())) for texte in nombres.all_inner_texts()]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_numbers(role: str, demo: Demo, entrer: Callable[..., Page]) -> None:
    attendu = demo.lire("/kpi/contrats-par-commercial", role)
    page = entrer(role)
    expect(page.locator("crm-contrats-par-commercial table.kpi tbody tr")).to_have_count(len(attendu["lignes"]))
    assert _nombres(page) == [ligne["nb_contrats"] for ligne in attendu["lignes"]]
    expect(page.locator(".chiffres dd").first).to_have_text(f"{attendu['total']['nb_contrats']}")
    non_attribue = page.get_by_role("row").filter(has_text="Non attribué")
    expect(non_attribue).to_have_count(1 if role == "admin" else 0)


def test_the_list_behind_a_number_has_that_many_contracts(demo: Demo, entrer: Callable[..., Page]) -> None:
    ligne = demo.lire("/kpi/contrats-par-commercial", "manager")["lignes"][-1]
    page = entrer("manager")
    rangee = page.locator("crm-contrats-par-commercial table.kpi tbody tr").last
    expect(rangee).to_contain_text(ligne["nom"])
    rangee.locator("td.principal button").click()
    expect(page.get_by_role("dialog").locator("crm-contrats tbody tr")).to_have_count(min(50, ligne["nb_contrats"]))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("chemin", PAGES)
def test_each_page_is_accessible_to_each_role(
    chemin: str, role: str, entrer: Callable[..., Page], verifier: Callable[[Page, str], None]
) -> None:
    page = entrer(role, chemin)
    expect(page.get_by_text(PAGES[chemin]).first).to_be_visible()
    expect(page.get_by_text("Chargement…")).to_have_count(0)
    verifier(page, f"reel-{chemin.removesuffix('.html') or 'accueil'}-{role}")


def test_digits_of_an_account_are_for_managers_and_admins(demo: Demo, entrer: Callable[..., Page]) -> None:
    client = demo.lire("/demo/exemples")["client_id"]
    fin = demo.lire(f"/clients/{client}", "admin")["paiements"][0]["fin"]
    expect(entrer("manager", "client.html").get_by_text(f"•••• {fin}")).to_be_visible()
    page = entrer("commercial", "client.html")
    expect(page.get_by_text("Compte enregistré").first).to_be_visible()
    expect(page.get_by_text("••••")).to_have_count(0)


def test_a_sales_rep_has_no_button(entrer: Callable[..., Page]) -> None:
    bouton = entrer("commercial").get_by_role("button", name="Synchroniser maintenant")
    expect(bouton).to_have_attribute("aria-disabled", "true")
    expect(bouton).to_have_accessible_description(
        "Seuls les managers et les administrateurs peuvent lancer une synchronisation."
    )


def test_the_button_runs_a_sync_and_the_numbers_change(demo: Demo, entrer: Callable[..., Page]) -> None:
    page = entrer("admin")
    total = page.locator("crm-contrats-par-commercial .chiffres dd").first
    expect(total).to_be_visible()
    avant = total.inner_text()
    for _ in range(3):  # a move of the source may leave the number of contracts as it was
        bouton = page.get_by_role("button", name="Synchroniser maintenant")
        bouton.click()
        expect(page.get_by_role("button", name=re.compile("Demande en attente|Demander la suivante"))).to_be_visible()
        expect(bouton).to_be_visible(timeout=60_000)  # its steps may be over between two looks
        expect(page.get_by_text("réussie", exact=True)).to_be_visible()
        expect(page.locator("crm-synchroniser")).to_contain_text("demandée par Hélène Lefèvre")
        apres = demo.lire("/kpi/contrats-par-commercial", "admin")["total"]["nb_contrats"]
        expect(total).to_have_text(str(apres))
        if total.inner_text() != avant:
            break
    assert total.inner_text() != avant


def test_a_hostile_name_in_the_crm_stays_text(demo: Demo, entrer: Callable[..., Page]) -> None:
    client = demo.lire("/demo/exemples")["client_id"]
    with serveur_embarque(demo.home) as postgres, psycopg.connect(postgres.url("crm")) as connexion:
        connexion.execute("update service_core.client_base set nom = %s where id = %s", (HOSTILE, client))
    page = entrer("admin", "client.html")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert page.title() == "Détail client · CRM de démonstration"
    assert page.locator("crm-vue-360 img").count() == 0

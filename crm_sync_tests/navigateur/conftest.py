"""One Chromium for the session, a new context per test; a page that logs an error or breaks the policy fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from crm_sync_tests.navigateur import donnees
from crm_sync_tests.navigateur.fausse_api import FausseApi

LARGE, ETROIT = 1280, 390
CAPTURES = os.environ.get("CRM_SYNC_CAPTURES")
"""A folder: each state that axe looks at is then also kept there as a picture."""
ATTENDU = ("Failed to load resource",)
"""What Chromium logs by itself of an answer that a test makes an error."""
EN_CLAIR = """() => [...document.querySelectorAll("*")]
  .flatMap((hote) => [...(hote.shadowRoot?.querySelectorAll(".corps") ?? [])])
  .every((corps) => getComputedStyle(corps).opacity === "1")"""
"""What was there is dimmed while an element asks for something else, and a pale text has no contrast: until it is clear again."""
REGLES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "Chromium est nécessaire : apt-get install chromium"
    with sync_playwright() as playwright:
        navigateur = playwright.chromium.launch(executable_path=executable)
        yield navigateur
        navigateur.close()


@pytest.fixture
def api() -> Iterator[FausseApi]:
    fausse = FausseApi()
    yield fausse
    fausse.fermer()


@pytest.fixture
def ouvrir(chromium: Browser, api: FausseApi) -> Iterator[Callable[..., Page]]:
    """Open a page with these elements in it, at a quarter past two in Paris; at the end nothing may have been logged."""
    contextes: list[BrowserContext] = []
    journal: list[str] = []

    def ouvrir(corps: str, largeur: int = LARGE, theme: str = "light", chemin: str = "/essai", **options: Any) -> Page:
        contexte = chromium.new_context(
            viewport={"width": largeur, "height": 900},
            color_scheme=theme,
            locale="fr-FR",
            timezone_id="America/New_York",  # not the zone that must be shown
            reduced_motion="reduce",
            **options,
        )
        contextes.append(contexte)
        contexte.set_default_timeout(8000)
        page = contexte.new_page()
        page.clock.install(time=donnees.MAINTENANT)
        page.on("console", lambda m: journal.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda erreur: journal.append(str(erreur)))
        api.corps = corps
        page.goto(api.base + chemin)
        return page

    yield ouvrir
    for contexte in contextes:
        contexte.close()
    assert [texte for texte in journal if not texte.startswith(ATTENDU)] == []


@pytest.fixture
def verifier(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Have axe look at a page, and see that it does not scroll sideways; keep a picture where a folder is named."""

    def verifier(page: Page, nom: str) -> None:
        page.wait_for_function(EN_CLAIR)
        if CAPTURES:
            page.screenshot(path=Path(CAPTURES) / f"{nom}.png", full_page=True)
        deborde = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert deborde == 0, f"{nom} : la page déborde de {deborde} px"
        trouvees = Axe().run(page, options=REGLES).response["violations"]
        dites = [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in trouvees for n in v["nodes"]]
        assert dites == [], "\n".join(dites)

    return verifier

"""Each state, wide and narrow, light and dark: no violation that axe knows (WCAG 2.2 AA), and no page that scrolls sideways."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm_sync_tests.navigateur.conftest import ETROIT, LARGE
from crm_sync_tests.navigateur.etats import ETATS
from crm_sync_tests.navigateur.fausse_api import FausseApi

pytestmark = pytest.mark.navigateur
DEMO = ("index", "client", "commercial", "contrat")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [LARGE, ETROIT])
@pytest.mark.parametrize("nom", ETATS)
def test_each_state_is_accessible(
    nom: str,
    largeur: int,
    theme: str,
    api: FausseApi,
    ouvrir: Callable[..., Page],
    verifier: Callable[[Page, str], None],
) -> None:
    etat = ETATS[nom]
    etat.preparer(api)
    page = ouvrir(etat.corps, largeur, theme)
    etat.agir(page)
    expect(page.get_by_text(etat.signe).first).to_be_attached()
    verifier(page, f"{nom}-{largeur}-{theme}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [LARGE, ETROIT])
@pytest.mark.parametrize("nom", DEMO)
def test_each_page_of_the_demo_is_accessible(
    nom: str, largeur: int, theme: str, ouvrir: Callable[..., Page], verifier: Callable[[Page, str], None]
) -> None:
    page = ouvrir("", largeur, theme, f"/demo/{nom}.html")
    signes = {"index": "données de 14:03", "client": "Mireille", "commercial": "5 contrats", "contrat": "8177181WNC"}
    expect(page.get_by_text(signes[nom]).first).to_be_visible()
    verifier(page, f"demo-{nom}-{largeur}-{theme}")

"""The numbers on the page are those of the database, for each role, after each of twenty random syncs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from crm_sync_tests.api.service import jeton, service
from crm_sync_tests.api.vie import ROLES, lignes_en_sql, vingt_synchros
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import une_base

pytestmark = [pytest.mark.navigateur, pytest.mark.timeout(240)]
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title>
<script type="module" src="/elements/crm-sync.js"></script></head>
<body><main><h1>Essai</h1><crm-contrats-par-commercial token="{jeton}"></crm-contrats-par-commercial></main></body></html>"""
LECTURES = (
    ("Portefeuille", "Contrats", "nb_contrats", "montant_total"),
    ("Vendu par", "Vendus", "nb_vendus", "montant_vendu"),
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    contexte = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
    contexte.set_default_timeout(15_000)
    yield contexte.new_page()
    contexte.close()


def _nombre(texte: str) -> Decimal:
    """Read a number as a French page writes it."""
    return Decimal("".join(c for c in texte.splitlines()[0] if c.isdigit() or c == ",").replace(",", "."))


def _comparer(page: Page, lignes: list[dict[str, Any]]) -> None:
    """Compare each sales rep's number, and the total's number and amount, in both readings."""
    if not lignes:
        expect(page.get_by_text("Aucun commercial à montrer.")).to_be_visible()
        return
    for lecture, colonne, nombre, montant in LECTURES:
        page.get_by_role("radio", name=lecture).check()
        expect(page.get_by_role("columnheader", name=colonne, exact=True)).to_be_visible()
        nombres = page.locator("tbody td.principal")
        expect(nombres).to_have_count(len(lignes))
        montres = [int(_nombre(texte.split(" ")[0])) for texte in nombres.all_inner_texts()]
        assert sorted(montres) == sorted(int(ligne[nombre]) for ligne in lignes)
        total, somme = (_nombre(texte) for texte in page.locator(".chiffres dd").all_inner_texts()[:2])
        assert total == sum(montres)
        assert somme == sum((Decimal(str(ligne[montant])) for ligne in lignes), Decimal(0))
        if total:  # the months, in a table that is not open
            mois = page.locator("table.par-mois tfoot td").all_text_contents()
            assert [_nombre(mois[0]), _nombre(mois[-1])] == [total, somme]


def _ouvrir(page: Page, base_url: str, utilisateur_id: str) -> None:
    def repondre(route: Route) -> None:
        route.fulfill(body=PAGE.format(jeton=jeton(utilisateur_id)), content_type="text/html")

    page.unroute_all()
    page.route("**/essai", repondre)
    page.goto(f"{base_url}/essai")


def test_each_role_reads_on_the_page_what_sql_says_after_each_of_twenty_syncs(base: Base, page: Page) -> None:
    vus = set()
    with service(une_base(base.url)) as api:
        for utilisateurs in vingt_synchros(base):
            for role in ROLES:
                qui = next((u for u, son_role in utilisateurs.items() if son_role == role), None)
                if qui is not None:
                    attendues = lignes_en_sql(base, qui)
                    vus |= {role} if attendues else set()
                    _ouvrir(page, str(api.client.base_url), qui)
                    _comparer(page, attendues)
    assert vus == set(ROLES)

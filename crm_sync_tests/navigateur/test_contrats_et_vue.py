"""The sales rep page and the client page: paging, links, what a viewer may not know, what the source no longer has."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm_sync_tests.navigateur import donnees
from crm_sync_tests.navigateur.etats import CONTRATS, VUE, cinq_cents
from crm_sync_tests.navigateur.fausse_api import FausseApi

pytestmark = pytest.mark.navigateur
Ouvrir = Callable[..., Page]


def test_pages_follow_the_cursor_and_the_focus_goes_to_what_is_new(api: FausseApi, ouvrir: Ouvrir) -> None:
    pages = {None: donnees.page(50, "apres-50"), "apres-50": donnees.page(7, None, depart=50)}
    api.poser("commerciaux/c1/contrats", lambda p: (200, pages[p.get("curseur", [None])[0]]))
    page = ouvrir(CONTRATS)
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("button", name="Afficher la suite").click()
    expect(page.locator("tbody tr")).to_have_count(57)
    expect(page.locator("tbody th").nth(50)).to_be_focused()
    expect(page.get_by_role("button", name="Afficher la suite")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("57 contrats affichés")


def test_a_page_that_fails_leaves_what_is_there_and_can_be_asked_again(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser(
        "commerciaux/c1/contrats",
        lambda p: (503, {"detail": "En maintenance."}) if "curseur" in p else (200, donnees.page(50, "abc")),
    )
    page = ouvrir(CONTRATS)
    page.get_by_role("button", name="Afficher la suite").click()
    expect(page.get_by_text("En maintenance. Ce qui est affiché date de la lecture précédente.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.get_by_role("button", name="Afficher la suite")).to_be_visible()


def test_the_reading_of_the_list_is_asked_for(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(CONTRATS)
    expect(page.get_by_role("columnheader", name="Vendu par")).to_be_visible()
    with page.expect_request("**/commerciaux/c1/contrats?lecture=vendu&limite=50"):
        page.get_by_label("Vendu par").check()
    expect(page.get_by_role("columnheader", name="Portefeuille")).to_be_visible()


def test_attributes_set_the_filters_and_their_controls(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(CONTRATS)
    expect(page.get_by_label("Portefeuille")).to_be_checked()
    with page.expect_request("**/commerciaux/c1/contrats?lecture=vendu&statut=valide&statut=signe&limite=50"):
        page.evaluate(
            "() => { const e = document.querySelector('crm-contrats');"
            " e.setAttribute('lecture', 'vendu'); e.setAttribute('statut', 'valide signe'); }"
        )
    expect(page.get_by_label("Vendu par")).to_be_checked()
    expect(page.get_by_label("Signés")).to_be_checked()


def test_the_source_s_words_stand_beside_a_status_where_they_say_more(api: FausseApi, ouvrir: Ouvrir) -> None:
    mots = {"signe": "Signée", "valide": "VALIDÉS", "en_attente": "En attente de signature", "annule": "Contrat annulé"}
    lignes = [donnees.contrat(rang, statut, statut_source=mot) for rang, (statut, mot) in enumerate(mots.items())]
    api.poser("commerciaux/c1/contrats", donnees.page(0) | {"lignes": lignes})
    page = ouvrir(CONTRATS)
    expect(page.locator("tbody tr")).to_have_count(4)
    assert [texte.split("« ")[1:] for texte in page.locator("tbody td:nth-child(4)").all_text_contents()] == [
        [],
        [],
        ["En attente de signature »"],
        ["Contrat annulé »"],
    ]


def test_a_list_says_when_it_was_synchronised_also_where_it_is_empty(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser("commerciaux/c2/contrats", donnees.page(0))
    page = ouvrir(CONTRATS)
    expect(page.get_by_text("5 contrats · synchronisé à 14:03")).to_be_visible()
    page.evaluate("document.querySelector('crm-contrats').setAttribute('commercial-id', 'c2')")
    expect(page.get_by_text("synchronisé à 14:03", exact=True)).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("0 contrat affiché")


def test_another_sales_rep_is_another_list(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser("commerciaux/c2/contrats", donnees.page(1, depart=90))
    page = ouvrir(CONTRATS)
    expect(page.locator("tbody tr")).to_have_count(5)
    page.evaluate("document.querySelector('crm-contrats').setAttribute('commercial-id', 'c2')")
    expect(page.locator("tbody th")).to_have_text(["8177270WNC"])


def test_the_client_page_says_everything_it_was_given(ouvrir: Ouvrir) -> None:
    page = ouvrir(VUE)
    vue = page.locator("crm-vue-360")
    for texte in (
        "Mireille Aubertin",
        "06 12 34 56 78",
        "•••• 0189",
        "valable jusqu’au 01/03/2026",
        "expirée",
        "disparu de la source le 20/11/2026",
        "31/01/2026",
        "Multi-écran",
        "05/10/2026",
        "En attente",
        "changé à la source",
        "même téléphone, noms différents",
        "synchronisé à 14:03",
    ):
        expect(vue.get_by_text(texte).first).to_be_visible()
    expect(vue.get_by_role("link", name="Mireille Aubertain")).to_have_attribute("href", f"{_base(page)}/clients/p2")
    expect(vue.get_by_role("row").filter(has_text="8177183WNC")).to_contain_text("Résilié")


def test_a_day_is_the_day_in_paris(ouvrir: Ouvrir) -> None:
    page = ouvrir(VUE)  # signed on 3 March at 23:00 UTC
    expect(page.get_by_role("row").filter(has_text="8177182WNC")).to_contain_text("04/03/2026")


def test_a_sales_rep_learns_that_there_is_an_account_and_no_digit_of_it(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser("clients/p1", donnees.client(paiements=[{"fin": None, "bic": None, "disparu_le": None}]))
    page = ouvrir(VUE)
    expect(page.get_by_text("Compte enregistré")).to_be_visible()
    expect(page.get_by_text("••••")).to_have_count(0)


def test_only_web_addresses_become_links(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(VUE)
    expect(page.get_by_role("link", name="Document du contrat 8177181WNC (nouvel onglet)")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    expect(page.get_by_text("Preuve\xa0: 3.json")).to_have_attribute("title", "/preuves/3.json")
    expect(page.get_by_role("link", name="Preuve")).to_have_count(0)


def test_a_template_that_is_no_web_address_gives_no_link(ouvrir: Ouvrir) -> None:
    page = ouvrir('<crm-vue-360 token="bon" client-id="p1" lien-client="javascript:alert({id})"></crm-vue-360>')
    expect(page.get_by_text("Mireille Aubertain")).to_be_visible()
    expect(page.locator("crm-vue-360 a[href^='javascript']")).to_have_count(0)
    expect(page.get_by_role("link", name="Mireille Aubertain")).to_have_count(0)


def test_contracts_of_a_client_sort_by_date_from_the_latest(ouvrir: Ouvrir) -> None:
    page = ouvrir(VUE)
    references = page.locator("crm-vue-360 .contrats tbody th a")
    expect(references).to_have_text(["8177183WNC", "8177182WNC", "8177181WNC"])
    page.get_by_role("button", name="Signé le").click()
    expect(references).to_have_text(["8177181WNC", "8177182WNC", "8177183WNC"])


def _base(page: Page) -> str:
    return page.url.removesuffix("/essai")


def test_a_client_with_hundreds_of_contracts_can_be_read_to_the_end(api: FausseApi, ouvrir: Ouvrir) -> None:
    cinq_cents(api)
    page = ouvrir(VUE)
    contrats = page.get_by_role("table", name="Contrats du client").locator("tbody tr")
    expect(contrats).to_have_count(20)
    expect(page.get_by_text("192 souscriptions de plus")).to_be_visible()
    expect(page.get_by_text("192 versements de plus")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < 5000
    page.get_by_role("button", name="Afficher les 500 contrats").focus()
    page.keyboard.press("Enter")
    expect(contrats).to_have_count(500)
    expect(page.get_by_role("table", name="Contrats du client").locator("tbody th").nth(20)).to_be_focused()


def test_the_demo_s_contract_page_says_the_source_s_words_and_that_it_is_gone_there(ouvrir: Ouvrir) -> None:
    page = ouvrir("", chemin="/demo/contrat.html")
    dites = page.locator("#contrat dl > div")
    for dit in (
        "StatutAutre · « Dossier en relecture » dans la source",
        "Disparu de la source20/11/2026",
        "Synchroniséà 14:03",
    ):
        expect(dites.filter(has_text=dit)).to_have_count(1)

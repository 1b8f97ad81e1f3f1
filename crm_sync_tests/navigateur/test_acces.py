"""Who looks: tokens, renewal, another viewer, what a failing API leaves on the page; and texts that would like to be code."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm_sync_tests.navigateur import donnees
from crm_sync_tests.navigateur.etats import KPI, VUE, hostile_client
from crm_sync_tests.navigateur.fausse_api import FausseApi

pytestmark = pytest.mark.navigateur
Ouvrir = Callable[..., Page]
CHEMIN = "kpi/contrats-par-commercial"
SANS_JETON = "<crm-contrats-par-commercial></crm-contrats-par-commercial>"
ELEMENT = "document.querySelector('crm-contrats-par-commercial')"


def _jetons(api: FausseApi) -> list[str | None]:
    return [jeton for _, chemin, _, jeton in api.requetes if chemin == f"/{CHEMIN}"]


def test_without_a_token_nothing_is_asked(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(SANS_JETON)
    expect(page.get_by_text("Connexion nécessaire").first).to_be_visible()
    assert _jetons(api) == []


def test_a_function_gives_the_token_and_is_called_again_after_a_401(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(SANS_JETON)
    page.evaluate(f"{ELEMENT}.fournirJeton = async (nouveau) => nouveau ? 'bon' : 'vieux'")
    expect(page.get_by_text("données de 14:03")).to_be_visible()
    assert _jetons(api) == ["vieux", "bon"]


def test_a_renewed_token_replaces_the_property_and_is_used_from_then_on(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(SANS_JETON)
    page.evaluate(f"Object.assign({ELEMENT}, {{token: 'vieux', fournirJeton: () => 'bon'}})")
    expect(page.get_by_text("données de 14:03")).to_be_visible()
    page.get_by_label("Vendu par").check()
    expect(page.get_by_role("columnheader", name="Vendus")).to_be_visible()
    assert _jetons(api) == ["vieux", "bon", "bon"]


def test_a_token_that_stays_refused_is_an_expired_session(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(SANS_JETON)
    page.evaluate(f"{ELEMENT}.fournirJeton = () => 'vieux'")
    expect(page.get_by_text("Votre session a expiré.").first).to_be_visible()
    assert _jetons(api) == ["vieux", "vieux"]


def test_another_viewer_sees_nothing_of_the_one_before(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    expect(page.get_by_role("row").filter(has_text="Karim")).to_be_visible()
    retenue = api.retenir(CHEMIN)
    api.jetons.add("autre")
    api.poser(CHEMIN, donnees.kpi(donnees.EQUIPE[:1]))
    page.evaluate(f"{ELEMENT}.token = 'autre'")
    expect(page.get_by_text("Karim Haddad")).to_have_count(0)
    expect(page.get_by_text("données de")).to_have_count(0)
    retenue.set()
    expect(page.get_by_role("row").filter(has_text="Jeanne")).to_be_visible()
    expect(page.get_by_text("Karim Haddad")).to_have_count(0)


def test_an_error_is_tried_again_with_a_button(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.refuser(CHEMIN, 503, "Le service est en maintenance.")
    page = ouvrir(KPI)
    page.get_by_role("button", name="Réessayer").focus()
    api.poser(CHEMIN, donnees.kpi())
    page.keyboard.press("Enter")
    expect(page.get_by_text("données de 14:03")).to_be_visible()
    expect(page.get_by_text("en maintenance")).to_have_count(0)


def test_numbers_stay_with_a_reason_where_only_the_next_reading_failed(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    expect(page.get_by_role("row").filter(has_text="Karim")).to_be_visible()
    api.poser(CHEMIN, "<html>Bad gateway</html>", 502)
    page.get_by_label("Validés").check()
    expect(page.get_by_text("Ce qui est affiché date de la lecture précédente.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Karim")).to_be_visible()


def test_a_right_that_was_taken_away_takes_the_numbers_away(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    expect(page.get_by_role("row").filter(has_text="Karim")).to_be_visible()
    api.refuser(CHEMIN, 403)
    page.get_by_label("Validés").check()
    expect(page.get_by_text("Vous n’avez pas accès à ces données.").first).to_be_visible()
    expect(page.get_by_text("Karim")).to_have_count(0)


def test_an_answer_that_is_no_json_is_an_error_that_can_be_read(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser(CHEMIN, "<html>")
    page = ouvrir(KPI)
    expect(page.get_by_text("Le service a donné une réponse illisible.").first).to_be_visible()


def test_properties_set_before_the_module_is_there_count(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir("<p>vide</p>")
    page.evaluate(
        "() => { const e = document.createElement('crm-vue-360'); e.setAttribute('client-id', 'p1');"
        " Object.assign(e, {token: 'bon'}); document.querySelector('main').append(e); }"
    )
    expect(page.get_by_text("Mireille Aubertin", exact=True)).to_be_visible()


def test_markup_in_names_stays_text(api: FausseApi, ouvrir: Ouvrir) -> None:
    hostile_client(api)
    page = ouvrir(VUE)
    expect(page.get_by_text(donnees.HOSTILE).first).to_be_visible()
    assert page.title() == "Essai"
    assert page.locator("crm-vue-360 img, crm-vue-360 script, crm-vue-360 iframe").count() == 0
    adresses = page.locator("crm-vue-360 a").evaluate_all("liens => liens.map((lien) => lien.protocol)")
    assert set(adresses) == {"http:"}


def test_the_host_gives_colours_and_styles_parts(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.evaluate(f"{ELEMENT}.style.setProperty('--crm-accent', 'rgb(1, 2, 3)')")
    couleur = "e => getComputedStyle(e).color"
    expect(page.locator(".chiffre").first).to_be_visible()
    assert page.locator(".chiffre").first.evaluate(couleur) == "rgb(1, 2, 3)"
    page.evaluate(
        "document.styleSheets[0].insertRule('crm-contrats-par-commercial::part(titre) { color: rgb(9, 9, 9) }')"
    )
    assert page.get_by_role("heading", name="Contrats par commercial").evaluate(couleur) == "rgb(9, 9, 9)"


def test_the_host_s_own_theme_wins_over_the_system_s(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI, theme="light")
    fond = "e => getComputedStyle(e).backgroundColor"
    cadre = page.locator("crm-contrats-par-commercial .cadre")
    clair = cadre.evaluate(fond)
    page.evaluate("document.documentElement.style.colorScheme = 'dark'")
    sombre = cadre.evaluate(fond)
    assert clair != sombre
    page.evaluate(f"{ELEMENT}.setAttribute('theme', 'clair')")
    assert cadre.evaluate(fond) == clair


def test_the_host_may_route_links_by_itself(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.evaluate("document.addEventListener('crm-lien', (e) => { e.preventDefault(); window.vers = e.detail; })")
    page.get_by_role("link", name="Karim Haddad").click()
    assert page.evaluate("window.vers") == {"genre": "commercial", "id": "c2", "href": f"{_base(page)}/commerciaux/c2"}
    assert page.url.endswith("/essai")


def _base(page: Page) -> str:
    return page.url.removesuffix("/essai")

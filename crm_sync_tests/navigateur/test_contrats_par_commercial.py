"""The home page's element as people use it: both readings, filters, sorting, the contracts behind a number."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm_sync_tests.navigateur import donnees
from crm_sync_tests.navigateur.etats import KPI
from crm_sync_tests.navigateur.fausse_api import FausseApi

pytestmark = pytest.mark.navigateur
CHEMIN = "/kpi/contrats-par-commercial"
Ouvrir = Callable[..., Page]


def _noms(page: Page) -> list[str]:
    noms = page.locator("crm-contrats-par-commercial table.kpi tbody th")
    expect(noms.first).to_be_visible()
    return noms.all_inner_texts()


def _demandes(api: FausseApi, chemin: str = CHEMIN) -> list[dict[str, list[str]]]:
    return [parametres for _, demande, parametres, _ in api.requetes if demande == chemin]


def test_the_numbers_are_those_of_the_answer_and_the_total_is_its_total(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    jeanne = page.get_by_role("row").filter(has_text="Jeanne Lefèvre")
    expect(jeanne.get_by_role("cell").nth(1)).to_contain_text("71")
    expect(jeanne).to_contain_text("2\u202f122,90\xa0€")
    expect(page.locator("table.kpi tfoot")).to_contain_text("189")
    expect(page.get_by_text("données de 14:03")).to_be_visible()


def test_columns_sort_with_the_keyboard_and_the_focus_stays(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    expect(page.get_by_role("columnheader", name="Contrats")).to_have_attribute("aria-sort", "descending")
    titre = page.get_by_role("button", name="Commercial", exact=True)
    titre.focus()
    page.keyboard.press("Enter")
    assert _noms(page)[:3] == ["Ana de Oliveira", "Bruno Zimmer", "Éloïse Maréchal"]
    expect(titre).to_be_focused()
    expect(page.get_by_role("columnheader", name="Commercial")).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Space")
    assert _noms(page)[0] == "Non attribué"


def test_amounts_sort_as_numbers(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.get_by_role("button", name="Montant", exact=True).click()
    assert _noms(page)[0] == "Jeanne Lefèvre"
    page.get_by_role("button", name="Montant", exact=True).click()
    assert _noms(page)[:2] == ["Bruno Zimmer", "Non attribué"]


def test_a_narrow_page_sorts_too(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI, 390)
    page.get_by_label("Trier : Contrats par commercial").focus()
    page.get_by_label("Trier : Contrats par commercial").select_option("Commercial")
    assert _noms(page)[0] == "Ana de Oliveira"
    expect(page.get_by_label("Trier : Contrats par commercial")).to_be_focused()


def test_the_other_reading_is_asked_for_and_shown(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.get_by_role("radio", name="Portefeuille").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("columnheader", name="Vendus")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Jeanne").get_by_role("cell").nth(1)).to_contain_text("61")
    assert _demandes(api)[-1] == {"lecture": ["vendu"]}


def test_statuses_and_period_are_asked_of_the_api(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.get_by_label("Validés").check()
    page.get_by_label("Signés").check()
    page.get_by_label("Période de signature").select_option("Ce mois-ci")
    expect(page.get_by_role("columnheader", name="Annulés")).to_have_count(0)
    expect(page.locator("crm-contrats-par-commercial .cadre")).to_have_attribute("aria-busy", "false")
    assert _demandes(api)[-1] == {
        "lecture": ["portefeuille"],
        "du": ["2026-11-01"],
        "au": ["2026-11-30"],
        "statut": ["valide", "signe"],
    }


@pytest.mark.parametrize(
    ("periode", "du", "au"),
    [
        ("Le mois dernier", "2026-10-01", "2026-10-31"),
        ("Ce trimestre", "2026-10-01", "2026-12-31"),
        ("Cette année", "2026-01-01", "2026-12-31"),
        ("L’année dernière", "2025-01-01", "2025-12-31"),
    ],
)
def test_periods_by_name_are_whole(periode: str, du: str, au: str, api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    with page.expect_request(f"**{CHEMIN}*du={du}*au={au}*"):
        page.get_by_label("Période de signature").select_option(periode)


def test_dates_the_wrong_way_round_ask_nothing(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.get_by_label("Période de signature").select_option("dates")
    page.get_by_label("Du", exact=True).fill("2026-11-30")
    expect(page.locator("crm-contrats-par-commercial .cadre")).to_have_attribute("aria-busy", "false")
    avant = len(_demandes(api))
    page.get_by_label("Au", exact=True).fill("2026-11-01")
    expect(page.get_by_text("La date de début est après la date de fin.")).to_be_visible()
    assert len(_demandes(api)) == avant


def test_a_number_opens_the_contracts_behind_it_and_escape_leads_back(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    nombre = page.get_by_role("button", name="41 validés de Jeanne Lefèvre")
    nombre.focus()
    page.keyboard.press("Enter")
    liste = page.get_by_role("dialog", name="Contrats de Jeanne Lefèvre")
    expect(liste.get_by_role("link", name="8177180WNC", exact=True)).to_be_visible()
    expect(liste).to_contain_text("41 contrats · portefeuille · validés")
    assert _demandes(api, "/commerciaux/c1/contrats") == [
        {"lecture": ["portefeuille"], "statut": ["valide"], "limite": ["50"]}
    ]
    page.keyboard.press("Escape")
    expect(liste).to_have_count(0)
    expect(nombre).to_be_focused()


def test_the_list_keeps_the_reading_and_the_period(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.get_by_label("Vendu par").check()
    page.get_by_label("Période de signature").select_option("Ce mois-ci")
    with page.expect_request("**/commerciaux/c1/contrats?lecture=vendu&du=2026-11-01&au=2026-11-30&*"):
        page.get_by_role("button", name="61 contrats vendus de Jeanne").click()
    expect(page.get_by_role("dialog")).to_contain_text("vendu par · du 01/11/2026 au 30/11/2026")


def test_many_sales_reps_are_shown_on_demand(api: FausseApi, ouvrir: Ouvrir) -> None:
    noms = [donnees.ligne(f"c{n}", "Prénom", f"Nom{n:02d}", (n, 0, 0, 0, 0, 0)) for n in range(40)]
    api.poser(CHEMIN[1:], donnees.kpi(noms))
    page = ouvrir(KPI)
    expect(page.locator("table.kpi tbody tr")).to_have_count(12)
    page.get_by_role("button", name="Afficher les 40 commerciaux").click()
    expect(page.locator("table.kpi tbody tr")).to_have_count(40)


def test_non_attribue_is_a_row_without_a_page(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    expect(page.get_by_role("row").filter(has_text="Non attribué").get_by_role("link")).to_have_count(0)
    lien = page.get_by_role("link", name="Karim Haddad")
    expect(lien).to_have_attribute("href", f"{page.url.removesuffix('/essai')}/commerciaux/c2")


MOIS = "/kpi/contrats-par-mois"


def _colonnes(page: Page) -> list[str]:
    colonnes = page.locator(".graphique .un-mois")
    expect(colonnes.first).to_be_visible()
    return [" ".join(texte.split()) for texte in colonnes.all_inner_texts()]


def test_the_months_are_columns_and_the_same_figures_are_a_table(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    colonnes = _colonnes(page)
    assert [texte.split(" ")[0] for texte in colonnes[:2]] == ["déc.", "janv."]
    assert len(colonnes) == 12
    assert colonnes[-1].endswith("nov.")
    expect(page.locator(".graphique")).to_have_attribute("aria-hidden", "true")
    page.get_by_text("Chiffres par mois").click()
    mois = page.get_by_role("table", name="Contrats par mois de signature")
    expect(mois.get_by_role("rowheader")).to_have_text(
        [
            *("novembre 2026", "octobre 2026", "septembre 2026", "juin 2026", "février 2026", "mars 2025"),
            *("Sans date de signature", "Total"),
        ]
    )
    expect(mois.locator("tfoot")).to_contain_text("189")
    nombres = [int(texte) for texte in mois.locator("tbody tr > td:nth-child(2)").all_inner_texts()]
    assert sum(nombres) == 189
    assert colonnes[-1].startswith(f"{nombres[0]} ")
    expect(
        page.get_by_text(f"Hors du graphique : {nombres[5]} contrats d’autres mois, {nombres[6]} contrats sans")
    ).to_be_visible()


def test_the_months_follow_the_reading_the_period_and_the_statuses(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.get_by_label("Vendu par").check()
    page.get_by_label("Validés").check()
    demande = "lecture=vendu&du=2026-10-01&au=2026-12-31&statut=valide"
    with page.expect_request(f"**{CHEMIN}?{demande}"), page.expect_request(f"**{MOIS}?{demande}"):
        page.get_by_label("Période de signature").select_option("Ce trimestre")
    expect(page.get_by_role("heading", name="Contrats vendus par mois de signature")).to_be_visible()
    expect(page.locator(".graphique .un-mois")).to_have_count(3)
    assert page.locator(".graphique rect").evaluate_all("r => r.every((un) => un.matches('.uni'))")


def test_the_months_stay_open_while_the_table_is_sorted(ouvrir: Ouvrir) -> None:
    page = ouvrir(KPI)
    page.get_by_text("Chiffres par mois").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("novembre 2026")).to_be_visible()
    page.get_by_role("button", name="Montant", exact=True).click()
    expect(page.get_by_text("novembre 2026")).to_be_visible()
    page.get_by_text("Chiffres par mois").click()
    page.get_by_role("button", name="Montant", exact=True).click()
    expect(page.get_by_text("novembre 2026")).not_to_be_visible()


def test_months_that_cannot_be_read_leave_the_rest(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.refuser(MOIS[1:], 500)
    page = ouvrir(KPI)
    expect(page.get_by_text("Les chiffres par mois n’ont pas pu être lus.")).to_be_visible()
    expect(page.locator("table.kpi tfoot")).to_contain_text("189")
    api.refuser(MOIS[1:], 403)
    page.get_by_label("Validés").check()
    expect(page.get_by_text("Vous n’avez pas accès à ces données.").first).to_be_visible()
    expect(page.get_by_text("Karim")).to_have_count(0)


def test_a_sales_rep_without_a_user_or_a_name_is_not_taken_for_the_reserved_one(api: FausseApi, ouvrir: Ouvrir) -> None:
    sans_nom = donnees.ligne("c1", None, None, (3, 0, 0, 0, 0, 0), utilisateur_id=None)
    cabinet = donnees.ligne("c2", None, "Cabinet Delorme", (2, 0, 0, 0, 0, 0), utilisateur_id=None)
    api.poser(CHEMIN[1:], donnees.kpi([sans_nom, cabinet, donnees.EQUIPE[4]]))
    page = ouvrir(KPI)
    assert _noms(page) == ["Non attribué", "Sans nom", "Cabinet Delorme"]
    expect(page.get_by_role("link", name="Cabinet Delorme")).to_have_attribute("href", re.compile("/commerciaux/c2$"))
    expect(page.get_by_role("link", name="Non attribué")).to_have_count(0)

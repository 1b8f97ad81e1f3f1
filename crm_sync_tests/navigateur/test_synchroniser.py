"""The button: who may press it, the steps in words while a sync runs, what is said at the end, and the numbers that change."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm_sync_tests.navigateur import donnees
from crm_sync_tests.navigateur.etats import BOUTON, KPI
from crm_sync_tests.navigateur.fausse_api import FausseApi, Parametres

pytestmark = pytest.mark.navigateur
Ouvrir = Callable[..., Page]


class Course:
    """A sync that goes on when the test says so."""

    def __init__(self, api: FausseApi) -> None:
        self.api = api
        self.etat = donnees.course("en_attente", id="s2", demande_par="Jeanne Lefèvre", votre_demande=donnees.ATTENTE)
        api.poser("synchronisations", {"id": "s2", "statut": "en_attente"}, 202, "POST")
        api.poser("synchronisations/s2", self.lire)

    def lire(self, _: Parametres) -> tuple[int, Any]:
        return 200, self.etat

    def passer(self, statut: str, etape: str | None = None, **autres: Any) -> None:
        self.etat = donnees.course(statut, etape, **{"id": "s2", "demande_par": "Jeanne Lefèvre", **autres})


def _posts(api: FausseApi) -> int:
    return sum(methode == "POST" for methode, *_ in api.requetes)


def test_the_steps_are_followed_and_the_numbers_change(api: FausseApi, ouvrir: Ouvrir) -> None:
    course = Course(api)
    page = ouvrir(BOUTON + KPI)
    etapes = page.get_by_role("list", name="Étapes").get_by_role("listitem")
    dit = page.locator("crm-synchroniser").get_by_role("status")
    page.get_by_role("button", name="Synchroniser maintenant").click()
    expect(page.get_by_text("demandée par Jeanne Lefèvre à 14:02 : en attente")).to_be_visible()
    expect(page.get_by_role("button", name="Demande en attente…")).to_have_attribute("aria-disabled", "true")
    for rang, etape in enumerate(("lecture", "rapprochement", "écriture", "indicateurs")):
        course.passer("en_cours", etape)
        expect(etapes.nth(rang)).to_have_attribute("aria-current", "step")
        expect(etapes.nth(rang)).to_have_text(f"{etape} : en cours")
        expect(dit).to_have_text(f"Étape {rang + 1} sur 4 : {etape}")
    api.poser("kpi/contrats-par-commercial", donnees.kpi(donnees.EQUIPE[:2]))
    api.poser("synchronisations/derniere", lambda _: (200, course.etat))
    course.passer("reussie")
    expect(etapes.last).to_have_text("terminé : fait")
    expect(page.locator("crm-synchroniser")).to_contain_text("4 clients créés, 2 clients modifiés, 6 contrats créés")
    expect(page.locator("table.kpi tfoot")).to_contain_text("130")
    assert _posts(api) == 1


def test_who_may_not_is_told_why_and_nothing_is_sent(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser("moi", donnees.moi("commercial"))
    page = ouvrir(BOUTON)
    bouton = page.get_by_role("button", name="Synchroniser maintenant")
    expect(bouton).to_have_accessible_description(
        "Seuls les managers et les administrateurs peuvent lancer une synchronisation."
    )
    bouton.focus()
    page.keyboard.press("Enter")
    bouton.click(force=True)
    assert _posts(api) == 0


def test_a_request_made_while_a_sync_runs_joins_the_next_one(api: FausseApi, ouvrir: Ouvrir) -> None:
    """The hourly sync `s1` runs; the viewer's `s2` waits for its end, then is followed in its turn."""
    courantes = {"s1": donnees.course("en_cours", "rapprochement", demande_par=None)}
    api.poser("synchronisations/derniere", lambda _: (200, courantes.get("s2") or courantes["s1"]))
    for cle in ("s1", "s2"):
        api.poser(f"synchronisations/{cle}", lambda _, cle=cle: (200, courantes[cle]))

    def deposer(_: Parametres) -> tuple[int, Any]:
        courantes["s1"] = {**courantes["s1"], "votre_demande": donnees.ATTENTE}
        return 202, {"id": "s2", "statut": "en_attente"}

    api.poser("synchronisations", deposer, methode="POST")
    page = ouvrir(BOUTON)
    bouton = page.get_by_role("button", name="Demander la suivante")
    expect(bouton).to_have_accessible_description(
        "Une synchronisation est en cours ; votre demande sera prise par la suivante."
    )
    expect(bouton).not_to_have_attribute("aria-disabled", "true")
    bouton.focus()
    page.keyboard.press("Enter")
    attente = page.get_by_role("button", name="Demande en attente…")
    prise = "Votre demande, faite à 14:05, sera prise par la synchronisation suivante."
    expect(attente).to_be_focused()
    expect(attente).to_have_attribute("aria-disabled", "true")
    expect(attente).to_have_accessible_description(prise)
    expect(page.get_by_role("status")).to_have_text(f"Demande enregistrée. {prise}")
    expect(page.get_by_text("Synchronisation automatique, commencée à 14:02.")).to_be_visible()
    page.keyboard.press("Enter")
    assert _posts(api) == 1
    courantes["s1"] = donnees.course(demande_par=None, votre_demande=donnees.ATTENTE)
    expect(page.get_by_text("automatique : réussie")).to_be_visible()
    expect(attente).to_have_accessible_description("Votre demande, faite à 14:05, va commencer.")
    courantes["s2"] = donnees.course("en_cours", "lecture", id="s2", demande_par="Jeanne Lefèvre")
    expect(page.get_by_text("demandée par Jeanne Lefèvre, commencée")).to_be_visible()
    expect(page.get_by_role("button", name="Demander la suivante")).to_be_focused()


def test_a_request_that_waits_is_known_again_when_the_page_is_opened_anew(api: FausseApi, ouvrir: Ouvrir) -> None:
    en_cours = donnees.course("en_cours", "lecture", demande_par=None, votre_demande=donnees.ATTENTE)
    api.poser("synchronisations/derniere", en_cours)
    page = ouvrir(BOUTON)
    bouton = page.get_by_role("button", name="Demande en attente…")
    bouton.click(force=True)
    expect(bouton).to_have_attribute("aria-disabled", "true")
    assert _posts(api) == 0


def test_too_many_requests_while_a_sync_runs_leave_its_steps_in_sight(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser("synchronisations/derniere", donnees.course("en_cours", "lecture"))
    api.poser("synchronisations/s1", donnees.course("en_cours", "lecture"))
    api.poser("synchronisations", {"detail": "Trop de demandes."}, 429, "POST")
    page = ouvrir(BOUTON)
    page.get_by_role("button", name="Demander la suivante").click()
    refus = "Trop de demandes. Réessayez dans 25 secondes."
    expect(page.get_by_role("button", name="Demander la suivante")).to_have_accessible_description(refus)
    expect(page.get_by_role("listitem").first).to_have_attribute("aria-current", "step")


def test_a_closed_button_looks_the_same_under_the_mouse(api: FausseApi, ouvrir: Ouvrir) -> None:
    en_cours = donnees.course("en_cours", "lecture", votre_demande=donnees.ATTENTE)
    api.poser("synchronisations/derniere", en_cours)
    api.poser("synchronisations/s1", en_cours)
    page = ouvrir(BOUTON)
    bouton = page.get_by_role("button", name="Demande en attente…")
    fond = "e => getComputedStyle(e).backgroundColor"
    avant = bouton.evaluate(fond)
    bouton.hover(force=True)
    assert bouton.evaluate("e => e.matches(':hover')")
    assert bouton.evaluate(fond) == avant


def test_too_many_requests_say_how_long_to_wait(api: FausseApi, ouvrir: Ouvrir) -> None:
    api.poser("synchronisations", {"detail": "Une demande a déjà été faite."}, 429, "POST")
    page = ouvrir(BOUTON)
    page.get_by_role("button", name="Synchroniser maintenant").click()
    refus = "Une demande a déjà été faite. Réessayez dans 25 secondes."
    expect(page.locator("crm-synchroniser #raison")).to_have_text(refus)
    expect(page.get_by_role("status")).to_have_text(refus)


def test_the_keyboard_stays_on_the_button_while_the_steps_go_by(api: FausseApi, ouvrir: Ouvrir) -> None:
    course = Course(api)
    page = ouvrir(BOUTON)
    page.get_by_role("button", name="Synchroniser maintenant").focus()
    page.keyboard.press("Space")
    course.passer("en_cours", "lecture")
    expect(page.get_by_role("button", name="Demander la suivante")).to_be_focused()
    course.passer("echouee", "lecture", message="La source ne répond pas.")
    expect(page.get_by_text("La source ne répond pas.").last).to_be_visible()
    expect(page.get_by_role("button", name="Synchroniser maintenant")).to_be_focused()
    expect(page.get_by_role("listitem").first).to_have_text("lecture : arrêtée ici")


def test_an_hourly_sync_seen_while_the_page_is_open_refreshes_the_numbers(api: FausseApi, ouvrir: Ouvrir) -> None:
    page = ouvrir(BOUTON + KPI)
    expect(page.locator("table.kpi tfoot")).to_contain_text("189")
    expect(page.get_by_text("réussie", exact=True)).to_be_visible()
    api.poser("synchronisations/derniere", donnees.course(id="s9", demande_par=None))
    api.poser("kpi/contrats-par-commercial", donnees.kpi(donnees.EQUIPE[:2]))
    page.clock.fast_forward("01:05")
    expect(page.get_by_text("automatique : réussie")).to_be_visible()
    expect(page.locator("table.kpi tfoot")).to_contain_text("130")


def test_a_sync_that_runs_when_the_page_opens_is_followed(api: FausseApi, ouvrir: Ouvrir) -> None:
    course = Course(api)
    course.passer("en_cours", "écriture", demande_par=None)
    api.poser("synchronisations/derniere", course.lire)
    page = ouvrir(BOUTON)
    expect(page.get_by_text("Synchronisation automatique, commencée à 14:02.")).to_be_visible()
    course.passer("en_cours", "indicateurs")
    expect(page.get_by_role("listitem").nth(3)).to_have_attribute("aria-current", "step")

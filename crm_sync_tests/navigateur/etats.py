"""Every state of every element: what the page holds, what the API answers, what to do, and the words that say it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Page

from crm_sync_tests.navigateur import donnees
from crm_sync_tests.navigateur.donnees import HOSTILE, LONG
from crm_sync_tests.navigateur.fausse_api import FausseApi

LIENS = 'lien-client="/clients/{id}" lien-contrat="/contrats/{id}" lien-commercial="/commerciaux/{id}"'
KPI = f'<crm-contrats-par-commercial token="bon" {LIENS}></crm-contrats-par-commercial>'
VUE = f'<crm-vue-360 token="bon" client-id="p1" {LIENS}></crm-vue-360>'
CONTRATS = f'<crm-contrats token="bon" commercial-id="c1" {LIENS}></crm-contrats>'
BOUTON = '<crm-synchroniser token="bon"></crm-synchroniser>'


def _rien(_: FausseApi) -> None:
    pass


def _regarder(_: Page) -> None:
    pass


@dataclass(frozen=True)
class Etat:
    """A state; `signe` is a text that is there once it is reached."""

    corps: str
    signe: str
    preparer: Callable[[FausseApi], object] = _rien
    agir: Callable[[Page], object] = _regarder


def _poser(chemin: str, corps: object) -> Callable[[FausseApi], None]:
    return lambda api: api.poser(chemin, corps)


def _refuser(chemin: str, statut: int, detail: str = "Le service est en maintenance.") -> Callable[[FausseApi], None]:
    return lambda api: api.refuser(chemin, statut, detail)


def _retenir(chemin: str) -> Callable[[FausseApi], object]:
    return lambda api: api.retenir(chemin)


def _hostile_kpi(api: FausseApi) -> None:
    api.poser("kpi/contrats-par-commercial", donnees.kpi([
        donnees.ligne("c1", HOSTILE, HOSTILE, (1, 2, 3, 0, 0, 0)),
        donnees.ligne("c2", None, LONG, (1200, 34000, 98000, 0, 0, 0)),
    ]))  # fmt: skip


def hostile_client(api: FausseApi) -> None:
    """Put markup, scripts and endless words wherever a text can be."""
    vue = donnees.client()
    vue["client"] |= {"nom": HOSTILE, "prenom": LONG, "email": HOSTILE, "statut": LONG}
    vue["contrats"] = [
        donnees.contrat(
            1, "autre", reference=HOSTILE, statut_source=HOSTILE, produit=LONG, document_url="javascript:alert(1)"
        ),
        donnees.contrat(2, description=LONG, document_url="data:text/html,x", audit_trail_url=LONG, portefeuille=None),
    ]
    vue["souscriptions"] = [
        {"offre": HOSTILE, "statut": HOSTILE, "abonnement": {HOSTILE: {LONG: [HOSTILE]}}, "contrats": [LONG]}
    ]
    vue["versements"] = [{HOSTILE: LONG, "note": HOSTILE}]
    vue["changements"] = [donnees.changement("nom", HOSTILE, LONG, HOSTILE)]
    vue["doublons"][0] |= {"nom": HOSTILE, "phrase": LONG}
    api.poser("clients/p1", vue)


def cinq_cents(api: FausseApi) -> None:
    """Give a client 500 contracts, and as many subscriptions and payments as the API gives at most."""
    vue = donnees.client()
    vue["contrats"] = donnees.page(500)["lignes"]
    vue["souscriptions"] *= 200
    vue["versements"] *= 100
    api.poser("clients/p1", vue)


def _nuls(api: FausseApi) -> None:
    """Put nothing wherever nothing can be."""
    vue = donnees.client_vide()
    vue["client"] |= {"nom": None, "created_at": None, "updated_at": None}
    rien = dict.fromkeys(donnees.contrat(1))
    vue["contrats"] = [
        {**rien, "id": "k1", "statut": "autre"},
        {**rien, "id": "k2", "statut": "autre", "vendu_par": {"id": "c1", "nom": None}},
    ]
    vue["souscriptions"] = [{"offre": None, "statut": None, "abonnement": None, "contrats": []}]
    vue["versements"] = [{}, {"montant": None}]
    vue["fraicheur"] = {
        "derniere_synchronisation": None,
        "vu_dans_la_source_le": None,
        "calcule_le": None,
        "perime": True,
    }
    api.poser("clients/p1", vue)


def _sans_noms(api: FausseApi) -> None:
    """Sales reps whose names the CRM does not have, with and without a user."""
    api.poser(K, donnees.kpi([
        donnees.ligne("c1", None, None, (1, 2, 3, 0, 0, 0)),
        donnees.ligne("c2", None, "Cabinet Delorme", (0, 1, 0, 0, 0, 0), utilisateur_id=None),
        *donnees.EQUIPE[4:5],
    ]))  # fmt: skip


def _quarante(api: FausseApi) -> None:
    noms = [donnees.ligne(f"c{n}", "Prénom", f"Nom{n:02d}", (n, n, 2 * n, 1, 0, 0)) for n in range(40)]
    api.poser("kpi/contrats-par-commercial", donnees.kpi(noms))


def _cliquer(nom: str, page: Page) -> None:
    page.get_by_role("button", name=nom).first.click()


def _mois_longs(api: FausseApi) -> None:
    """Two years and more, large numbers, one month that no calendar is likely to have."""
    beaucoup = [donnees.ligne("c1", "Jeanne", "Lefèvre", (0, 9_000, 41_000, 300, 200, 0))]
    mois = (*(f"{an}-{m:02d}-01" for an in (2024, 2025, 2026) for m in range(1, 13)), "9999-12-01", None)
    api.poser(K, donnees.kpi(beaucoup))
    api.poser("kpi/contrats-par-mois", donnees.par_mois(beaucoup, mois))


def _deux_ans(page: Page) -> None:
    page.get_by_label("Période de signature").select_option("dates")
    page.get_by_label("Du", exact=True).fill("2024-06-01")


def _sans_pouvoir(api: FausseApi) -> None:
    api.poser("moi", donnees.moi("commercial"))


def _spectateur(api: FausseApi) -> None:
    _sans_pouvoir(api)
    api.poser(D, donnees.course("en_cours", "écriture", demande_par=None))


def _limite(api: FausseApi) -> None:
    api.poser("synchronisations", {"detail": "Trop de demandes de synchronisation."}, 429, "POST")


def _dates(page: Page) -> None:
    page.get_by_label("Période de signature").select_option("dates")
    page.get_by_label("Du", exact=True).fill("2026-11-30")
    page.get_by_label("Au", exact=True).fill("2026-11-01")


PERIME_LE = "2026-11-24T06:03:00+00:00"
VIEILLE = {"derniere_synchronisation": PERIME_LE, "vu_dans_la_source_le": None, "calcule_le": None, "perime": True}
K, C, V, D = "kpi/contrats-par-commercial", "commerciaux/c1/contrats", "clients/p1", "synchronisations/derniere"
_vendu = lambda page: page.get_by_label("Vendu par").check()  # noqa: E731
ECHEC = {"message": "La source ne répond pas (délai dépassé)."}
ETATS: dict[str, Etat] = {
    "kpi": Etat(KPI, "données de 14:03"),
    "kpi-vendu": Etat(KPI, "Montant vendu", agir=_vendu),
    "kpi-chargement": Etat(KPI, "Chargement", _retenir(K)),
    "kpi-vide": Etat(KPI, "Aucun commercial", _poser(K, donnees.kpi([]))),
    "kpi-erreur": Etat(KPI, "en maintenance", _refuser(K, 503)),
    "kpi-sans-droit": Etat(KPI, "pas accès", _refuser(K, 403)),
    "kpi-session": Etat(KPI.replace("bon", "vieux"), "session a expiré"),
    "kpi-perime": Etat(KPI, "plus à jour", _poser(K, donnees.kpi(perime=True, calcule_le=PERIME_LE))),
    "kpi-mois": Etat(KPI, "Sans date de signature", agir=lambda page: page.get_by_text("Chiffres par mois").click()),
    "kpi-mois-nombreux": Etat(KPI, "17\u202f238 contrats", _mois_longs, _deux_ans),
    "kpi-mois-erreur": Etat(KPI, "n’ont pas pu être lus", _refuser("kpi/contrats-par-mois", 500)),
    "kpi-mois-sans-date": Etat(KPI, "sans date de signature", _poser("kpi/contrats-par-mois", donnees.par_mois(mois=(None,)))),
    "kpi-orphelins": Etat(KPI, "3 contrats du CRM sans commercial", _poser(K, donnees.kpi(sans_commercial=3))),
    "kpi-seul": Etat(KPI, "Jeanne", _poser(K, donnees.kpi(donnees.EQUIPE[:1]))),
    "kpi-hostile": Etat(KPI, "onerror", _hostile_kpi),
    "kpi-nombreux": Etat(KPI, "Afficher les 40", _quarante),
    "kpi-dates": Etat(KPI, "après la date de fin", agir=_dates),
    "kpi-liste": Etat(KPI, "8177180WNC", agir=partial(_cliquer, "71 contrats de Jeanne")),
    "vue": Etat(VUE, "Mireille Aubertin"),
    "vue-500": Etat(VUE, "Afficher les 500 contrats", cinq_cents),
    "vue-nulle": Etat(VUE, "Sans référence", _nuls),
    "kpi-sans-noms": Etat(KPI, "Cabinet Delorme", _sans_noms),
    "vue-vide": Etat(VUE, "Aucun contrat", _poser(V, donnees.client_vide())),
    "vue-chargement": Etat(VUE, "Chargement", _retenir(V)),
    "vue-inconnue": Etat(VUE, "pas dans votre portefeuille", _refuser(V, 404)),
    "vue-erreur": Etat(VUE, "en maintenance", _refuser(V, 500)),
    "vue-hostile": Etat(VUE, "onerror", hostile_client),
    "vue-perimee": Etat(VUE, "plus à jour", _poser(V, donnees.client(fraicheur=VIEILLE))),
    "contrats": Etat(CONTRATS, "5 contrats"),
    "contrats-suite": Etat(CONTRATS, "Afficher la suite", _poser(C, donnees.page(50, "abc"))),
    "contrats-vide": Etat(CONTRATS, "Aucun contrat", _poser(C, donnees.page(0))),
    "contrats-chargement": Etat(CONTRATS, "Chargement", _retenir(C)),
    "contrats-inconnu": Etat(CONTRATS, "pas dans votre portefeuille", _refuser(C, 404)),
    "contrats-perimes": Etat(CONTRATS, "plus à jour", _poser(C, donnees.page(3) | {"fraicheur": VIEILLE})),
    "contrats-erreur": Etat(CONTRATS, "en maintenance", _refuser(C, 502)),
    "bouton": Etat(BOUTON, "réussie"),
    "bouton-jamais": Etat(BOUTON, "n’a encore eu lieu", _refuser(D, 404)),
    "bouton-chargement": Etat(BOUTON, "Chargement", _retenir(D)),
    "bouton-erreur": Etat(BOUTON, "en maintenance", _refuser(D, 503)),
    "bouton-sans-droit": Etat(BOUTON, "pas accès", _refuser("moi", 403)),
    "bouton-perime": Etat(BOUTON, "plus à jour", _poser(D, donnees.course("echouee", "lecture", perime=True, **ECHEC))),
    "bouton-attente": Etat(BOUTON, "va commencer", _poser(D, donnees.course("en_attente", votre_demande=donnees.ATTENTE))),
    "bouton-en-cours": Etat(BOUTON, "Demander la suivante", _poser(D, donnees.course("en_cours", "rapprochement"))),
    "bouton-suivante": Etat(BOUTON, "prise par la synchronisation suivante", _poser(D, donnees.course(
        "en_cours", "rapprochement", votre_demande=donnees.ATTENTE))),
    "bouton-limite": Etat(BOUTON, "Réessayez dans 25 secondes", _limite, partial(_cliquer, "Synchroniser maintenant")),
    "bouton-spectateur": Etat(BOUTON, "Seuls les managers", _spectateur),
    "bouton-echec": Etat(BOUTON, "délai dépassé", _poser(D, donnees.course("echouee", "lecture", **ECHEC))),
    "bouton-refus": Etat(BOUTON, "refusée", _poser(D, donnees.course("refusee", **ECHEC))),
    "bouton-interdit": Etat(BOUTON, "Seuls les managers", _sans_pouvoir),
    "bouton-detail": Etat(BOUTON, "Mis de côté", agir=lambda page: page.get_by_text("Détail").click()),
}  # fmt: skip

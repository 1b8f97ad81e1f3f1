"""The addresses of the API: read the parameters, ask `crm`, answer in the declared shape.

Each call has a viewer (`visites`); what they may not see is 404, as what does not exist.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as Chemin

from crm_sync.api import curseurs, documentation, modeles
from crm_sync.api.problemes import Probleme
from crm_sync.api.reponses import ENTETES, repondre
from crm_sync.api.visites import Appel
from crm_sync.crm import contrats_vus, demandes_vues, kpi_vu, visibilite, vue_360
from crm_sync.crm.contrats_vus import Filtre

routes = APIRouter()

LIMITE, LIMITE_MAX = 50, 200
_COLONNES = ("nom", "prenom", "part", "rang", "dernier_contrat_le", *kpi_vu.COMPTES)
TRIS = tuple(sens + colonne for colonne in _COLONNES for sens in ("", "-"))
PREMIER, DERNIER = date(1, 1, 1), date(9999, 12, 31)

Du = Annotated[
    date | None, Query(description="Premier jour de signature, heure de Paris, compris.", examples=["2026-11-01"])
]
Au = Annotated[date | None, Query(description="Dernier jour de signature, compris.", examples=["2026-11-30"])]
Statuts = Annotated[
    list[modeles.Statut], Query(alias="statut", description="Un statut, répété pour plusieurs.", max_length=6)
]
QuelleLecture = Annotated[
    modeles.Lecture, Query(description="portefeuille : qui tient le contrat aujourd'hui ; vendu : qui l'a vendu.")
]
Ident = Annotated[str, Chemin(description="L'identifiant du CRM.", max_length=100)]
Tri = Annotated[
    str | None,
    Query(
        description="Une colonne, avec « - » devant pour commencer par le plus grand.",
        json_schema_extra={"enum": list(TRIS)},
        pattern=f"^({'|'.join(TRIS)})$",
    ),
]
Limite = Annotated[int, Query(ge=1, le=LIMITE_MAX, description="Contrats par page.")]
Curseur = Annotated[
    str | None, Query(max_length=curseurs.LONGUEUR_MAX, description="« suite » de la page d'avant, telle quelle.")
]


def _maintenant() -> datetime:
    return datetime.now(UTC)


def _filtre(du: date | None, au: date | None, statuts: list[modeles.Statut]) -> Filtre:
    """Read a filter.

    Raises:
        Probleme: 422, the period ends before it begins.
    """
    if du and au and du > au:
        raise Probleme(422, "La période finit avant de commencer : du, au.")
    return Filtre(du, au, tuple(dict.fromkeys(statuts)))


@routes.get(
    "/kpi/contrats-par-commercial",
    tags=["Indicateurs"],
    summary="Les contrats par commercial",
    description=(
        "Sans période ni statut, l'indicateur tel quel ; sinon, compté dans les contrats eux-mêmes, dans les mêmes colonnes. "
        "« Non attribué » est une ligne, pour un admin seulement. Les colonnes nb_vendus et montant_vendu sont celles de la "
        "lecture « vendu » ; la lecture choisie décide de l'ordre, si « tri » n'en dit rien."
    ),
    response_model=modeles.KpiParCommercial,
    responses=documentation.lecture(modeles.KpiParCommercial, "Les lignes visibles et leur somme.", 422),
)
def kpi_par_commercial(
    requete: Request,
    appel: Appel,
    lecture: QuelleLecture = "portefeuille",
    du: Du = None,
    au: Au = None,
    statuts: Statuts = [],  # noqa: B006  FastAPI copies it
    tri: Tri = None,
) -> Response:
    """Answer with the KPI per sales rep."""
    filtre = _filtre(du, au, statuts)
    lignes = kpi_vu.par_commercial(appel.bases, appel.qui, filtre, tri or kpi_vu.TRI[lecture])
    le = kpi_vu.calcule_le(appel.bases)
    return repondre(
        requete,
        modeles.KpiParCommercial.model_validate(
            {
                "lignes": lignes,
                "total": kpi_vu.total(lignes),
                "calcule_le": le,
                "perime": vue_360.perime(le, _maintenant()),
                "lecture": lecture,
                "periode": {"du": du and du.isoformat(), "au": au and au.isoformat()},
                "sans_commercial": kpi_vu.sans_commercial(appel.bases, appel.qui, filtre),
            }
        ),
    )


@routes.get(
    "/kpi/contrats-par-mois",
    tags=["Indicateurs"],
    summary="Les contrats par mois de signature",
    description=(
        "Sans filtre, l'indicateur tel quel ; avec une période, un statut ou lecture=vendu, compté dans les contrats. "
        "Un commercial que l'on ne voit pas n'a pas de ligne."
    ),
    response_model=modeles.KpiParMois,
    responses=documentation.lecture(modeles.KpiParMois, "Les lignes visibles.", 422),
)
def kpi_par_mois(
    requete: Request,
    appel: Appel,
    lecture: QuelleLecture = "portefeuille",
    du: Du = None,
    au: Au = None,
    statuts: Statuts = [],  # noqa: B006  FastAPI copies it
    commercial_id: Annotated[str | None, Query(max_length=100, description="Un seul commercial.")] = None,
) -> Response:
    """Answer with the KPI per month."""
    lignes = kpi_vu.par_mois(appel.bases, appel.qui, _filtre(du, au, statuts), lecture, commercial_id)
    le = kpi_vu.calcule_le(appel.bases)
    contenu = {"lignes": lignes, "calcule_le": le, "perime": vue_360.perime(le, _maintenant())}
    return repondre(requete, modeles.KpiParMois.model_validate(contenu))


@routes.get(
    "/clients/{id}",
    tags=["Clients et contrats"],
    summary="La vue 360° d'un client",
    description="Qui voit un client le voit en entier : tous ses contrats, avec montant et commercial.",
    response_model=modeles.VueClient,
    responses=documentation.lecture(modeles.VueClient, "Tout ce que l'on sait de ce client.", 404, 422),
)
def client(requete: Request, appel: Appel, id: Ident) -> Response:  # noqa: A002  the name in the address
    """Answer with the 360° view of a client."""
    client_id = appel.ident("client", id)
    if not visibilite.voit_client(appel.bases, appel.qui, client_id):
        raise Probleme(404)
    vue = vue_360.vue(appel.bases, appel.qui, client_id, _maintenant())
    if vue is None:
        raise Probleme(404)
    return repondre(requete, modeles.VueClient.model_validate(vue))


@routes.get(
    "/contrats/{id}",
    tags=["Clients et contrats"],
    summary="Un contrat",
    response_model=modeles.VueContrat,
    responses=documentation.lecture(modeles.VueContrat, "Le contrat, ce qui en a changé, et sa fraîcheur.", 404, 422),
)
def contrat(requete: Request, appel: Appel, id: Ident) -> Response:  # noqa: A002  the name in the address
    """Answer with one contract."""
    trouve = contrats_vus.contrat(appel.bases, appel.ident("contrat", id))
    if trouve is None or not _voit_contrat(appel, trouve):
        raise Probleme(404)
    lignes = {("contrat", trouve["id"]): trouve["reference"]}
    contenu = {
        "contrat": trouve,
        "changements": vue_360.changements(appel.bases, trouve["client_id"], lignes),
        "fraicheur": vue_360.fraicheur(appel.bases, trouve["client_id"], _maintenant()),
    }
    return repondre(requete, modeles.VueContrat.model_validate(contenu))


def _voit_contrat(appel: Appel, trouve: dict[str, Any]) -> bool:
    """Tell whether a contract is this viewer's to see: by who holds it, or by its client."""
    tenu_par = (trouve["portefeuille"] or {}).get("id")
    if appel.qui.voit_apporteur(tenu_par):
        return True
    client_id: str | None = trouve["client_id"]
    return client_id is not None and visibilite.voit_client(appel.bases, appel.qui, client_id)


@routes.get(
    "/commerciaux/{id}/contrats",
    tags=["Clients et contrats"],
    summary="Les contrats d'un commercial, page par page",
    description=(
        "Les plus récemment signés d'abord. Avec lecture=vendu, ce qu'il a vendu et qui est passé à un autre n'y est que si "
        "l'on voit ce contrat ou son client."
    ),
    response_model=modeles.PageContrats,
    responses=documentation.lecture(modeles.PageContrats, "Une page, et le curseur de la suivante.", 404, 422),
)
def contrats_du_commercial(
    requete: Request,
    appel: Appel,
    id: Ident,  # noqa: A002  the name in the address
    lecture: QuelleLecture = "portefeuille",
    du: Du = None,
    au: Au = None,
    statuts: Statuts = [],  # noqa: B006  FastAPI copies it
    limite: Limite = LIMITE,
    curseur: Curseur = None,
) -> Response:
    """Answer with a page of a sales rep's contracts."""
    commercial_id = appel.ident("apporteur", id)
    filtre = _filtre(du, au, statuts)
    liste = (commercial_id, lecture, filtre)
    apres = curseurs.lire(curseur, appel.bases.crm["contrat"].ids, *liste)
    if not visibilite.voit_commercial(appel.bases, appel.qui, commercial_id):
        raise Probleme(404)
    lignes, suite = contrats_vus.page(
        appel.bases, appel.qui, commercial_id, lecture, filtre, limite=limite, apres=apres
    )
    contenu = {
        "lignes": lignes,
        "suite": curseurs.ecrire(suite, *liste),
        "fraicheur": vue_360.fraicheur(appel.bases, None, _maintenant()),
    }
    return repondre(requete, modeles.PageContrats.model_validate(contenu))


@routes.post(
    "/synchronisations",
    tags=["Synchronisation"],
    summary="Demander une synchronisation",
    description=(
        "Pour les managers et les admins. Répond aussitôt ; une demande faite pendant une synchronisation est servie par la "
        "suivante, et celles qui attendent le sont ensemble."
    ),
    status_code=202,
    response_model=modeles.Deposee,
    responses=documentation.depot(modeles.Deposee, "La demande est déposée.", 429),
)
def demander(appel: Appel) -> Response:
    """File a request."""
    if not appel.qui.encadre:
        raise Probleme(403, "Demander une synchronisation est réservé aux managers et aux admins.")
    demande_id, attente_s = demandes_vues.deposer(appel.bases, appel.qui.utilisateur_id)
    if demande_id is None:
        detail = f"Trop de demandes de synchronisation. Réessayer dans {attente_s} secondes."
        raise Probleme(429, detail, Retry_After=str(attente_s))
    entetes = {**ENTETES, "Cache-Control": "no-store", "Location": f"/synchronisations/{demande_id}"}
    contenu = modeles.Deposee(id=demande_id, statut="en_attente")
    return Response(contenu.model_dump_json(), 202, entetes, media_type="application/json")


@routes.get(
    "/synchronisations/derniere",
    tags=["Synchronisation"],
    summary="La dernière synchronisation, ou celle qui est en cours",
    description=(
        "Celle qui est en cours, sinon une demande qui attend, sinon la dernière finie, demandée ou de l'heure. "
        "404 tant qu'il n'y en a eu aucune."
    ),
    response_model=modeles.Synchronisation,
    responses=documentation.lecture(modeles.Synchronisation, "La dernière demande ou synchronisation.", 404),
)
def derniere(requete: Request, appel: Appel) -> Response:
    """Answer with the last request or sync."""
    return _suivie(requete, appel, demandes_vues.derniere(appel.bases))


@routes.get(
    "/synchronisations/{id}",
    tags=["Synchronisation"],
    summary="Où en est une demande",
    response_model=modeles.Synchronisation,
    responses=documentation.lecture(modeles.Synchronisation, "La demande, et l'étape où elle en est.", 404, 422),
)
def synchronisation(requete: Request, appel: Appel, id: Ident) -> Response:  # noqa: A002  the name in the address
    """Answer with one request or sync."""
    return _suivie(requete, appel, None if "\0" in id else demandes_vues.suivi(appel.bases, id))


def _suivie(requete: Request, appel: Appel, suivie: dict[str, Any] | None) -> Response:
    if suivie is None:
        raise Probleme(404)
    maintenant = _maintenant()
    contenu = suivie | {
        "prochaine": (maintenant.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)).isoformat(),
        "perime": vue_360.perime(vue_360.synchronise_le(appel.bases), maintenant),
        "votre_demande": demandes_vues.en_attente(appel.bases, appel.qui.utilisateur_id),
    }
    return repondre(requete, modeles.Synchronisation.model_validate(contenu))


@routes.get(
    "/moi",
    tags=["Accès"],
    summary="Qui le jeton désigne, et ce qu'il peut faire",
    response_model=modeles.Moi,
    responses=documentation.lecture(modeles.Moi, "L'utilisateur du jeton."),
)
def moi(requete: Request, appel: Appel) -> Response:
    """Answer with who calls."""
    qui = appel.qui
    contenu = {
        "utilisateur_id": qui.utilisateur_id,
        "role": qui.role,
        "nom": qui.nom,
        "commercial_id": qui.commercial_id,
        "peut_synchroniser": qui.encadre,
    }
    return repondre(requete, modeles.Moi.model_validate(contenu))


@routes.get(
    "/sante",
    tags=["Accès"],
    summary="Le serveur répond",
    response_model=modeles.Sante,
    responses=documentation.ouverte(modeles.Sante, "Il répond ; sans jeton."),
)
def sante() -> Response:
    """Answer that we answer."""
    return Response(
        modeles.Sante(statut="ok").model_dump_json(),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )

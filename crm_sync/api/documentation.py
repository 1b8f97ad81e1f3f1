"""What the OpenAPI document says of each answer: French, with an example, and no answer that is not in it."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from crm_sync.api.exemples import EXEMPLES
from crm_sync.api.modeles import Forme, Probleme
from crm_sync.api.problemes import COMPTE, DETAILS, JETON, TITRES, TYPE

TITRE = "crm_sync, lecture"
VERSION = "1"
DESCRIPTION = (
    "Ce que chacun peut voir du CRM : les contrats par commercial, la vue 360° d'un client, et le bouton de synchronisation. "
    "Le jeton est celui du CRM ; le rôle et l'équipe viennent de ses tables. Un commercial voit les clients qui ont un contrat "
    "avec lui, un manager ceux de toute son équipe, un admin tous. Ce qui n'est pas visible répond 404, comme ce qui n'existe "
    "pas. Les erreurs sont des « problem details » (RFC 9457)."
)
_PRECISIONS = {
    401: JETON,
    403: COMPTE,
    422: "Valeur manquante ou illisible : limite.",
    429: "Trop de demandes de synchronisation. Réessayer dans 42 secondes.",
}
_REESSAYER = {"Retry-After": {"description": "Secondes à attendre.", "schema": {"type": "integer"}}}
_ENTETES: Mapping[int, Mapping[str, Any]] = {
    304: {"ETag": {"description": "L'empreinte de la réponse.", "schema": {"type": "string"}}},
    401: {"WWW-Authenticate": {"description": "« Bearer ».", "schema": {"type": "string"}}},
    429: _REESSAYER,
    503: _REESSAYER,
}
TOUJOURS = (401, 403, 500, 503)

Reponses = dict[int | str, dict[str, Any]]


def lecture(modele: type[Forme], sens: str, *erreurs: int) -> Reponses:
    """Document a reading: its answer, 304, and its errors."""
    reponses: Reponses = {
        200: _succes(modele, sens, _ENTETES[304]),
        304: {"description": "Inchangé depuis la dernière fois.", "headers": _ENTETES[304]},
    }
    return {**reponses, **problemes(*TOUJOURS, *erreurs)}


def depot(modele: type[Forme], sens: str, *erreurs: int) -> Reponses:
    """Document a filing: 202 and its errors."""
    entetes = {"Location": {"description": "Où suivre la demande.", "schema": {"type": "string"}}}
    return {202: _succes(modele, sens, entetes), **problemes(*TOUJOURS, *erreurs)}


def ouverte(modele: type[Forme], sens: str) -> Reponses:
    """Document an answer that needs no token."""
    return {200: _succes(modele, sens, {}), **problemes(500)}


def problemes(*statuts: int) -> Reponses:
    """Document errors."""
    return {
        statut: {
            "description": TITRES[statut],
            "headers": _ENTETES.get(statut, {}),
            "content": {
                TYPE: {
                    "schema": {"$ref": "#/components/schemas/Probleme"},
                    "example": {
                        "type": "about:blank",
                        "title": TITRES[statut],
                        "status": statut,
                        "detail": _PRECISIONS.get(statut) or DETAILS[statut],
                    },
                }
            },
        }
        for statut in sorted(statuts)
    }


def _succes(modele: type[Forme], sens: str, entetes: Mapping[str, Any]) -> dict[str, Any]:
    exemple = EXEMPLES[modele.__name__]
    return {"description": sens, "headers": entetes, "content": {"application/json": {"example": exemple}}}


def documenter(app: FastAPI) -> None:
    """Give the application its document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = get_openapi(
                title=TITRE, version=VERSION, description=DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
            )
            app.openapi_schema["components"]["schemas"]["Probleme"] = Probleme.model_json_schema()
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]

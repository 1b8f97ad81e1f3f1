"""Every error of the API as problem details (RFC 9457) in French: what is wrong, nothing of what was sent or how we are made."""

import logging
from collections.abc import Mapping, MutableMapping
from traceback import format_tb
from types import TracebackType

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_sync.errors import CrmSyncError

journal = logging.getLogger("crm_sync.api")

TYPE = "application/problem+json"
TITRES: Mapping[int, str] = {
    400: "Requête incorrecte",
    401: "Authentification nécessaire",
    403: "Accès refusé",
    404: "Introuvable",
    405: "Méthode non admise",
    422: "Paramètre illisible",
    429: "Trop de demandes",
    500: "Erreur imprévue",
    503: "Service indisponible",
}
DETAILS: Mapping[int, str] = {
    400: "La requête ne peut pas être lue.",
    404: "Cette adresse ou cet élément n'existe pas, ou n'est pas visible pour cet utilisateur.",
    405: "Cette adresse n'admet pas cette méthode.",
    500: "Une erreur imprévue s'est produite ; elle est notée dans le journal du serveur.",
    503: "La base de données ne répond pas. Réessayer dans quelques instants.",
}
JETON = "Un jeton valable du CRM est nécessaire : en-tête « Authorization: Bearer … »."
COMPTE = "Cet utilisateur n'a pas accès : inconnu du CRM, inactif, ou sans rôle connu."


class Probleme(Exception):  # noqa: N818  a French domain word
    """An answer that is an error: `statut`, `detail`, and headers that go with it."""

    def __init__(self, statut: int, detail: str | None = None, **entetes: str) -> None:
        super().__init__(statut)
        self.statut, self.detail = statut, detail or DETAILS[statut]
        self.entetes = {nom.replace("_", "-"): valeur for nom, valeur in entetes.items()}


def reponse(statut: int, detail: str, entetes: Mapping[str, str] | None = None) -> Response:
    """Write a problem."""
    corps = {
        "type": "about:blank",
        "title": TITRES.get(statut, "Erreur"),
        "status": statut,
        "detail": detail,
    }
    return Response(
        msgspec.json.encode(corps), statut, {"Cache-Control": "no-store", **(entetes or {})}, media_type=TYPE
    )


def installer(app: FastAPI) -> None:
    """Make every error of this application a problem."""
    app.add_exception_handler(Probleme, _probleme)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _illisible)
    app.add_exception_handler(CrmSyncError, _indisponible)


def _probleme(_requete: Request, erreur: Exception) -> Response:
    assert isinstance(erreur, Probleme)  # noqa: S101  registered for it
    return reponse(erreur.statut, erreur.detail, erreur.entetes)


def _http(_requete: Request, erreur: Exception) -> Response:
    assert isinstance(erreur, HTTPException)  # noqa: S101  registered for it
    statut = erreur.status_code if erreur.status_code in DETAILS else 400
    return reponse(statut, DETAILS[statut], erreur.headers)


def _illisible(_requete: Request, erreur: Exception) -> Response:
    """Name the parameters that cannot be read, never their values; a name that is not ours is what was sent."""
    assert isinstance(erreur, RequestValidationError)  # noqa: S101  registered for it
    noms = sorted({str(faute["loc"][1]) for faute in erreur.errors() if len(faute["loc"]) > 1})
    return reponse(422, f"Valeur manquante ou illisible : {', '.join(noms)}." if noms else DETAILS[400])


def _indisponible(_requete: Request, erreur: Exception) -> Response:
    journal.error("%s", erreur)  # a sentence of ours: no value of a row, no password
    return reponse(503, DETAILS[503], {"Retry-After": "5"})


class SansTrace:
    """Around every route: an error that nobody expected is noted without its text, which may hold a value, and answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on."""
        commencee: MutableMapping[str, bool] = {}

        async def envoyer(message: Message) -> None:
            commencee["oui"] = True
            await send(message)

        imprevue = _Imprevue()
        with imprevue:
            await self._app(scope, receive, envoyer)
        if imprevue.vue and not commencee and scope["type"] == "http":
            await reponse(500, DETAILS[500])(scope, receive, send)


class _Imprevue:
    """Hold an unexpected error: its kind and frames go to the log, its text nowhere."""

    vue = False

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(erreur, Exception):
            return False
        journal.error("%s\n%s", type(erreur).__name__, "".join(format_tb(trace)))
        self.vue = True
        return True

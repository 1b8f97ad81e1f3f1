"""Files as they are - the elements, the demo's pages - under a content security policy that runs nothing inline."""

from hashlib import blake2b
from pathlib import Path

from fastapi import FastAPI, Request, Response

from crm_sync.api.problemes import Probleme

POLITIQUE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ENTETES = {
    "Content-Security-Policy": POLITIQUE,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
LONGUEUR_MAX = 200
GENRES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".map": "application/json",
}


def servir_dossier(
    app: FastAPI, adresse: str, dossier: Path, accueil: str | None = None, *, ouvert: bool = True
) -> None:
    """Serve the files of a folder, read at each call; `accueil` is the one that the folder's own address gives.

    `ouvert`: pages of other origins may load them, as the CRM's pages do: a module wants CORS, and they hold nothing of anybody.
    """

    def fichier(requete: Request, chemin: str) -> Response:
        trouve = _trouver(dossier, chemin or (accueil or ""))
        if trouve is None:
            raise Probleme(404)
        contenu = trouve.read_bytes()
        etag = f'"{blake2b(contenu, digest_size=16).hexdigest()}"'
        entetes = {**ENTETES, "ETag": etag, **({"Access-Control-Allow-Origin": "*"} if ouvert else {})}
        if requete.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=entetes)
        return Response(contenu, headers=entetes, media_type=GENRES[trouve.suffix])

    app.add_api_route(f"{adresse}/{{chemin:path}}", fichier, methods=["GET"], include_in_schema=False)


def _trouver(dossier: Path, chemin: str) -> Path | None:
    """Give a file of the folder of a kind that we serve; None for anything else, whatever the way to it."""
    if "\0" in chemin or len(chemin) > LONGUEUR_MAX:
        return None
    racine = dossier.resolve()
    trouve = (racine / chemin).resolve()
    if trouve.suffix not in GENRES or not trouve.is_relative_to(racine) or not trouve.is_file():
        return None
    return trouve

"""How an answer leaves: JSON of a declared shape, with a weak ETag made from it, for the caller's own cache only."""

from hashlib import blake2b

from fastapi import Request, Response
from pydantic import BaseModel

ENTETES = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization",
    "X-Content-Type-Options": "nosniff",
}


def repondre(requete: Request, contenu: BaseModel) -> Response:
    """Answer with a document; 304 where the caller has it already."""
    corps = contenu.model_dump_json().encode()
    etag = f'W/"{blake2b(corps, digest_size=16).hexdigest()}"'
    entetes = {**ENTETES, "ETag": etag}
    if _connu(requete.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=entetes)
    return Response(corps, headers=entetes, media_type="application/json")


def _connu(envoyes: str | None, etag: str) -> bool:
    """Compare weakly, as If-None-Match does."""
    if envoyes is None:
        return False
    connus = {un.strip().removeprefix("W/") for un in envoyes.split(",")}
    return "*" in connus or etag.removeprefix("W/") in connus

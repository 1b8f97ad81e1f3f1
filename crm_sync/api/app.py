"""The application put together: routes, errors, documentation; CORS only where it is asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from crm_sync.api import problemes
from crm_sync.api.documentation import DESCRIPTION, TITRE, VERSION, documenter
from crm_sync.api.fichiers import servir_dossier
from crm_sync.api.jetons import Jetons
from crm_sync.api.routes import routes
from crm_sync.api.visites import Bassin

ELEMENTS = Path(__file__).parent.parent / "elements"


def application(jetons: Jetons, bassin: Bassin, origines: tuple[str, ...] = ()) -> FastAPI:
    """Make the application; `origines`: whose pages may call it from another origin. It closes `bassin` when it ends."""

    @asynccontextmanager
    async def vie(_app: FastAPI) -> AsyncIterator[None]:
        yield
        bassin.close()

    app = FastAPI(
        title=TITRE,
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=vie,
    )
    app.state.jetons, app.state.bassin = jetons, bassin
    app.include_router(routes)
    servir_dossier(app, "/elements", ELEMENTS)
    problemes.installer(app)
    documenter(app)
    app.add_middleware(problemes.SansTrace)
    if origines:  # outermost: an unexpected error is an answer that the page may read, too
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origines),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "If-None-Match"],
            expose_headers=["ETag", "Location", "Retry-After"],
        )
    return app

"""A small stand-in of the read API for the states that a real one is rarely in; pages and answers under the strict policy.

It serves the real files of `crm_sync/elements` and `crm_sync/demo`, one page that holds what a test writes, and for each path the
answer that the test put there. It is no second truth: the shapes are those of `donnees`, and the real demo is driven too.
"""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import crm_sync
from crm_sync_tests.navigateur import donnees

RACINE = Path(crm_sync.__file__).parent
POLITIQUE = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
GENRES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/essai.css">
<script type="module" src="/elements/crm-sync.js"></script></head>
<body><main><h1>Essai</h1>{corps}</main></body></html>"""
STYLE = """:root { color-scheme: light dark; }
body { margin: 0; font: 1rem/1.5 system-ui, "Liberation Sans", sans-serif; background: light-dark(#eef1f5, #0f1216);
  color: light-dark(#1c2128, #e4e8ee); }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; padding: 16px; }
h1 { margin: 0; font-size: 1.25rem; }"""
ATTENTE_S = 20
ROLES = ("commercial", "manager", "admin")

Parametres = dict[str, list[str]]
Reponse = tuple[int, Any]


class FausseApi:
    """One server per test; `requetes` is what was asked, in order: method, path, parameters, token."""

    def __init__(self) -> None:
        self.corps = ""
        self.requetes: list[tuple[str, str, Parametres, str | None]] = []
        self.jetons = {"bon"}
        self._reponses: dict[tuple[str, str], Callable[[Parametres], Reponse]] = {}
        self._retenues: dict[str, Event] = {}
        self.poser("kpi/contrats-par-commercial", donnees.kpi())
        self.poser("kpi/contrats-par-mois", donnees.par_mois())
        self.poser("clients/p1", donnees.client())
        self.poser("commerciaux/c1/contrats", donnees.page())
        self.poser("moi", donnees.moi())
        self.poser("synchronisations/derniere", donnees.course())
        self.poser("demo/jetons", {role: {"token": "bon", "nom": f"Alex {role}"} for role in ROLES})
        self.poser("demo/exemples", {"client_id": "p1", "commercial_id": "c1", "contrat_id": "k1"})
        self.poser("contrats/k1", donnees.un_contrat())
        serveur = type("Serveur", (_Serveur,), {"api": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), serveur)
        self._http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._http.server_address[1]}"
        Thread(target=self._http.serve_forever, daemon=True).start()

    def poser(self, chemin: str, corps: Any, statut: int = 200, methode: str = "GET") -> None:
        """Decide an answer: a body, or a function of the query's parameters that gives status and body."""
        fixe = (statut, corps)
        self._reponses[methode, f"/{chemin}"] = corps if callable(corps) else lambda _: fixe

    def refuser(self, chemin: str, statut: int, detail: str = "Refusé.") -> None:
        """Decide an error in problem details."""
        self.poser(chemin, {"type": "about:blank", "title": "Erreur", "status": statut, "detail": detail}, statut)

    def retenir(self, chemin: str) -> Event:
        """Hold the answers of a path until the event is set."""
        return self._retenues.setdefault(f"/{chemin}", Event())

    def reponse(self, methode: str, adresse: str, jeton: str | None) -> tuple[int, str, bytes]:
        """Give status, type and body of one request."""
        lue = urlsplit(adresse)
        if lue.path == "/essai":
            return 200, "text/html", PAGE.format(corps=self.corps).encode()
        if lue.path == "/essai.css":
            return 200, "text/css", STYLE.encode()
        fichier = RACINE / lue.path.lstrip("/")
        if lue.path.startswith(("/elements/", "/demo/")) and fichier.suffix in GENRES and fichier.is_file():
            return 200, GENRES[fichier.suffix], fichier.read_bytes()
        return self._json(methode, lue.path, parse_qs(lue.query), jeton)

    def _json(self, methode: str, chemin: str, parametres: Parametres, jeton: str | None) -> tuple[int, str, bytes]:
        self.requetes.append((methode, chemin, parametres, jeton))
        if retenue := self._retenues.get(chemin):
            retenue.wait(ATTENTE_S)
        decidee = self._reponses.get((methode, chemin))
        if not chemin.startswith("/demo/") and jeton not in self.jetons:
            statut, corps = 401, {"title": "Non autorisé", "status": 401}
        elif decidee is None:
            statut, corps = 404, {"title": "Introuvable", "status": 404}
        else:
            statut, corps = decidee(parametres)
        genre = "application/json" if statut < 400 else "application/problem+json"
        return statut, genre, corps.encode() if isinstance(corps, str) else json.dumps(corps).encode()

    def fermer(self) -> None:
        """End it; what is held is let go."""
        for retenue in self._retenues.values():
            retenue.set()
        self._http.shutdown()
        self._http.server_close()


class _Serveur(BaseHTTPRequestHandler):
    api: FausseApi

    def _repondre(self) -> None:
        autorisation = self.headers.get("Authorization") or ""
        statut, genre, corps = self.api.reponse(self.command, self.path, autorisation.removeprefix("Bearer ") or None)
        self.send_response(statut)
        self.send_header("Content-Type", f"{genre}; charset=utf-8")
        self.send_header("Content-Length", str(len(corps)))
        self.send_header("Content-Security-Policy", POLITIQUE)
        self.send_header("Cache-Control", "private, no-cache")
        if statut == 429:
            self.send_header("Retry-After", "25")
        self.end_headers()
        self.wfile.write(corps)

    do_GET = do_POST = _repondre  # noqa: N815  the names that http.server calls

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

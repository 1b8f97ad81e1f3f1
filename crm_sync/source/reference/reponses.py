"""What the reference source says to one request: routes, token, entity tags, and errors as JSON in French."""

import hmac
import json
import logging
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

from crm_sync.source.reference.etat import EtatReference

journal = logging.getLogger(__name__)

PART_PAR_DEFAUT: Final = 0.01

_DEMANDE_MAX_OCTETS: Final = 10_000
_CHIFFRES_MAX: Final = 9
_TRANCHE_OCTETS: Final = 1 << 20
_PRESENTATION: Final = """\
Source de référence de crm-sync : des prospects inventés, dans la forme du point d'accès du collègue.

GET  /prospects        la liste des prospects (JSON ; gzip, ETag)
GET  /etat             où en est la source
POST /changements      passer au tour suivant : {"part": 0.01} change un prospect sur cent
POST /remise-a-zero    revenir à la première réponse
"""
_MAL_FORMEE: Final = "La requête HTTP est mal formée ou trop longue."


class Porteur(Protocol):
    """What a request needs of its server."""

    etat: EtatReference
    jeton: str | None


class RefusError(Exception):
    """A request answered by an error: its status, one French sentence, a header where one is due."""

    def __init__(self, statut: HTTPStatus, message: str, entetes: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.statut = statut
        self.entetes = entetes or {}


class Reponse(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "crm-sync-source-de-reference"
    sys_version = ""
    timeout = 30
    """Seconds that a silent connection is kept."""

    def _repondre(self) -> None:
        """Answer one request, whatever its method."""
        try:
            demande = self._lire_demande()
            route = self._route()
            self._verifier_jeton(route)
            _ROUTES[route](self, demande)
        except RefusError as refus:
            # What of the request was not read would be taken for the next one: the connection ends here.
            self._envoyer_json({"erreur": str(refus)}, refus.statut, refus.entetes | {"Connection": "close"})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _repondre  # noqa: N815

    def _route(self) -> tuple[str, str]:
        chemin = urlsplit(self.path).path
        permises = [methode for methode, connu in _ROUTES if connu == chemin]
        if not permises:
            raise RefusError(HTTPStatus.NOT_FOUND, "Cette adresse n'existe pas ; GET / dit lesquelles existent.")
        if self.command not in permises:
            raise RefusError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"Cette adresse n'accepte que {', '.join(permises)}.",
                {"Allow": ", ".join(permises)},
            )
        return self.command, chemin

    def _verifier_jeton(self, route: tuple[str, str]) -> None:
        attendu = cast("Porteur", self.server).jeton
        if attendu is None or route[1] == "/":
            return
        genre, _, donne = self.headers.get("Authorization", "").partition(" ")
        # Compared as bytes and in constant time; a header may hold any Latin-1 text.
        if genre.lower() != "bearer" or not hmac.compare_digest(donne.strip().encode(), attendu.encode()):
            raise RefusError(
                HTTPStatus.UNAUTHORIZED,
                "Le jeton manque ou n'est pas le bon : envoyer « Authorization: Bearer … ».",
                {"WWW-Authenticate": "Bearer"},
            )

    def _lire_demande(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise RefusError(HTTPStatus.LENGTH_REQUIRED, "Envoyer la demande avec Content-Length.")
        texte = self.headers.get("Content-Length", "0")
        if not (texte.isascii() and texte.isdigit()):
            raise RefusError(HTTPStatus.BAD_REQUEST, "Content-Length n'est pas un nombre.")
        if len(texte) > _CHIFFRES_MAX or int(texte) > _DEMANDE_MAX_OCTETS:
            raise RefusError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "La demande est trop longue.")
        return self.rfile.read(int(texte))

    @property
    def _etat(self) -> EtatReference:
        return cast("Porteur", self.server).etat

    def presentation(self, _demande: bytes) -> None:
        """Say in a few lines what this server is."""
        self._envoyer(_PRESENTATION.encode(), "text/plain; charset=utf-8")

    def prospects(self, _demande: bytes) -> None:
        """Send the list of prospects, or 304 to a client that has it already."""
        compressee = accepte_gzip(self.headers)
        reponse = self._etat.representation(compressee=compressee)
        entetes = {"ETag": reponse.etag, "Vary": "Accept-Encoding", "Cache-Control": "private, no-cache"}
        if compressee:
            entetes["Content-Encoding"] = "gzip"
        if correspond(self.headers.get("If-None-Match"), reponse.etag):
            self._envoyer(b"", None, HTTPStatus.NOT_MODIFIED, entetes)
        else:
            self._envoyer(reponse.corps, "application/json; charset=utf-8", HTTPStatus.OK, entetes)

    def ou_en_est(self, _demande: bytes) -> None:
        """Say which round the source is at."""
        self._envoyer_json(self._etat.decrire())

    def changements(self, demande: bytes) -> None:
        """Go to the next round."""
        part = lire_part(demande)
        try:
            self._envoyer_json(self._etat.changer(part))
        except ValueError as erreur:
            raise RefusError(HTTPStatus.CONFLICT, str(erreur)) from None

    def remise_a_zero(self, _demande: bytes) -> None:
        """Go back to the first answer."""
        self._envoyer_json(self._etat.remettre_a_zero())

    def _envoyer_json(
        self, objet: Any, statut: HTTPStatus = HTTPStatus.OK, entetes: dict[str, str] | None = None
    ) -> None:
        corps = json.dumps(objet, ensure_ascii=False).encode()
        self._envoyer(corps, "application/json; charset=utf-8", statut, entetes)

    def _envoyer(
        self,
        corps: bytes,
        genre: str | None,
        statut: HTTPStatus = HTTPStatus.OK,
        entetes: dict[str, str] | None = None,
    ) -> None:
        """Send one whole answer; without `genre` it has no body (304)."""
        self.send_response(statut)
        for nom, valeur in (entetes or {}).items():
            self.send_header(nom, valeur)
        if genre is not None:
            self.send_header("Content-Type", genre)
            self.send_header("Content-Length", str(len(corps)))
        self.end_headers()
        if self.command != "HEAD":
            # By slices: the time-out of a socket counts for one call, and 220 MB may take longer.
            vue = memoryview(corps)
            for debut in range(0, len(corps), _TRANCHE_OCTETS):
                self.wfile.write(vue[debut : debut + _TRANCHE_OCTETS])

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer what the standard library could not read as a request: JSON, and never its own words."""
        self.command = getattr(self, "command", None) or "GET"
        self._envoyer_json({"erreur": _MAL_FORMEE}, HTTPStatus(code), {"Connection": "close"})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep the access log out of the terminal."""
        journal.debug(format, *args)


_ROUTES: dict[tuple[str, str], Callable[[Reponse, bytes], None]] = {
    ("GET", "/"): Reponse.presentation,
    ("HEAD", "/"): Reponse.presentation,
    ("GET", "/prospects"): Reponse.prospects,
    ("HEAD", "/prospects"): Reponse.prospects,
    ("GET", "/etat"): Reponse.ou_en_est,
    ("POST", "/changements"): Reponse.changements,
    ("POST", "/remise-a-zero"): Reponse.remise_a_zero,
}


def lire_part(demande: bytes) -> float:
    """Read the share of prospects to change from a request's body; an empty one means one in a hundred.

    Raises:
        RefusError: not a JSON object, an unknown key, or no number from 0 to 1.
    """
    if not demande.strip():
        return PART_PAR_DEFAUT
    try:
        objet = json.loads(demande)
    except (ValueError, RecursionError):
        raise RefusError(HTTPStatus.BAD_REQUEST, "Le corps de la demande n'est pas du JSON.") from None
    if not isinstance(objet, dict) or objet.keys() - {"part"}:
        raise RefusError(HTTPStatus.BAD_REQUEST, 'La demande est un objet qui ne connaît que "part".')
    part = objet.get("part", PART_PAR_DEFAUT)
    if isinstance(part, bool) or not isinstance(part, int | float) or not 0 <= part <= 1:
        raise RefusError(HTTPStatus.BAD_REQUEST, '"part" est un nombre entre 0 et 1.')
    return part


def accepte_gzip(entetes: Message) -> bool:
    """Tell whether the client takes gzip (RFC 9110, 12.5.3): named, or by `*`, and not with weight 0."""
    poids: dict[str, float] = {}
    for element in ",".join(entetes.get_all("Accept-Encoding", [])).split(","):
        nom, _, parametre = element.replace(" ", "").lower().partition(";")
        try:
            poids[nom] = float(parametre.removeprefix("q=") or 1)
        except ValueError:
            poids[nom] = 0
    return poids.get("gzip", poids.get("*", 0)) > 0


def correspond(si_different: str | None, etag: str) -> bool:
    """Tell whether `If-None-Match` names this tag; a weak one of the same text counts (RFC 9110, 13.1.2)."""
    if si_different is None:
        return False
    connus = [element.strip().removeprefix("W/") for element in si_different.split(",")]
    return etag in connus or "*" in connus

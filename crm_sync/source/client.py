"""One GET of the endpoint: its answer whole, or one clear reason why not.

Every fault of the network and of HTTP is translated here, and nowhere else, into a `SourceError` whose sentence says
what happened and what to do. Sentences name the host, never the query, the token or the body.
"""

import logging
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic

import httpx
import stamina

from crm_sync.errors import ConfigurationError, SourceError, SourceTerminalError, SourceTransientError

GARDE = "Le CRM garde ce qu'il avait."
ATTENTE_MAX_S = 60.0
DUREE_MAX_S = 900.0
MEGA = 1_000_000
PORT_MAX = 65_535

# They write whole addresses, with the password or the key that may stand in them.
for _journal in ("httpx", "httpcore"):
    logging.getLogger(_journal).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Reponse:
    """An answer: its body as received (decompressed), when (UTC), its ETag; `inchangee` is a 304, without body.

    `duree_s`: seconds from the request to the end of the body, of the try that succeeded.
    """

    corps: bytes | bytearray
    recue_le: datetime
    etag: str | None
    inchangee: bool = False
    duree_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How to reach the endpoint. `essais` counts tries in all; times in seconds, sizes in megabytes.

    `transport` replaces the network, for tests of the logic. Neither the address nor the token is in its `repr`.
    """

    url: str = field(repr=False)
    jeton: str | None = field(default=None, repr=False)
    delai_s: float = 60.0
    essais: int = 4
    attente_s: float = 1.0
    taille_max_mo: int = 512
    transport: httpx.BaseTransport | None = None

    def lire(self, etag: str | None = None) -> Reponse:
        """Get the list of prospects, trying again where that may help.

        `etag` is that of the last accepted answer: the endpoint may then say that nothing changed.

        Raises:
            ConfigurationError: the URL is none, no header can carry the token, or proxy or certificates are badly set.
            SourceTransientError: still failing after the last try.
            SourceTerminalError: somebody must act first.
        """
        for essai in stamina.retry_context(
            on=_attente,
            attempts=self.essais,
            timeout=DUREE_MAX_S,
            wait_initial=self.attente_s,
            wait_max=ATTENTE_MAX_S,
        ):
            with essai:
                return self._lire_une_fois(etag)
        raise AssertionError  # pragma: no cover  the loop returns or raises

    def _lire_une_fois(self, etag: str | None) -> Reponse:
        entetes = {"Accept": "application/json", "User-Agent": "crm-sync"}
        if self.jeton:
            if not (self.jeton.isascii() and self.jeton.isprintable()):
                raise ConfigurationError(
                    "EXTERNAL_API_TOKEN contient un caractère qu'aucun en-tête HTTP ne porte (accent, retour à la ligne) ; "
                    "recopier le jeton."
                )
            entetes["Authorization"] = f"Bearer {self.jeton}"
        if etag and etag.isascii():
            entetes["If-None-Match"] = etag
        hote = self._hote()
        debut = monotonic()
        with (
            _fautes_traduites(hote, self.delai_s),
            httpx.Client(timeout=self.delai_s, transport=self.transport, follow_redirects=False) as client,
            client.stream("GET", self.url, headers=entetes) as reponse,
        ):
            recue_le = datetime.now(UTC)
            if reponse.status_code == HTTPStatus.NOT_MODIFIED and "If-None-Match" in entetes:
                return Reponse(b"", recue_le, etag, inchangee=True, duree_s=monotonic() - debut)
            _refuser_statut(reponse, hote)
            corps = self._corps(reponse)
            return Reponse(corps, recue_le, reponse.headers.get("ETag"), duree_s=monotonic() - debut)

    def _corps(self, reponse: httpx.Response) -> bytearray:
        """Gather the body in one buffer: joining pieces would hold it twice."""
        corps, debut = bytearray(), monotonic()
        for morceau in reponse.iter_bytes():
            corps += morceau
            if len(corps) > self.taille_max_mo * MEGA:
                raise SourceTerminalError(
                    f"La réponse de la source dépasse {self.taille_max_mo} Mo. {GARDE} "
                    "Si c'est voulu, augmenter CRM_SYNC_TAILLE_MAX_MO."
                )
            if monotonic() - debut > DUREE_MAX_S:
                raise SourceTransientError(
                    f"La source envoie sa réponse trop lentement (plus de {DUREE_MAX_S:.0f} s). {GARDE}"
                )
        return corps

    def _hote(self) -> str:
        try:
            url = httpx.URL(self.url)
            complete = url.scheme in {"http", "https"} and bool(url.host) and (url.port or 0) <= PORT_MAX
        except (httpx.InvalidURL, TypeError, ValueError):  # ValueError: a host that IDNA refuses
            complete = False
        if not complete:
            raise ConfigurationError(
                "EXTERNAL_API_URL n'est pas une adresse http(s) complète ; attendu : https://hote/chemin."
            )
        return url.host if url.port is None else f"{url.host}:{url.port}"


def _attente(erreur: Exception) -> bool | float:
    """Tell whether a try may help, and after how many seconds where the endpoint said so."""
    if not isinstance(erreur, SourceError) or not erreur.retry_helps:
        return False
    return True if erreur.attendre_s is None else min(erreur.attendre_s, ATTENTE_MAX_S)


def _apres(reponse: httpx.Response) -> float | None:
    """Read `Retry-After`, in seconds; None where there is none that can be read."""
    valeur = reponse.headers.get("Retry-After", "").strip()
    if valeur.isdecimal():
        return float(valeur)
    try:
        return max(0.0, (parsedate_to_datetime(valeur) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _refuser_statut(reponse: httpx.Response, hote: str) -> None:
    statut = reponse.status_code
    if statut == HTTPStatus.OK:
        return
    if statut in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise SourceTerminalError(
            f"La source {hote} refuse l'accès ({statut}). {GARDE} Vérifier EXTERNAL_API_TOKEN.", status=statut
        )
    if statut == HTTPStatus.NOT_FOUND:
        raise SourceTerminalError(
            f"La source {hote} ne connaît pas cette adresse (404). {GARDE} Vérifier EXTERNAL_API_URL.",
            status=statut,
        )
    if statut == HTTPStatus.TOO_MANY_REQUESTS:
        raise SourceTransientError(
            f"La source {hote} demande d'attendre (429, trop de requêtes). {GARDE} La synchronisation suivante réessaiera.",
            status=statut,
            attendre_s=_apres(reponse),
        )
    if statut >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise SourceTransientError(
            f"La source {hote} est en panne ({statut}). {GARDE} Si cela dure, prévenir le collègue qui la tient.",
            status=statut,
            attendre_s=_apres(reponse),
        )
    if reponse.has_redirect_location:
        raise SourceTerminalError(
            f"La source {hote} renvoie vers une autre adresse ({statut}), qui n'est pas suivie à cause du jeton. {GARDE} "
            "Donner l'adresse finale dans EXTERNAL_API_URL.",
            status=statut,
        )
    raise SourceTerminalError(
        f"La source {hote} a répondu {statut} au lieu de 200. {GARDE} Prévenir le collègue qui la tient.",
        status=statut,
    )


class _fautes_traduites:  # noqa: N801  read as a statement: `with _fautes_traduites(...)`
    """Turn the faults of httpx into ours; the seam that no other module repeats."""

    def __init__(self, hote: str, delai_s: float) -> None:
        self._hote = hote
        self._delai_s = delai_s

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, erreur: BaseException | None, _trace: object) -> None:
        if isinstance(erreur, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError | httpx.CookieConflict):
            raise traduire(erreur, self._hote, self._delai_s) from None
        if isinstance(erreur, ValueError | OSError | OverflowError | ImportError):  # what httpx lets through
            raise ConfigurationError(
                f"La requête à la source {self._hote} est impossible. Vérifier EXTERNAL_API_URL et, s'ils sont définis, "
                f"HTTP_PROXY, HTTPS_PROXY et SSL_CERT_FILE. {GARDE}"
            ) from None


def traduire(erreur: Exception, hote: str, delai_s: float) -> SourceError:
    """Give the `SourceError` of a fault of httpx."""
    classe, phrase = _faute(erreur)
    return classe(f"{phrase.format(hote=hote, delai=f'{delai_s:g}')} {GARDE}")


def _faute(erreur: Exception) -> tuple[type[SourceError], str]:
    cause = _origine(erreur) if isinstance(erreur, httpx.ConnectError) else erreur
    return next((classe, phrase) for genre, classe, phrase in FAUTES if isinstance(cause, genre))


# The first that fits decides; a connection's fault is known by where it comes from.
FAUTES: tuple[tuple[type[BaseException], type[SourceError], str], ...] = (
    (
        httpx.ConnectTimeout,
        SourceTransientError,
        "La source {hote} ne répond pas à la connexion en {delai} s. Vérifier qu'elle tourne et l'adresse EXTERNAL_API_URL.",
    ),
    (
        httpx.TimeoutException,
        SourceTransientError,
        "La source {hote} n'a pas envoyé sa réponse à temps ({delai} s). Si cela dure, prévenir le collègue qui la tient.",
    ),
    (
        socket.gaierror,
        SourceTransientError,
        "Le nom de la source {hote} est introuvable (DNS). Vérifier EXTERNAL_API_URL.",
    ),
    (
        ssl.SSLError,
        SourceTerminalError,
        "La connexion chiffrée avec la source {hote} échoue (certificat ou TLS). Faire vérifier le certificat.",
    ),
    (
        OSError,
        SourceTransientError,
        "La source {hote} refuse la connexion. Vérifier qu'elle tourne et l'adresse EXTERNAL_API_URL.",
    ),
    (
        httpx.ConnectError,
        SourceTransientError,
        "La source {hote} refuse la connexion. Vérifier qu'elle tourne et l'adresse EXTERNAL_API_URL.",
    ),
    (
        httpx.DecodingError,
        SourceTerminalError,
        "La réponse de la source {hote} est mal compressée. Prévenir le collègue qui la tient.",
    ),
    (
        httpx.UnsupportedProtocol,
        SourceTerminalError,
        "La requête à la source {hote} est impossible. Vérifier EXTERNAL_API_URL.",
    ),
    (
        httpx.LocalProtocolError,
        SourceTerminalError,
        "La requête à la source {hote} est impossible. Vérifier EXTERNAL_API_URL.",
    ),
    (
        httpx.ProxyError,
        SourceTransientError,
        "Le mandataire ne joint pas la source {hote}. Vérifier HTTP_PROXY et HTTPS_PROXY.",
    ),
    (
        httpx.TransportError,
        SourceTransientError,
        "La source {hote} a coupé la connexion avant la fin de sa réponse. La synchronisation suivante réessaiera.",
    ),
    (
        Exception,
        SourceTerminalError,
        "La requête à la source {hote} est impossible. Vérifier EXTERNAL_API_URL.",
    ),
)


def _origine(erreur: BaseException) -> BaseException:
    while (cause := erreur.__cause__ or erreur.__context__) is not None:
        erreur = cause
    return erreur

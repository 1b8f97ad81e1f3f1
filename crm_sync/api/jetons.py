"""Who calls: the CRM's own JWT, checked, and of it only the user's id is taken. Roles and teams come from the live tables.

One algorithm per kind of key, chosen by us and never by the token: HS256 with the shared secret, RS256 or ES256 with a public
key of the JWKS. `alg: none`, or HS256 signed with a public key, finds no key that it could be checked with.
"""

import warnings
from typing import Any

import jwt

from crm_sync.api.cles import Cles, ClesIndisponiblesError
from crm_sync.api.problemes import JETON, Probleme
from crm_sync.errors import ConfigurationError
from crm_sync.settings import Settings

LONGUEUR_MAX = 8_000
SECRET_COURT = 32
TROP_COURT = (
    "Attention : CRM_JWT_SECRET a moins de 32 octets. Un secret court se devine ; en choisir un plus long dans le CRM."
)


class Jetons:
    """Reads tokens as the settings say."""

    def __init__(self, reglages: Settings, cles: Cles | None = None) -> None:
        """Read the settings.

        Raises:
            ConfigurationError: there is neither a secret nor the address of public keys.
        """
        secret = reglages.crm_jwt_secret.get_secret_value() if reglages.crm_jwt_secret else ""
        self._secret = secret.encode()
        if self.secret_faible:  # said once, by who starts us, and not for each token
            warnings.filterwarnings("ignore", category=jwt.warnings.InsecureKeyLengthWarning)
        url = reglages.crm_jwt_jwks_url
        if url and not url.startswith(("https://", "http://")):
            raise ConfigurationError("CRM_JWT_JWKS_URL n'est pas une adresse http(s) : corriger la variable.")
        self._cles = cles or (Cles(url) if url else None)
        if not self._secret and self._cles is None:
            raise ConfigurationError(
                "« crm-sync serve » vérifie les jetons du CRM : définir CRM_JWT_SECRET (HS256) "
                "ou CRM_JWT_JWKS_URL (RS256, ES256)."
            )
        self._audience, self._emetteur = reglages.crm_jwt_audience, reglages.crm_jwt_issuer
        self._champ = reglages.crm_jwt_claim

    @property
    def secret_faible(self) -> bool:
        """Tell whether the shared secret is shorter than HS256 wants it."""
        return 0 < len(self._secret) < SECRET_COURT

    def utilisateur_id(self, jeton: str | None) -> str:
        """Check a token and give the user's id that it names.

        Raises:
            Probleme: 401 for any token that is not good, whatever the reason; 503 where no public key can be read.
        """
        if not jeton or len(jeton) > LONGUEUR_MAX:
            raise _refus()
        try:
            entete = jwt.get_unverified_header(jeton)
            contenu = self._verifier(jeton, entete)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _refus() from None
        except ClesIndisponiblesError:
            raise Probleme(503, "Les clés publiques du CRM ne peuvent pas être lues.", Retry_After="30") from None
        valeur = contenu.get(self._champ)
        if isinstance(valeur, bool) or not isinstance(valeur, str | int) or valeur == "":
            raise _refus()
        return str(valeur)

    def _verifier(self, jeton: str, entete: dict[str, Any]) -> dict[str, Any]:
        """Check signature, times, audience and issuer, with each key that may have signed it."""
        algorithme, kid = entete.get("alg"), entete.get("kid")
        cles: list[Any] = []
        if algorithme == "HS256" and self._secret:
            cles = [self._secret]
        elif algorithme in {"RS256", "ES256"} and self._cles is not None:
            cles = self._cles.pour(kid if isinstance(kid, str) else None, algorithme)
        erreur: jwt.PyJWTError = jwt.InvalidSignatureError()
        for cle in cles:
            try:
                return self._decoder(jeton, cle, str(algorithme))
            except jwt.InvalidSignatureError as autre:
                erreur = autre
        raise erreur

    def _decoder(self, jeton: str, cle: Any, algorithme: str) -> dict[str, Any]:
        contenu: dict[str, Any] = jwt.decode(
            jeton,
            cle,
            algorithms=[algorithme],
            audience=self._audience,
            issuer=self._emetteur,
            options={
                "require": [nom for nom, exige in (("aud", self._audience), ("iss", self._emetteur)) if exige],
                "verify_aud": self._audience is not None,
                "verify_iss": self._emetteur is not None,
                "verify_sub": False,  # an id may be a number
                "verify_iat": False,  # a clock a second behind is no attack
            },
        )
        return contenu


def _refus() -> Probleme:
    return Probleme(401, JETON, WWW_Authenticate="Bearer")

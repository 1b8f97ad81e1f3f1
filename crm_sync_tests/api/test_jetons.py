"""Tokens: whatever is not the CRM's own, good and of now, is 401 and nothing else."""

import json
from base64 import urlsafe_b64encode
from time import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crm_sync.api import cles as module_cles
from crm_sync.api.cles import Cles
from crm_sync.api.jetons import Jetons
from crm_sync.api.problemes import Probleme
from crm_sync.errors import ConfigurationError
from crm_sync.settings import Settings
from crm_sync_tests.api.conftest import Bureau
from crm_sync_tests.api.service import SECRET, jeton

MOI = "00000000-0000-4000-8000-00000000000a"
RSA = rsa.generate_private_key(65537, 2048)
AUTRE_RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
URL = "https://identite.example/jwks"


def publique(cle: Any, kid: str | None, **autres: Any) -> dict[str, Any]:
    algorithme = jwt.algorithms.RSAAlgorithm if isinstance(cle, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    jwk: dict[str, Any] = json.loads(algorithme.to_jwk(cle.public_key()))
    return {**jwk, **({"kid": kid} if kid else {}), **autres}


def pem(cle: Any) -> bytes:
    brute: bytes = cle.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return brute


class Identite:
    """The identity service: what it answers, and how often it was asked."""

    def __init__(self, *jwks: dict[str, Any]) -> None:
        self.jwks, self.appels, self.panne = list(jwks), 0, False

    def __call__(self, _requete: httpx.Request) -> httpx.Response:
        self.appels += 1
        if self.panne:
            raise httpx.ReadTimeout("trop long")
        return httpx.Response(200, json={"keys": self.jwks})

    def jetons(self, **reglages: Any) -> Jetons:
        return Jetons(Settings(crm_jwt_jwks_url=URL, **reglages), Cles(URL, httpx.MockTransport(self)))


def refuse(jetons: Jetons, texte: str | None) -> bool:
    with pytest.raises(Probleme) as leve:
        jetons.utilisateur_id(texte)
    return leve.value.statut == 401 and leve.value.entetes == {"WWW-Authenticate": "Bearer"}


def a_la_main(entete: dict[str, Any], contenu: dict[str, Any], signature: bytes = b"") -> str:
    """Put a token together as an attacker does."""
    parties = [json.dumps(entete).encode(), json.dumps(contenu).encode(), signature]
    return ".".join(urlsafe_b64encode(partie).decode().rstrip("=") for partie in parties)


def hs256(**reglages: Any) -> Jetons:
    return Jetons(Settings(crm_jwt_secret=SECRET, **reglages))


BON = {"sub": MOI, "exp": int(time()) + 3600}
MAUVAIS = {
    "absent": None,
    "vide": "",
    "pas un jeton": "abc",
    "trois points": "a.b.c",
    "trop long": "a" * 9000,
    "un autre secret": jeton(MOI, "un-autre-secret-assez-long-pour-HS256-aussi"),
    "passé": jeton(MOI, exp=int(time()) - 5),
    "pas encore": jeton(MOI, nbf=int(time()) + 600),
    "alg none": a_la_main({"alg": "none", "typ": "JWT"}, BON),
    "alg None": a_la_main({"alg": "None"}, BON),
    "alg nOnE, signé": a_la_main({"alg": "nOnE"}, BON, b"x"),
    "sans alg": a_la_main({"typ": "JWT"}, BON),
    "alg qui n'est pas un texte": a_la_main({"alg": ["HS256"]}, BON),
    "HS512": jeton(MOI, SECRET * 2, "HS512"),
    "signature coupée": jeton(MOI)[:-4],
    "contenu changé": ".".join(
        (jeton(MOI).split(".")[0], a_la_main({}, {**BON, "sub": "autre"}).split(".")[1], jeton(MOI).split(".")[2])
    ),
    "sans identifiant": jwt.encode({"exp": BON["exp"]}, SECRET),
    "identifiant vide": jeton(""),
    "identifiant vrai": jeton(True),
    "identifiant liste": jeton([MOI]),
    "exp illisible": jeton(MOI, exp="demain"),
}


@pytest.mark.parametrize("texte", MAUVAIS.values(), ids=MAUVAIS.keys())
def test_a_token_that_is_not_good_is_401(texte: str | None) -> None:
    assert refuse(hs256(), texte)


def test_a_good_token_gives_the_id_whatever_its_kind() -> None:
    assert hs256().utilisateur_id(jeton(MOI)) == MOI
    assert hs256().utilisateur_id(jeton(41)) == "41"
    assert hs256().utilisateur_id(jeton(MOI, iat=int(time()) + 30)) == MOI
    assert hs256(crm_jwt_claim="utilisateur").utilisateur_id(jeton("x", utilisateur=MOI)) == MOI


def test_audience_and_issuer_count_where_they_are_set() -> None:
    stricte = hs256(crm_jwt_audience="crm", crm_jwt_issuer="https://crm.example")
    assert stricte.utilisateur_id(jeton(MOI, aud="crm", iss="https://crm.example")) == MOI
    for autres in ({}, {"aud": "crm"}, {"iss": "https://crm.example"}, {"aud": "autre", "iss": "https://crm.example"}):
        assert refuse(stricte, jeton(MOI, **autres))
    assert hs256().utilisateur_id(jeton(MOI, aud="n'importe", iss="qui")) == MOI


def test_keys_of_the_jwks_are_good_for_their_own_algorithm_only() -> None:
    identite = Identite(publique(RSA, "r"), publique(EC, "e"))
    jetons = identite.jetons()
    assert jetons.utilisateur_id(jwt.encode(BON, RSA, "RS256", {"kid": "r"})) == MOI
    assert jetons.utilisateur_id(jwt.encode(BON, EC, "ES256", {"kid": "e"})) == MOI
    assert jetons.utilisateur_id(jwt.encode(BON, EC, "ES256")) == MOI
    assert refuse(jetons, jwt.encode(BON, RSA, "RS512", {"kid": "r"}))
    assert refuse(jetons, jwt.encode(BON, RSA, "PS256", {"kid": "r"}))
    assert refuse(jetons, jwt.encode(BON, AUTRE_RSA, "RS256", {"kid": "r"}))
    assert refuse(jetons, jeton(MOI))


def test_hs256_signed_with_the_public_key_is_refused() -> None:
    import hmac
    from hashlib import sha256

    identite = Identite(publique(RSA, "r"))
    for secret in (pem(RSA), json.dumps(publique(RSA, "r")).encode()):
        corps = a_la_main({"alg": "HS256", "kid": "r"}, BON).rsplit(".", 1)[0]
        signature = hmac.new(secret, corps.encode(), sha256).digest()
        forge = f"{corps}.{urlsafe_b64encode(signature).decode().rstrip('=')}"
        assert refuse(identite.jetons(), forge)
        assert refuse(identite.jetons(crm_jwt_secret=SECRET), forge)


def test_a_shared_secret_in_the_jwks_and_keys_for_encryption_are_ignored() -> None:
    secret = {"kty": "oct", "kid": "o", "k": urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")}
    identite = Identite(secret, publique(RSA, "c", use="enc"), publique(RSA, "x", alg="RS512"), {"kty": "RSA"})
    assert refuse(identite.jetons(), jwt.encode(BON, SECRET, "HS256", {"kid": "o"}))
    assert refuse(identite.jetons(), jwt.encode(BON, RSA, "RS256", {"kid": "c"}))


def test_a_new_key_is_fetched_when_it_is_first_used_and_invented_ones_do_not_make_us_ask_for_ever() -> None:
    identite = Identite(publique(RSA, "un"))
    jetons = identite.jetons()
    for _ in range(3):
        jetons.utilisateur_id(jwt.encode(BON, RSA, "RS256", {"kid": "un"}))
    assert identite.appels == 1
    identite.jwks = [publique(AUTRE_RSA, "deux")]
    assert jetons.utilisateur_id(jwt.encode(BON, AUTRE_RSA, "RS256", {"kid": "deux"})) == MOI
    for numero in range(20):
        assert refuse(jetons, jwt.encode(BON, RSA, "RS256", {"kid": f"inventée{numero}"}))
    assert identite.appels == module_cles.LECTURES


def test_an_identity_service_that_is_away_costs_nothing_while_its_keys_are_known() -> None:
    identite = Identite(publique(RSA, "un"))
    jetons = identite.jetons()
    bon = jwt.encode(BON, RSA, "RS256", {"kid": "un"})
    jetons.utilisateur_id(bon)
    identite.panne = True
    assert jetons.utilisateur_id(bon) == MOI
    assert refuse(jetons, jwt.encode(BON, RSA, "RS256", {"kid": "autre"}))
    jamais = Identite()
    jamais.panne = True
    with pytest.raises(Probleme) as leve:
        jamais.jetons().utilisateur_id(bon)
    assert leve.value.statut == 503


def test_without_a_secret_it_does_not_start() -> None:
    with pytest.raises(ConfigurationError, match="CRM_JWT_SECRET"):
        Jetons(Settings())
    with pytest.raises(ConfigurationError, match="CRM_JWT_JWKS_URL"):
        Jetons(Settings(crm_jwt_jwks_url="file:///etc/passwd"))


def test_a_refusal_says_nothing_of_why_and_holds_no_data(bureau: Bureau) -> None:
    reponses = [
        bureau.api.client.get(f"/clients/{next(iter(bureau.tout.clients))}", headers=entetes)
        for entetes in (
            {},
            {"Authorization": "Basic YTpi"},
            {"Authorization": "Bearer"},
            {"Authorization": f"Bearer {MAUVAIS['alg none']}"},
            {"Authorization": f"Bearer {MAUVAIS['passé']}"},
        )
    ]
    assert {reponse.status_code for reponse in reponses} == {401}
    assert len({reponse.text for reponse in reponses}) == 1
    assert {reponse.headers["www-authenticate"] for reponse in reponses} == {"Bearer"}
    assert {reponse.headers["cache-control"] for reponse in reponses} == {"no-store"}
    # Not even whether a parameter can be read is said to who has no token.
    assert bureau.api.client.get("/kpi/contrats-par-mois?du=x").status_code == 401

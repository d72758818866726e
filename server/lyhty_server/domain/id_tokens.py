"""What a municipal account's provider must say before anybody is believed (OpenID Connect Core 3.1.3.7; SPEC 12.2)."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from yarl import URL

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64encode

# Signatures that nobody but the holder of a private key makes: neither `none` nor one made with our own secret.
ALGORITHMS: Final = ("RS256", "PS256", "ES256")
LEEWAY_S: Final = 60
MAX_SUBJECT: Final = 255  # OpenID Connect Core 2


@dataclass(frozen=True, slots=True)
class Provider:
    """As the operator has set it; `back`: where the provider sends the browser."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    back: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    authorization: str
    token: str
    keys: str


def endpoints(provider: Provider, document: object) -> Endpoints:
    """Of the discovery document. Whatever it says, nobody but the issuer itself is ever spoken to.

    Raises:
        DomainError: `provider-refused`.
    """
    if not isinstance(document, dict) or document.get("issuer") != provider.issuer:
        raise DomainError(Code.PROVIDER_REFUSED)
    addresses = [document.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    return Endpoints(*(_of_issuer(provider, each) for each in addresses))


def _of_issuer(provider: Provider, address: object) -> str:
    try:
        is_theirs = isinstance(address, str) and URL(address).origin() == URL(provider.issuer).origin()
    except ValueError:
        is_theirs = False
    if not is_theirs:
        raise DomainError(Code.PROVIDER_REFUSED)
    return str(address)


def authorization_address(provider: Provider, endpoint: str, state: str, nonce: str, verifier: str) -> str:
    challenge = b64encode(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "client_id": provider.client_id,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "nonce": nonce,
        "redirect_uri": provider.back,
        "response_type": "code",
        "scope": "openid",
        "state": state,
    }
    return str(URL(endpoint).update_query(asked))


def subject_of(provider: Provider, id_token: object, keys: KeySet, nonce: str, now_s: int) -> str:
    """How the provider names the account, for good.

    Raises:
        DomainError: `provider-refused`.
    """
    must = jwt.JWTClaimsRegistry(
        now=now_s,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    if not isinstance(id_token, str):
        raise DomainError(Code.PROVIDER_REFUSED)
    try:
        claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
        must.validate(claims)
    except (JoseError, ValueError):
        raise DomainError(Code.PROVIDER_REFUSED) from None
    audience, subject = claims["aud"], claims["sub"]
    # For several at once, or for another who asked in our name: the one it was made for must be us.
    is_shared = isinstance(audience, list) and len(audience) > 1
    is_ours = claims.get("azp", None if is_shared else provider.client_id) == provider.client_id
    if not is_ours or not 1 <= len(subject) <= MAX_SUBJECT:
        raise DomainError(Code.PROVIDER_REFUSED)
    return str(subject)

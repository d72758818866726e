"""What passkeys sign, verified (WebAuthn): the rim around the library that does it (SPEC 9.8).

Origin and name of the site come from the server's own settings, never from what was asked.
"""

import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from lyhty_server.store.people_rows import PasskeyRow
from lyhty_wire.desk import Assertion, NewPasskey
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError

LOCALHOST: Final = "localhost"
_AT_LOCALHOST: Final = re.compile(r"https?://localhost(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Registered:
    credential_id: bytes
    public_key: bytes
    sign_count: int


class Verifier:
    def __init__(self, site: str | None) -> None:
        """`site`: where the pages are, as `https://name`; None: at localhost, whatever the port."""
        self._site = site
        self.rp_id = LOCALHOST if site is None else str(urlsplit(site).hostname)

    def register(self, new: NewPasskey) -> Registered:
        """
        Raises:
            ForgedError: `signature-invalid`.
        """
        # The library costs a fifth of a second, and most servers start without anybody registering.
        from webauthn import verify_registration_response
        from webauthn.helpers.structs import AuthenticatorAttestationResponse, RegistrationCredential

        client_data, credential = b64decode(new.client_data), b64decode(new.credential)
        response = AuthenticatorAttestationResponse(client_data, b64decode(new.attestation))
        try:
            verified = verify_registration_response(
                credential=RegistrationCredential(b64encode(credential), credential, response),
                expected_challenge=b64decode(new.challenge),
                expected_rp_id=self.rp_id,
                expected_origin=self._origin(client_data),
                require_user_verification=True,
            )
        except _REFUSALS() as error:
            raise ForgedError("signature-invalid", f"no passkey: {error}") from None
        if verified.credential_id != credential:
            raise ForgedError("signature-invalid", "another credential than it says")
        return Registered(verified.credential_id, verified.credential_public_key, verified.sign_count)

    def verify(self, assertion: Assertion, passkey: PasskeyRow) -> int:
        """The new sign count.

        Raises:
            ForgedError: `sign-in-failed`.
        """
        from webauthn import verify_authentication_response
        from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

        client_data, credential = b64decode(assertion.client_data), b64decode(assertion.credential)
        response = AuthenticatorAssertionResponse(
            client_data, b64decode(assertion.authenticator_data), b64decode(assertion.signature)
        )
        try:
            verified = verify_authentication_response(
                credential=AuthenticationCredential(b64encode(credential), credential, response),
                expected_challenge=b64decode(assertion.challenge),
                expected_rp_id=self.rp_id,
                expected_origin=self._origin(client_data),
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except _REFUSALS() as error:
            raise ForgedError("sign-in-failed", f"the passkey did not sign this: {error}") from None
        return verified.new_sign_count

    def _origin(self, client_data: bytes) -> str:
        """What the origin must be. At localhost any port will do, because only the server's own is behind it."""
        if self._site is not None:
            return self._site
        try:
            said = json.loads(client_data)["origin"]
        except (ValueError, LookupError, TypeError):
            return f"http://{LOCALHOST}"
        return said if isinstance(said, str) and _AT_LOCALHOST.fullmatch(said) else f"http://{LOCALHOST}"


def _REFUSALS() -> tuple[type[Exception], ...]:  # noqa: N802 - a constant that is looked up late
    """What the library raises for bytes that are no passkey's; some of it from underneath, as it comes."""
    from webauthn.helpers.exceptions import WebAuthnException

    return (WebAuthnException, LookupError, TypeError, ValueError)

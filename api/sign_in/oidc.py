"""Signing in by an OpenID Connect provider: authorization code with PKCE, state and nonce, and what its token must be.

The provider says who somebody is; whether there is an account of that name, and what it may do, is said here. What was
sent along to the provider waits in a session of its own, whose token only this browser has.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2 import OAuth2Error
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from governance.serve_settings import OidcSettings, client_secret
from governance.workspace import Workspace
from vocabulary.errors import RefusalError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""By which a token may be signed: by a key whose public half the provider shows; no shared secret, and not unsigned."""

LEEWAY = 60
"""Seconds by which the provider's clock may differ."""

KEPT_SECONDS = 3600
"""How long what the provider publishes of itself is kept."""

PATIENCE = 10.0
"""Seconds the provider may take to answer."""


@dataclass(frozen=True)
class Asked:
    """What was sent along to the provider, and has to come back."""

    address: str  # where the browser is sent
    state: str
    nonce: str
    verifier: str


@dataclass
class Provider:
    """A provider and what it publishes of itself."""

    settings: OidcSettings
    secret: str | None
    transport: httpx2.BaseTransport | None = None  # of tests; None for the network
    _kept: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    def ask(self, back: str) -> Asked:
        """Begin: where to send the browser.

        Parameters
        ----------
        back
            The address of ours to which the provider sends it back.

        Raises
        ------
        RefusalError
            The provider does not answer, or is not the one of the settings.
        """
        verifier, nonce = generate_token(64), generate_token(32)
        with self._client(back) as client:
            endpoint = str(self._metadata()["authorization_endpoint"])
            address, state = client.create_authorization_url(endpoint, code_verifier=verifier, nonce=nonce)
        return Asked(address, state, nonce, verifier)

    def identity(self, back: str, answer: Mapping[str, str], asked: Mapping[str, str]) -> tuple[str, bool]:
        """The name that the provider gives, and whether it stood for the second factor too.

        Parameters
        ----------
        back
            The address of ours that was given to `ask`.
        answer
            The query with which the browser came back.
        asked
            `state`, `nonce` and `verifier` of what was asked.

        Raises
        ------
        RefusalError
            The answer is not to what was asked, or the token is not one of this provider, for us, and of now.
        """
        issuer = answer.get("iss")
        if not hmac.compare_digest(answer.get("state", ""), asked["state"]) or issuer not in (
            None,
            self.settings.issuer,
        ):
            raise RefusalError("sign_in.provider_state")
        if "code" not in answer:
            raise RefusalError("sign_in.provider_refused")
        try:
            with self._client(back) as client:
                endpoint = str(self._metadata()["token_endpoint"])
                token = client.fetch_token(endpoint, code=answer["code"], code_verifier=asked["verifier"])
        except (OAuth2Error, httpx2.HTTPError, ValueError):
            raise RefusalError("sign_in.provider_refused") from None
        claims = self._claims(str(token.get("id_token", "")), asked["nonce"])
        name = claims.get(self.settings.claim)
        if not isinstance(name, str) or not name:
            raise RefusalError("sign_in.provider_names_nobody", claim=self.settings.claim)
        return name, self._stands_for_second_factor(claims)

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """What an ID token says, once its signature and what it is bound to were checked (OIDC Core, 3.1.3.7)."""
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._decoded(token)
            registry.validate(claims)
        except (JoseError, ValueError):
            raise RefusalError("sign_in.provider_token") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.settings.client_id:
            raise RefusalError("sign_in.provider_token")
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        """The claims under a signature of the provider's; its keys are fetched anew once, as they may have changed."""
        try:
            return dict(jwt.decode(token, self._keys(), algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError):
            self._kept.pop("jwks_uri", None)
            return dict(jwt.decode(token, self._keys(), algorithms=ALGORITHMS).claims)

    def _keys(self) -> KeySet:
        return KeySet.import_key_set(self._published("jwks_uri", str(self._metadata()["jwks_uri"])))  # type: ignore[arg-type]

    def _metadata(self) -> dict[str, Any]:
        address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = self._published("metadata", address)
        if found.get("issuer") != self.settings.issuer:
            raise RefusalError("sign_in.provider_other")
        return found

    def _published(self, name: str, address: str) -> dict[str, Any]:
        held = self._kept.get(name)
        if held is not None and time.monotonic() - held[0] < KEPT_SECONDS:
            return held[1]
        try:
            with httpx2.Client(transport=self.transport, timeout=PATIENCE) as client:
                found = dict(client.get(address).raise_for_status().json())
        except (httpx2.HTTPError, ValueError, TypeError):
            raise RefusalError("sign_in.provider_silent") from None
        self._kept[name] = (time.monotonic(), found)
        return found

    def _client(self, back: str) -> OAuth2Client:
        return OAuth2Client(
            self.settings.client_id,
            self.secret,
            token_endpoint_auth_method="none" if self.secret is None else "client_secret_basic",
            scope=" ".join(self.settings.scopes),
            redirect_uri=back,
            code_challenge_method="S256",
            transport=self.transport,
            timeout=PATIENCE,
        )

    def _stands_for_second_factor(self, claims: Mapping[str, Any]) -> bool:
        methods = claims.get("amr")
        used = set(methods) if isinstance(methods, list) else set()
        return bool(used & set(self.settings.second_factor_amr)) or (
            claims.get("acr") in self.settings.second_factor_acr
        )


def provider(workspace: Workspace) -> Provider | None:
    """The provider of a workspace's settings, if they name one.

    Raises
    ------
    WorkspaceError
        The file of the client's secret is not there, or can be read by others.
    """
    settings = workspace.settings.oidc
    return None if settings is None else Provider(settings, client_secret(workspace.path, settings))

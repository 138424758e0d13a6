"""Settings of the dashboard in `mimamori.toml`: how it is served, how long sessions last, who else tells who it is."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vocabulary.errors import WorkspaceError
from vocabulary.texts import text

OIDC_SECRET_VARIABLE = "MIMAMORI_OIDC_SECRET"  # noqa: S105 - the name of a variable

HostName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])$")]


def _network(address: str) -> str:
    try:
        return str(ip_network(address, strict=False))
    except ValueError:
        raise PydanticCustomError("address", text("sign_in.address_malformed")) from None


def _issuer(address: str) -> str:
    """Over TLS, but for a provider on this machine."""
    parts = urlsplit(address)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise PydanticCustomError("issuer", text("sign_in.issuer_malformed"))
    return address


class ServeSettings(BaseModel):
    """`[serve]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    names: tuple[HostName, ...] = ()  # host names it answers to, besides those of this machine
    tls_cert: Path | None = None  # files in PEM, from the workspace's folder
    tls_key: Path | None = None
    behind_proxy: tuple[Annotated[str, AfterValidator(_network)], ...] = ()  # addresses whose X-Forwarded-* is believed
    public_log: bool = False  # whether /public/log shows everybody what of the run log is public


class SignInSettings(BaseModel):
    """`[sign_in]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    idle_minutes: Annotated[int, Field(ge=2, le=60)] = 15  # without a request, then a session ends
    session_hours: Annotated[int, Field(ge=1, le=12)] = 8  # from signing in, then it ends in any case


class OidcSettings(BaseModel):
    """`[oidc]`: an OpenID Connect provider, such as the city hall's own directory."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str
    client_secret_file: Path | None = None  # from the workspace's folder; MIMAMORI_OIDC_SECRET goes before it
    title: str = "OpenID Connect"  # what the button says
    claim: str = "preferred_username"  # that names the account
    scopes: tuple[str, ...] = ("openid", "profile")
    second_factor_amr: tuple[str, ...] = ()  # methods (RFC 8176) any of which stands for the second factor
    second_factor_acr: tuple[str, ...] = ()  # classes any of which does

    @model_validator(mode="after")
    def _asks_for_identity(self) -> Self:
        if "openid" not in self.scopes:
            raise PydanticCustomError("scopes", text("sign_in.scopes_malformed"))
        return self


def client_secret(folder: Path, settings: OidcSettings) -> str | None:
    """The secret by which the provider knows us; None for a client without one.

    Raises
    ------
    WorkspaceError
        Its file is not there, or can be read by others.
    """
    given = os.environ.get(OIDC_SECRET_VARIABLE)
    if given or settings.client_secret_file is None:
        return given
    file = folder / settings.client_secret_file
    if not file.is_file():
        raise WorkspaceError("sign_in.secret_file_absent", file=file.name)
    if file.stat().st_mode & 0o077:
        raise WorkspaceError("sign_in.secret_file_open", file=file.name)
    return file.read_text("utf-8").strip()

"""Signing in by OpenID Connect: against a provider in a process of its own, and against answers that prove nothing."""

import base64
import contextlib
import hashlib
import json
import socket
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from api.sign_in import oidc
from api.sign_in.oidc import Provider
from governance.account_state import Role
from governance.runlog import Kind, entries
from governance.serve_settings import OidcSettings
from governance.workspace import Workspace
from tests.unit.api.sign_in_client import FIRST, Browser, add_account, moved
from vocabulary.errors import RefusalError, WorkspaceError

__all__ = ["moved"]

ISSUER = "https://id.example.jp"
BACK = "http://localhost/sign-in/oidc/back"
CLIENT = "mimamori"


@pytest.fixture(scope="module")
def provider():
    """A provider in a process of its own; its address."""
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    people = [
        {"sub": "1", "preferred_username": FIRST},
        {"sub": "2", "preferred_username": FIRST, "amr": ["pwd", "mfa"]},
        {"sub": "3", "preferred_username": "nobody"},
        {"sub": "4"},
    ]
    claims = [part for one in people for part in ("--user-claims", json.dumps(one))]
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-registration",
        "true",
        *claims,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(200):
                with contextlib.suppress(httpx.HTTPError):
                    httpx.get(f"{address}/.well-known/openid-configuration")
                    break
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()


@pytest.fixture
def browser(provider, tmp_path, moved):
    """A browser of a workspace whose settings name the provider, with which we are registered."""
    registered = httpx.post(f"{provider}/oauth2/clients", json={"redirect_uris": [BACK]}).json()
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "mimamori.toml").write_text(
        f'[oidc]\nissuer = "{provider}"\nclient_id = "{registered["client_id"]}"\ntitle = "市の認証"\n'
        'client_secret_file = "secret"\nsecond_factor_amr = ["mfa"]\n'
    )
    workspace = Workspace.create(folder)
    (folder / "secret").write_text(registered["client_secret"])
    (folder / "secret").chmod(0o600)
    add_account(workspace, FIRST, Role.ADMINISTRATOR, actor="os:test")
    return Browser(workspace)


def to_provider(browser, to="/account"):
    """Where the browser is sent."""
    answer = browser.ask(f"/sign-in/oidc?to={to}")
    assert answer.status_code == 303
    return answer.headers["location"]


def at_provider(address, person):
    """What somebody does at the provider; the path and query with which the provider sends the browser back."""
    answer = httpx.post(address, data={"sub": person})
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    return f"{back.path}?{back.query}"


def test_the_way_by_the_provider_then_the_second_factor(browser):
    assert "市の認証" in browser.ask("/sign-in").text
    answer = browser.ask(at_provider(to_provider(browser), "1"))
    assert answer.headers["location"] == "/sign-in/second?to=%2Faccount"
    assert browser.ask("/account").status_code == 303
    assert "<svg" in browser.ask("/sign-in/second").text


def test_the_provider_may_stand_for_the_second_factor(browser):
    answer = browser.ask(at_provider(to_provider(browser), "2"))
    assert answer.headers["location"] == "/account"
    assert browser.ask("/account").status_code == 200
    with browser.workspace.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.SIGNED_IN])
    assert entry.content["way"] == "oidc"


@pytest.mark.parametrize("person", ["3", "4"])
def test_nobody_without_an_account_is_let_in(browser, person):
    answer = browser.ask(at_provider(to_provider(browser), person))
    assert answer.status_code == 401
    assert browser.token() is None
    assert browser.ask("/account").status_code == 303


def test_an_answer_is_taken_once_and_by_the_browser_that_asked(browser):
    back = at_provider(to_provider(browser), "2")
    stranger = Browser(browser.workspace, application=browser.application)
    assert stranger.ask(back).status_code == 401
    assert browser.ask(back).status_code == 303
    assert browser.ask(back).status_code == 401


def test_another_state_is_refused(browser):
    back = at_provider(to_provider(browser), "2")
    assert browser.ask(back.replace("state=", "state=x")).status_code == 401


def test_a_code_that_another_way_was_given_is_refused(browser):
    """The code of one's own way, injected into another's, does not fit what that was asked with."""
    taken = parse_qs(urlsplit(at_provider(to_provider(browser), "2")).query)["code"][0]
    other = Browser(browser.workspace, application=browser.application)
    state = parse_qs(urlsplit(to_provider(other)).query)["state"][0]
    assert other.ask(f"/sign-in/oidc/back?code={taken}&state={state}").status_code == 401


def test_a_denial_at_the_provider_is_said_so(browser):
    state = parse_qs(urlsplit(to_provider(browser)).query)["state"][0]
    answer = browser.ask(f"/sign-in/oidc/back?error=access_denied&state={state}")
    assert answer.status_code == 401
    assert "認めませんでした" in answer.text


def test_what_is_sent_to_the_provider(browser):
    asked = parse_qs(urlsplit(to_provider(browser)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["nonce"][0]) >= 32
    assert asked["redirect_uri"] == [BACK]


def test_the_code_is_redeemed_with_the_verifier_whose_hash_was_sent():
    sent = []

    def answer(request):
        if request.url.path == "/token":
            sent.append(parse_qs(request.content.decode()))
        return made(request)

    one = answering("")
    made, one.transport = one.transport.handler, httpx2.MockTransport(answer)
    asked = one.ask(BACK)
    challenge = parse_qs(urlsplit(asked.address).query)["code_challenge"][0]
    with pytest.raises(RefusalError):
        one.identity(BACK, {"state": asked.state, "code": "c"}, vars(asked))
    hashed = base64.urlsafe_b64encode(hashlib.sha256(sent[0]["code_verifier"][0].encode()).digest())
    assert hashed.decode().rstrip("=") == challenge
    assert sent[0]["redirect_uri"] == [BACK]


def test_without_a_provider_there_is_no_such_page(empty):
    assert Browser(empty).ask("/sign-in/oidc").status_code == 404


KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})


def answering(token, *, issuer=ISSUER, settings=None):
    """A provider whose answers are made up: its keys are `KEY`, and its ID token is `token`."""

    def answer(request):
        if request.url.path.endswith("openid-configuration"):
            return httpx2.Response(
                200,
                json={
                    "issuer": issuer,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "jwks_uri": f"{ISSUER}/keys",
                },
            )
        if request.url.path == "/keys":
            return httpx2.Response(200, json=KeySet([KEY]).as_dict(private=False))
        return httpx2.Response(200, json={"access_token": "x", "token_type": "Bearer", "id_token": token})

    chosen = OidcSettings(issuer=ISSUER, client_id=CLIENT, **(settings or {}))
    return Provider(chosen, "secret", httpx2.MockTransport(answer))


def claims(**other):
    now = int(time.time())
    sound = {
        "iss": ISSUER,
        "aud": CLIENT,
        "exp": now + 300,
        "iat": now,
        "sub": "1",
        "nonce": "n",
        "preferred_username": FIRST,
    }
    return {name: value for name, value in (sound | other).items() if value is not None}


def signed(said, key=KEY, algorithm="RS256"):
    return jwt.encode({"alg": algorithm, "kid": "1"}, said, key, algorithms=[algorithm])


ASKED = {"state": "s", "nonce": "n", "verifier": "v" * 48}


def identity(provider, **answer):
    return provider.identity(BACK, {"state": "s", "code": "c"} | answer, ASKED)


def test_a_sound_token_names_the_account():
    assert identity(answering(signed(claims()))) == (FIRST, False)
    assert identity(answering(signed(claims(aud=[CLIENT]))), iss=ISSUER) == (FIRST, False)
    assert identity(answering(signed(claims(aud=[CLIENT, "x"], azp=CLIENT)))) == (FIRST, False)


@pytest.mark.parametrize(
    "token",
    [
        signed(claims(), OTHER),
        signed(claims(iss="https://elsewhere.example")),
        signed(claims(iss=None)),
        signed(claims(aud="another")),
        signed(claims(aud=["another", CLIENT])),  # several, and none named as who asked
        signed(claims(aud=CLIENT, azp="another")),
        signed(claims(nonce="another")),
        signed(claims(nonce=None)),
        signed(claims(exp=int(time.time()) - 120)),
        signed(claims(exp=None)),
        signed(claims(iat=int(time.time()) + 600)),
        signed(claims(sub=None)),
        jwt.encode({"alg": "HS256"}, claims(), OctKey.import_key("secret" * 8)),
        "",
        "a.b.c",
    ],
)
def test_a_token_that_proves_nothing_is_refused(token):
    with pytest.raises(RefusalError, match=r"."):
        identity(answering(token))


def test_a_token_without_a_signature_is_refused():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    with pytest.raises(RefusalError):
        identity(answering(f"{part({'alg': 'none'})}.{part(claims())}."))


def test_another_issuer_s_metadata_are_refused():
    with pytest.raises(RefusalError):
        answering("", issuer="https://elsewhere.example").ask(BACK)


def test_an_answer_that_names_another_issuer_is_refused():
    with pytest.raises(RefusalError):
        identity(answering(signed(claims())), iss="https://elsewhere.example")


def test_classes_and_methods_stand_for_the_second_factor_only_where_the_settings_say_so():
    said = signed(claims(amr=["otp"], acr="loa2"))
    assert identity(answering(said))[1] is False
    assert identity(answering(said, settings={"second_factor_amr": ("otp",)}))[1] is True
    assert identity(answering(said, settings={"second_factor_acr": ("loa2",)}))[1] is True
    assert identity(answering(signed(claims(amr="otp")), settings={"second_factor_amr": ("otp",)}))[1] is False


def test_keys_that_changed_are_fetched_anew(monkeypatch):
    one = answering(signed(claims()))
    one._kept["jwks_uri"] = (time.monotonic(), KeySet([OTHER]).as_dict(private=False))
    assert identity(one) == (FIRST, False)


@pytest.mark.parametrize("issuer", ["http://id.example.jp", "ftp://x", "id.example.jp"])
def test_an_issuer_is_reached_over_tls(tmp_path, issuer):
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "mimamori.toml").write_text(f'[oidc]\nissuer = "{issuer}"\nclient_id = "x"\n')
    with pytest.raises(WorkspaceError):
        Workspace.create(folder)


def test_a_client_secret_that_others_can_read_is_refused(empty, monkeypatch):
    monkeypatch.delenv("MIMAMORI_OIDC_SECRET", raising=False)
    (empty.path / "secret").write_text("x")
    (empty.path / "secret").chmod(0o644)
    settings = OidcSettings(issuer=ISSUER, client_id=CLIENT, client_secret_file="secret")
    workspace = Workspace(empty.path, empty.settings.model_copy(update={"oidc": settings}), empty.engine)
    with pytest.raises(WorkspaceError):
        oidc.provider(workspace)
    monkeypatch.setenv("MIMAMORI_OIDC_SECRET", "y")
    assert oidc.provider(workspace).secret == "y"

"""Beyond this machine: only with accounts, under names, over TLS; and whose word on who asks is believed."""

import asyncio
import ssl
import threading
import time

import httpx
import pytest
import uvicorn

from governance import accounts
from governance.account_state import Role
from governance.serve_settings import ServeSettings
from governance.workspace import Workspace
from mimamori import serving
from vocabulary.errors import RefusalError, UsageError

NAME = "mimamori.example.jp"


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "workspace", actor="os:test")


@pytest.fixture
def staffed(workspace):
    accounts.add(workspace, "yamada", Role.ADMINISTRATOR, actor="os:test")
    return workspace


@pytest.fixture
def tls(staffed):
    """Names of a certificate and a key in the workspace's folder."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (staffed.path / "cert.pem").write_bytes(made.public_bytes(pem))
    (staffed.path / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    return {"tls_cert": "cert.pem", "tls_key": "key.pem"}


def terms(workspace, host="127.0.0.1", **asked):
    return serving.terms(workspace, ServeSettings(**asked), host=host, port=8000)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_this_machine_nothing_is_needed(workspace, host):
    assert not terms(workspace, host).secure


@pytest.mark.parametrize("asked", [{}, {"names": (NAME,)}, {"behind_proxy": ("10.0.0.1",), "names": (NAME,)}])
def test_without_accounts_it_is_not_offered_beyond_this_machine(workspace, asked):
    with pytest.raises(RefusalError) as refused:
        terms(workspace, "0.0.0.0", **asked)
    assert refused.value.key == "sign_in.no_accounts_beyond"


def test_a_proxy_in_front_is_beyond_this_machine_too(workspace):
    with pytest.raises(RefusalError):
        terms(workspace, "127.0.0.1", behind_proxy=("127.0.0.1",), names=(NAME,))


def test_beyond_this_machine_it_needs_tls_and_a_name(staffed, tls):
    with pytest.raises(RefusalError) as refused:
        terms(staffed, "0.0.0.0", names=(NAME,))
    assert refused.value.key == "sign_in.no_tls_beyond"
    with pytest.raises(RefusalError) as refused:
        terms(staffed, "0.0.0.0", **tls)
    assert refused.value.key == "sign_in.no_names_beyond"
    found = terms(staffed, "0.0.0.0", names=(NAME.upper(),), **tls)
    assert (found.secure, found.names, found.address) == (True, (NAME,), f"https://{NAME}:8000/")


def test_settings_count_where_the_command_says_nothing(tmp_path):
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "mimamori.toml").write_text(f'[serve]\nnames = ["{NAME}"]\nbehind_proxy = ["10.1.0.0/16"]\n')
    workspace = Workspace.create(folder, actor="os:test")
    accounts.add(workspace, "yamada", Role.ADMINISTRATOR, actor="os:test")
    found = terms(workspace)
    assert (found.names, found.behind_proxy, found.address) == ((NAME,), ("10.1.0.0/16",), f"https://{NAME}/")


@pytest.mark.parametrize("asked", [{"tls_cert": "cert.pem"}, {"tls_cert": "no.pem", "tls_key": "key.pem"}])
def test_half_of_tls_or_files_that_are_not_there_are_refused(staffed, tls, asked):
    with pytest.raises(UsageError):
        terms(staffed, **asked)


def test_nobody_s_forwarded_address_is_believed_unless_a_proxy_is_named(staffed):
    assert serving.options(terms(staffed))["proxy_headers"] is False
    proxied = serving.options(terms(staffed, behind_proxy=("10.0.0.1",), names=(NAME,)))
    assert (proxied["proxy_headers"], proxied["forwarded_allow_ips"]) == (True, ["10.0.0.1/32"])


@pytest.mark.parametrize(
    ("client", "status"),
    [(("10.0.0.1", 1), 200), (("10.0.0.2", 1), 421), (("127.0.0.1", 1), 421), (None, 421)],
)
def test_whoever_goes_round_the_proxy_is_turned_away(client, status):
    sent = []

    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})

    async def send(message):
        sent.append(message)

    guarded = serving.FromProxyOnly(answer, ["10.0.0.1/32"])
    asyncio.run(guarded({"type": "http", "client": client}, None, send))
    assert sent[0]["status"] == status


def running(workspace, found, port):
    """A real server in a thread; ends with the test."""
    listener = serving.listening("127.0.0.1", port)
    config = uvicorn.Config(serving.application(workspace, found), **serving.options(found))
    config.load()
    if found.behind_proxy:
        config.loaded_app = serving.FromProxyOnly(config.loaded_app, found.behind_proxy)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    return server, thread, listener.getsockname()[1]


def test_over_tls_files_for_real(staffed, tls):
    found = terms(staffed, names=(NAME,), **tls)
    server, thread, port = running(staffed, found, 0)
    context = ssl.create_default_context(cafile=staffed.path / "cert.pem")
    context.check_hostname = False  # the address is a number here; the chain is checked
    try:
        with httpx.Client(verify=context, headers={"Host": NAME}) as client:
            answer = client.get(f"https://127.0.0.1:{port}/sign-in")
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"].startswith("max-age=")
            assert "server" not in answer.headers
            assert client.get(f"https://127.0.0.1:{port}/", headers={"Host": "example.org"}).status_code == 421
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"https://127.0.0.1:{port}/", verify=old)
    finally:
        server.should_exit = True
        thread.join(10)


def test_behind_a_proxy_for_real(staffed):
    found = terms(staffed, names=(NAME,), behind_proxy=("127.0.0.1",))
    server, thread, port = running(staffed, found, 0)
    address, proxied = f"http://127.0.0.1:{port}/sign-in", {"Host": NAME, "X-Forwarded-For": "192.0.2.7"}
    try:
        assert httpx.get(address, headers=proxied | {"X-Forwarded-Proto": "https"}).status_code == 200
        assert httpx.get(address, headers=proxied).status_code == 421  # the browser's way was not over TLS
        assert httpx.get(address, headers={"X-Forwarded-Proto": "https"}).status_code == 421  # the machine's own name
    finally:
        server.should_exit = True
        thread.join(10)

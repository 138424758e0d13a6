"""A browser that signs in to an application without a network, and a clock that tests move."""

import html
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from governance import account_roles, accounts, clock
from governance.account_state import GIVEN_BY_TWO, Role

PASSWORD = "kumo-himawari-7-tsukue"
ANOTHER = "mado-ringo-42-densha"
FIRST = "yamada"
"""The first account, an administrator's."""


class Clock:
    """The time that sessions, codes and limits go by."""

    def __init__(self):
        self.time = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.time

    def forward(self, **lengths):
        self.time += timedelta(**lengths)


class Browser(TestClient):
    """Sends what a browser sends, does not follow redirections by itself, and knows the secrets of second factors."""

    def __init__(self, workspace, *, base_url="http://localhost", address="192.0.2.1", application=None, **options):
        self.application = application or create_app(workspace, **options)
        super().__init__(self.application, base_url=base_url, follow_redirects=False, client=(address, 50000))
        self.workspace = workspace
        self.secrets = {}

    def ask(self, path, **options):
        return self.get(path, headers={"Sec-Fetch-Site": "none"}, **options)

    def submit(self, path, headers=None, **form):
        sent = {"Origin": str(self.base_url), "Sec-Fetch-Site": "same-origin"} | (headers or {})
        return self.post(path, data=form, headers={name: value for name, value in sent.items() if value})

    def by_password(self, name=FIRST, password=PASSWORD, to="/"):
        return self.submit("/sign-in", name=name, password=password, to=to)

    def code(self, name=FIRST):
        return pyotp.TOTP(self.secrets[name]).at(clock.now())

    def by_code(self, name=FIRST, to="/", code=None):
        return self.submit("/sign-in/second", code=code or self.code(name), to=to)

    def sign_in(self, name=FIRST, password=PASSWORD, to="/"):
        """The whole way; the second factor is set where it is not yet."""
        assert self.by_password(name, password).status_code == 303
        page = self.ask("/sign-in/second").text
        shown = re.search(r"<code>([A-Z2-7 ]{39})</code>", html.unescape(page))
        if shown:
            self.secrets[name] = shown[1].replace(" ", "")
        answer = self.by_code(name, to)
        assert answer.status_code == 303, answer.text
        return answer

    def token(self):
        """What the browser's session cookie holds."""
        return next((one.value for one in self.cookies.jar if one.name in ("session", "__Host-session")), None)


def add_account(workspace, name, role=Role.SUPPORT_WORKER, schools=(), actor=FIRST, password=PASSWORD):
    """An active account; of a role that two give, confirmed by a second administrator."""
    made = accounts.add(workspace, name, role, schools=schools, actor=actor)
    if role in GIVEN_BY_TWO and made.token is None:
        second = "second"
        if second not in {one.name for one in accounts.list_accounts(workspace)}:
            add_account(workspace, second, Role.COUNCIL, actor=actor)
        made = account_roles.confirm(workspace, name, actor=second)
    accounts.set_password(workspace, name, made.token, password)


@pytest.fixture
def moved(monkeypatch):
    """The clock, which the test moves."""
    one = Clock()
    monkeypatch.setattr(clock, "now", one)
    return one


@pytest.fixture
def staffed(empty):
    """A workspace whose first account is an administrator's."""
    add_account(empty, FIRST, Role.ADMINISTRATOR, actor="os:test")
    return empty


@pytest.fixture
def browser(staffed, moved):
    return Browser(staffed)

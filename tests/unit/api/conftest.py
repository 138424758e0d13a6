"""A workspace with one run of a few flags, and a client that asks the application without a network."""

import asyncio
from datetime import date

import httpx
import pytest

from api.app import create_app
from governance import register
from governance.gate import admit
from governance.staging import stage
from governance.workspace import Workspace
from tests.unit.api.published_run import flags, held_flags, write_run
from vocabulary.source import load_sources

APPROVAL = """\
id = "2026-03"
title = "試行"
authority = "個人情報保護審議会"
legal_basis = "個人情報保護法第69条第2項第2号"
decided_on = 2026-03-12
valid_from = 2026-04-01
valid_until = 2027-03-31
purpose = "early support for children in hardship"
retention_days = 1825
extract_retention_days = 90
recipients = ["support_team"]
[sources]
school = ["*"]
"""


@pytest.fixture
def empty(tmp_path):
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def workspace(empty):
    return with_a_run(empty, flags(120), held_flags(121, 122))


@pytest.fixture
def unflagged(empty):
    """A workspace whose run raised no flag."""
    return with_a_run(empty, flags(0).clear(), held_flags())


def with_a_run(empty, shown, held):
    register.add(empty, APPROVAL, file="a.toml", sources=load_sources(), actor="os:test")
    grant = admit(empty, "2026-03", today=date(2026, 5, 1), delivered=["school"], actor="os:test")
    with stage(empty, grant, actor="os:test") as staged:
        write_run(staged, shown, held)
        staged.publish(inputs=[], parameters={}, counts={}, seeds={})
    return empty


@pytest.fixture
def ask():
    """Asks a workspace's application for a path."""

    def answer(workspace, path, headers=None):
        async def get():
            transport = httpx.ASGITransport(app=create_app(workspace))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(get())

    return answer


@pytest.fixture
def visit(workspace, monkeypatch):
    """Asks the application as somebody: `visit(path)`, `visit(path, data)`, `visit(path, actor=…)`."""
    app = create_app(workspace)

    def signed(actor):
        def remember(request):
            request.state.actor = actor
            return actor

        return remember

    def send(path, data=None, *, actor=None):
        if actor is not None:
            monkeypatch.setattr("api.frame.permission.signed_in", signed(actor))

        async def answer():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await (client.get(path) if data is None else client.post(path, data=data))

        return asyncio.run(answer())

    return send

"""A workspace with one run of a few flags, and a client that asks the application without a network."""

import asyncio
import json
from datetime import date

import httpx
import polars as pl
import pytest

from api.app import create_app
from governance import register
from governance.custody import DataClass
from governance.gate import admit
from governance.staging import stage
from governance.workspace import Workspace
from vocabulary.frames import FLAGS
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


def flags(rows):
    """As many flags of 2025, alternately of two kinds, and one of 2024."""
    reasons = json.dumps([{"ja": f"理由{n}", "en": f"Reason {n}", "contribution": 0.1} for n in range(5)])
    listed = [
        {
            "person_id": f"p{row:05}",
            "year": 2025 if row else 2024,
            "as_of": date(2025 if row else 2024, 4, 1),
            "kind": "learning" if row % 2 else "attendance",
            "score": 0.5,
            "rank": row or 1,
            "reasons": reasons,
            "link_confidence": 0.99,
            "already_supported": False,
        }
        for row in range(rows + 1)
    ]
    return pl.DataFrame(listed, schema=FLAGS)


@pytest.fixture
def empty(tmp_path):
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def workspace(empty):
    return with_a_run(empty, flags(120), flags(2))


@pytest.fixture
def unflagged(empty):
    """A workspace whose run raised no flag."""
    return with_a_run(empty, flags(0).clear(), flags(0).clear())


def with_a_run(empty, shown, held):
    register.add(empty, APPROVAL, file="a.toml", sources=load_sources(), actor="os:test")
    grant = admit(empty, "2026-03", today=date(2026, 5, 1), delivered=["school"], actor="os:test")
    with stage(empty, grant, actor="os:test") as staged:
        staged.write_frame("flags", shown, DataClass.PSEUDONYMOUS)
        staged.write_frame("held_flags", held, DataClass.PSEUDONYMOUS)
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

"""A workspace with a run of two sources of which rows were set aside, and a client of its application for any actor."""

import asyncio
from datetime import UTC, date, datetime

import httpx
import polars as pl

from api.app import create_app
from api.runs.operating import Delivered
from api.services import Services
from governance import jobs, register
from governance.access import Actor
from governance.account_state import Role
from governance.custody import DataClass
from governance.deliveries import HeldFile
from governance.gate import admit
from governance.manifest import Input
from governance.staging import stage
from tests.unit.governance.conftest import APPROVAL
from vocabulary.frames import REJECTS
from vocabulary.source import load_sources

OPERATOR = Actor("unei", Role.OPERATOR)
COUNCIL = Actor("shingikai", Role.COUNCIL)
ANALYST = Actor("bunseki", Role.ANALYST)
SCHOOL_OFFICE = Actor("gakko", Role.DATA_OWNER, sources=frozenset({"school"}))

SET_ASIDE = [
    ("school", "school.csv", 2, "as_of", "=HYPERLINK(1)", "as_of_not_a_date"),
    ("school", "school.csv", 9, "as_of", "髙橋花子", "as_of_not_a_date"),
    ("school", "school.csv", 11, None, "29", "ragged_row"),
    ("welfare", "welfare.csv", 3, "tax_exempt", "-5", "value_not_allowed"),
]

SHA256 = "a" * 64


def publish_run(workspace):
    """Publish a run; its id."""
    register.add(workspace, APPROVAL, file="a.toml", sources=load_sources(), actor="os:test")
    grant = admit(workspace, "2026-03", today=date(2026, 5, 1), delivered=["school", "welfare"], actor="unei")
    with stage(workspace, grant, actor="unei") as staged:
        rejects = pl.DataFrame(SET_ASIDE, schema=REJECTS, orient="row")
        staged.write_frame("rejects", rejects, DataClass.EXTRACTS)
        staged.publish(
            inputs=[
                Input(name="school.csv", source="school", sha256="1" * 64, delivered=503, accepted=500, set_aside=3),
                Input(name="welfare.csv", source="welfare", sha256="2" * 64, delivered=101, accepted=100, set_aside=1),
            ],
            parameters={"capacity": 0.02, "retrain": False, "indicator_rules": "f" * 64},
            counts={"link": {"persons": 252, "merged": 3}, "flags": {"shown": 41, "held": 2}, "rejects": {"x": 1}},
            seeds={},
        )
    return staged.run_id


class Served:
    """Answers `api.runs.operating.Operating` without a process: what is started is asked for, and goes no further."""

    stages = ("output.stage_begin", "output.stage_read", "output.stage_publish")

    def __init__(self, workspace):
        self.workspace = workspace
        self.asked = []
        self.locks = []

    def delivered(self, name):
        files = (HeldFile("school.csv", 2048, datetime(2026, 4, 1, tzinfo=UTC), "3" * 64),)
        return Delivered(name, files, {"school.csv": "school"}, SHA256)

    def start(self, actor, asked):
        self.asked.append(asked)
        job, lock = jobs.ask(
            self.workspace,
            actor,
            approval=asked.approval,
            delivery=asked.delivery,
            delivery_sha256=asked.delivery_sha256,
            parameters=asked.parameters(),
        )
        self.locks.append(lock)
        return job

    def crate(self, run_id):
        return b"PK" + run_id.encode()


class Client:
    """Asks a workspace's application as an actor."""

    def __init__(self, workspace, monkeypatch):
        self.workspace = workspace
        self.served = Served(workspace)
        self.app = create_app(workspace, Services(operating=self.served))
        self.monkeypatch = monkeypatch

    def ask(self, actor, path, *, data=None, json=None, headers=None):
        """The answer to a GET, or to a POST where there is something to send."""
        self.monkeypatch.setattr("api.frame.permission.signed_in", lambda _: actor)

        async def answer():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                if data is None and json is None:
                    return await client.get(path, headers=headers)
                return await client.post(path, data=data, json=json, headers=headers)

        return asyncio.run(answer())

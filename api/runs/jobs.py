"""Runs asked for from a page: start one on a delivery under an approval, see how far it has come, stop it."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render, see
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.times import local_time
from api.runs.deliveries import Starter, delivery_page
from api.runs.operating import Asked
from api.runs.runs import PageNumber, PageRows, service
from governance import jobs
from governance.access import Actor
from governance.jobs import Job
from governance.workspace import Workspace
from vocabulary.errors import MimamoriError, RefusalError
from vocabulary.texts import Language, text

router = APIRouter(route_class=PageRoute)

Written = Annotated[str, Form(max_length=200)]
ApprovalId = Annotated[str, Form(max_length=80)]

PRINTED = r"^[^\x00-\x1f\x7f]+$"
"""Without control characters, which databases do not all take."""

RELOAD_SECONDS = 10
"""How often a page reloads itself where its reader asked for that."""


class StageShown(BaseModel):
    """A stage of a run, and whether it is done."""

    key: str
    title: str
    state: Literal["done", "under_way", "to_come"]
    state_title: str
    began: str | None


class JobShown(BaseModel):
    """A run that was asked for, as it stands."""

    id: str
    state: str
    said: str  # the state in words, and the stage under way
    approval: str
    delivery: str
    parameters: dict[str, Any]
    asked_by: str
    asked: str  # local
    ended: str | None
    stopping: bool
    run: str | None  # once it is published
    reason: str | None  # why it failed, and what to do
    active: bool
    stages: list[StageShown]


class JobList(BaseModel):
    """One page of the jobs, the newest first."""

    total: int
    page: int
    jobs: list[JobShown]


class RunAsked(BaseModel):
    """A run to be started. Settings that are left out are the city's."""

    approval: str = Field(min_length=1, max_length=80, pattern=PRINTED)
    delivery: str = Field(min_length=1, max_length=255, pattern=PRINTED)
    delivery_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="as GET /api/v1/deliveries/{name} told it")
    as_of: date | None = None
    capacity: float | int | None = Field(None, gt=0, le=10_000_000, description="a share up to 1, or a whole number")
    max_set_aside: float | None = Field(None, ge=0, le=1)
    min_link_confidence: float | None = Field(None, ge=0, le=1)
    retrain: bool = False


@router.post("/runs/jobs", include_in_schema=False)
def start(
    request: Request,
    actor: Starter,
    delivery: Annotated[str, Form(max_length=255)],
    sha256: Annotated[str, Form(max_length=64)],
    approval: ApprovalId = "",
    as_of: Written = "",
    capacity: Written = "",
    max_set_aside: Written = "",
    min_link_confidence: Written = "",
    retrain: Annotated[bool, Form()] = False,
) -> Response:
    """Start a run by the form; where something is wrong with it, the form again with what is."""
    form = {
        "approval": approval,
        "as_of": as_of,
        "capacity": capacity,
        "max_set_aside": max_set_aside,
        "min_link_confidence": min_link_confidence,
        "retrain": retrain,
    }
    serving = service(request)
    asked, errors = read_form(form, delivery, sha256, language_of(request))
    if asked is None:
        return delivery_page(request, delivery, form=form, errors=errors, status=422)
    try:
        return see(f"/runs/jobs/{serving.start(actor, asked).id}")
    except RefusalError:
        raise
    except MimamoriError as error:
        return delivery_page(request, delivery, form=form, errors={"delivery": str(error)}, status=409)


@router.post(JSON_ROOT + "v1/jobs", status_code=201)
def start_json(request: Request, actor: Starter, body: RunAsked) -> JobShown:
    """Start a run on a delivery as it was shown; 409 where another one is under way or its files have changed."""
    settings = request.app.state.workspace.settings
    given = body.model_dump()
    for name in ("capacity", "max_set_aside", "min_link_confidence"):
        given[name] = getattr(settings, name) if given[name] is None else given[name]
    if isinstance(given["capacity"], float) and given["capacity"] > 1:
        raise HTTPException(422)
    return shown(request, service(request).start(actor, Asked(**given)))


@router.get("/runs/jobs", response_class=HTMLResponse, include_in_schema=False)
def job_list(request: Request, actor: Starter, page: PageNumber = 1) -> HTMLResponse:
    """The runs that were asked for."""
    total = _listed(request, page, PAGE_ROWS).total
    current, numbers = page_of(total, page)
    return render(request, "jobs.html", shown=_listed(request, current, PAGE_ROWS), numbers=numbers)


@router.get(JSON_ROOT + "v1/jobs")
def jobs_json(request: Request, actor: Starter, page: PageNumber = 1, rows: PageRows = PAGE_ROWS) -> JobList:
    """The runs that were asked for, the newest first, a page at a time."""
    return _listed(request, page, rows)


@router.get("/runs/jobs/{job_id}", response_class=HTMLResponse, include_in_schema=False)
def job(request: Request, actor: Starter, job_id: str, follow: Annotated[bool, Query()] = False) -> HTMLResponse:
    """How far a run has come. It reloads itself only where `follow` asks for that."""
    told = shown(request, _found(request, job_id))
    page = render(request, "job.html", shown=told, follow=follow, seconds=RELOAD_SECONDS)
    if follow and told.active:
        page.headers["Refresh"] = str(RELOAD_SECONDS)
    return page


@router.get(JSON_ROOT + "v1/jobs/{job_id}")
def job_json(request: Request, actor: Starter, job_id: str) -> JobShown:
    """How far a run has come."""
    return shown(request, _found(request, job_id))


@router.post("/runs/jobs/{job_id}/stop", include_in_schema=False)
def stop(request: Request, actor: Starter, job_id: str) -> Response:
    """Ask a run to stop; what it has made is not published."""
    _stop(request, actor, job_id)
    return see(f"/runs/jobs/{job_id}")


@router.post(JSON_ROOT + "v1/jobs/{job_id}/stop")
def stop_json(request: Request, actor: Starter, job_id: str) -> JobShown:
    """Ask a run to stop; one that has ended is as it was."""
    return shown(request, _stop(request, actor, job_id))


def shown(request: Request, one: Job) -> JobShown:
    """A job in the language of the request."""
    language = language_of(request)
    stages = _stages(request, one, language)
    under_way = next((stage.title for stage in stages if stage.state == "under_way"), None)
    state = "stopping" if one.is_active and one.stop_asked_by else one.state.value
    said = text(f"operating.state_{state}", language=language)
    if under_way is not None and one.is_active:
        done = sum(stage.state == "done" for stage in stages)
        said = text(
            "operating.at_stage", language=language, state=said, number=done + 1, of=len(stages), stage=under_way
        )
    return JobShown(
        id=one.id,
        state=one.state.value,
        said=said,
        approval=one.approval,
        delivery=one.delivery,
        parameters=dict(one.parameters),
        asked_by=one.asked_by,
        asked=local_time(one.asked_at),
        ended=None if one.ended_at is None else local_time(one.ended_at),
        stopping=state == "stopping",
        run=one.run,
        reason=None
        if one.reason is None
        else text(one.reason.key, language=language, **({"approval": one.approval} | dict(one.reason.values))),
        active=one.is_active,
        stages=stages,
    )


def read_form(
    form: dict[str, Any], delivery: str, sha256: str, language: Language
) -> tuple[Asked | None, dict[str, str]]:
    """The run that a form asks for, or what is wrong with the form, by field."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    readers = {"as_of": _day, "capacity": _capacity, "max_set_aside": _share, "min_link_confidence": _share}
    for name, read in readers.items():
        try:
            values[name] = read(form[name].strip())
        except ValueError:
            errors[name] = text(f"operating.wrong_{name}", language=language)
    if not re.match(PRINTED, form["approval"]):
        errors["approval"] = text("operating.wrong_approval", language=language)
    if errors:
        return None, errors
    return Asked(form["approval"], delivery, sha256, retrain=form["retrain"], **values), {}


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None


def _share(value: str) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        raise ValueError(value)
    return share


def _capacity(value: str) -> float | int:
    """A share of the children, or with no decimal point a number of them."""
    number = int(value) if value.isdigit() else float(value)
    if number <= 0 or (isinstance(number, float) and not number <= 1):
        raise ValueError(value)
    return number


def _listed(request: Request, page: int, rows: int) -> JobList:
    workspace: Workspace = request.app.state.workspace
    jobs.settle(workspace)
    found = jobs.list_jobs(workspace)
    part = found[(page - 1) * rows : page * rows]
    return JobList(total=len(found), page=page, jobs=[shown(request, one) for one in part])


def _found(request: Request, job_id: str) -> Job:
    """The job of this id as it stands, 404 where there is none."""
    workspace: Workspace = request.app.state.workspace
    jobs.settle(workspace)
    found = next((one for one in jobs.list_jobs(workspace) if one.id == job_id), None)
    if found is None:
        raise HTTPException(404)
    return found


def _stop(request: Request, actor: Actor, job_id: str) -> Job:
    found = _found(request, job_id)
    if not found.is_active or found.stop_asked_by is not None:
        return found
    return jobs.ask_stop(request.app.state.workspace, actor, job_id)


def _stages(request: Request, one: Job, language: Language) -> list[StageShown]:
    """The stages it went through and those to come, by the order that runs have."""
    planned = service(request).stages
    reached = jobs.stages(request.app.state.workspace, one.id)
    began = {stage.key: stage.began_at for stage in reached}
    last = reached[-1].key if reached else None
    ended_well = one.run is not None
    told = []
    for key in dict.fromkeys([*planned, *began]):
        if key not in began:
            state: Literal["done", "under_way", "to_come"] = "to_come"
        else:
            state = "under_way" if key == last and not ended_well else "done"
        title = text("operating.stage_first" if key == planned[0] else key, language=language)
        words = text(f"operating.stage_{state}", language=language)
        told.append(StageShown(key=key, title=title, state=state, state_title=words, began=began.get(key)))
    return told

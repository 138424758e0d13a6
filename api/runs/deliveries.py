"""Deliveries: what was put into the folder of deliveries, what lies in one, and the form that starts a run on it.

No row of a delivery is read for these pages, only names, sizes and digests of files.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.permission import needs
from api.frame.times import local_time
from api.oversight.approval_words import state_words
from api.runs.operating import Delivered
from api.runs.run_told import source_titles
from api.runs.runs import service
from governance import gate, jobs, register
from governance.access import Actor
from governance.actions import Action
from governance.deliveries import deliveries_folder, delivery_names, held_files
from governance.workspace import Workspace
from vocabulary.errors import MimamoriError
from vocabulary.texts import Language, text, use_language

router = APIRouter(route_class=PageRoute)

Starter = Annotated[Actor, Depends(needs(Action.START_RUN))]


class DeliveryShown(BaseModel):
    """A delivery in the list."""

    name: str
    files: int
    bytes: int
    changed: str | None  # local; null of an empty folder
    fault: str | None  # why it cannot be taken as it lies there


class FileShown(BaseModel):
    """A file of a delivery; one of no source is not read."""

    name: str
    source: str | None
    bytes: int
    sha256: str


class DeliveryInFull(BaseModel):
    """A delivery with its files."""

    name: str
    sha256: str  # of all files together; a run is started on exactly these
    files: list[FileShown]
    sources: list[str]


class ApprovalChoice(BaseModel):
    """An approval that a run may be started under, or why it may not."""

    id: str
    title: str
    stands: str
    objection: str | None
    reads: list[str]  # delivered sources that it covers
    unread: list[str]  # delivered sources that it does not


@router.get("/runs/deliveries", response_class=HTMLResponse, include_in_schema=False)
def deliveries(request: Request, actor: Starter) -> HTMLResponse:
    """What was delivered."""
    workspace: Workspace = request.app.state.workspace
    use_language(language_of(request))
    return render(request, "deliveries.html", held=_held(workspace), folder=str(deliveries_folder(workspace)))


@router.get(JSON_ROOT + "v1/deliveries")
def deliveries_json(request: Request, actor: Starter) -> list[DeliveryShown]:
    """What was delivered, the folder that was changed last first."""
    use_language(language_of(request))
    return _held(request.app.state.workspace)


@router.get("/runs/deliveries/{name}", response_class=HTMLResponse, include_in_schema=False)
def delivery(request: Request, actor: Starter, name: str) -> HTMLResponse:
    """What lies in a delivery, and the form that starts a run on it."""
    return delivery_page(request, name, form=defaults(request.app.state.workspace), errors={})


@router.get(JSON_ROOT + "v1/deliveries/{name}")
def delivery_json(request: Request, actor: Starter, name: str) -> DeliveryInFull:
    """What lies in a delivery."""
    return _in_full(service(request).delivered(name))


def delivery_page(
    request: Request, name: str, *, form: dict[str, Any], errors: dict[str, str], status: int = 200
) -> HTMLResponse:
    """The page of a delivery with its form as it was filled in, and what is wrong with it."""
    workspace: Workspace = request.app.state.workspace
    shown = _in_full(service(request).delivered(name))
    active = [one for one in jobs.list_jobs(workspace) if one.is_active]
    return render(
        request,
        "delivery_files.html",
        status=status,
        shown=shown,
        approvals=_approvals(workspace, shown.sources, language_of(request)),
        titles=source_titles(workspace, language_of(request)),
        form=form,
        errors=errors,
        under_way=active[0] if active else None,
    )


def defaults(workspace: Workspace) -> dict[str, Any]:
    """What the form holds before it is filled in: the city's settings."""
    settings = workspace.settings
    return {
        "approval": "",
        "as_of": "",
        "capacity": str(settings.capacity),
        "max_set_aside": str(settings.max_set_aside),
        "min_link_confidence": str(settings.min_link_confidence),
        "retrain": False,
    }


def _held(workspace: Workspace) -> list[DeliveryShown]:
    return [_shown(workspace, name) for name in delivery_names(workspace)]


def _shown(workspace: Workspace, name: str) -> DeliveryShown:
    try:
        files = held_files(workspace, name)
    except MimamoriError as error:
        return DeliveryShown(name=name, files=0, bytes=0, changed=None, fault=str(error))
    changed = max((one.changed for one in files), default=None)
    return DeliveryShown(
        name=name,
        files=len(files),
        bytes=sum(one.size for one in files),
        changed=None if changed is None else local_time(changed.isoformat()),
        fault=None,
    )


def _in_full(held: Delivered) -> DeliveryInFull:
    files = [
        FileShown(name=one.name, source=held.source_of.get(one.name), bytes=one.size, sha256=one.sha256 or "")
        for one in held.files
    ]
    return DeliveryInFull(
        name=held.name, sha256=held.sha256, files=files, sources=[*dict.fromkeys(held.source_of.values())]
    )


def _approvals(workspace: Workspace, delivered: list[str], language: Language) -> list[ApprovalChoice]:
    """Every approval, those that a run can be started under today first; asked as `governance.gate` asks."""
    today = datetime.now(UTC).astimezone().date()
    with workspace.reading() as connection:
        found = [
            (one, gate.objection(connection, one.approval.id, one, today)) for one in register.list_approvals(workspace)
        ]
    told = []
    for one, objection in found:
        reads = [source for source in delivered if source in one.approval.sources]
        why = (
            None
            if objection is None
            else text(objection.key, language=language, approval=one.approval.id, **objection.values)
        )
        told.append(
            ApprovalChoice(
                id=one.approval.id,
                title=one.approval.title,
                stands=state_words(one, today, language),
                objection=why if why or reads else text("operating.covers_nothing", language=language),
                reads=reads,
                unread=[source for source in delivered if source not in reads],
            )
        )
    return sorted(told, key=lambda one: one.objection is not None)

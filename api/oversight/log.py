"""The run log for those who oversee it: its entries, whether it is sound, and what others need to check it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render, see
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.permission import needs
from api.frame.times import begin_of, end_of, local_time
from api.oversight.log_words import details, kind_words, subject
from api.oversight.verifying import verifying
from governance import runlog
from governance.access import Actor, scope_of
from governance.log_checks import Check, countersignatures
from governance.log_pages import counts_by_kind, log_page
from governance.policy import Action, Scope
from governance.public_log import CHECKPOINT_FILE, LEAVES_FILE, read_public_log
from governance.runlog import Kind
from governance.workspace import VERIFIER_KEY_FILE, Workspace
from vocabulary.errors import IntegrityError
from vocabulary.texts import Language

router = APIRouter(route_class=PageRoute)

REFRESH_SECONDS = 2
"""After which a browser asks again how far a verification is."""

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_LOG))]
Verifier = Annotated[Actor, Depends(needs(Action.VERIFY_LOG))]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
KindName = Annotated[str, Query(max_length=40)]
Day = Annotated[str, Query(max_length=10)]


class EntryShown(BaseModel):
    """An entry as it is told."""

    seq: int
    at: str
    kind: str
    what: str
    actor: str
    subject: str | None
    details: list[tuple[str, str]]


class EntryPage(BaseModel):
    """One page of entries, the newest first."""

    total: int
    page: int
    entries: list[EntryShown]


class VerificationShown(BaseModel):
    """Whether the log and everything it tells of are what was written."""

    running: bool
    part: str | None  # that is under way
    done: int
    of: int
    failed: bool  # the last one ended without a result
    at: str | None  # when the last one was made
    by: str | None
    entries: int | None
    runs: int | None
    seconds: float | None
    count: int | None  # of findings
    findings: list[str]


class CheckpointShown(BaseModel):
    """The newest checkpoint: a signed statement of how long the log is and what its root is."""

    origin: str
    size: int
    root: str
    note: str
    verifier_key: str


@router.get("/log", response_class=HTMLResponse, include_in_schema=False)
def log(
    request: Request,
    actor: Viewer,
    kind: KindName = "",
    since: Day = "",
    until: Day = "",
    page: PageNumber = 1,
) -> HTMLResponse:
    """The log, by kind and time, and what is known of its soundness."""
    workspace: Workspace = request.app.state.workspace
    language = language_of(request)
    first, last = day_of(since), day_of(until)
    shown = _entries(workspace, kind, first, last, page, language)
    _, numbers = page_of(shown.total, page)
    with workspace.reading() as connection:
        counted = counts_by_kind(connection)
    state = _verification(request)
    response = render(
        request,
        "run_log.html",
        shown=shown,
        numbers=numbers,
        chosen={"kind": kind, "since": since, "until": until},
        wrong_day=(since and first is None) or (until and last is None),
        kinds=sorted((kind_words(one, language), one, count) for one, count in counted.items()),
        entries=sum(counted.values()),
        verification=state,
        checked_at=local_time(state.at) if state.at else None,
        checkpoint=_checkpoint(workspace),
        signatures=[
            (one, local_time(one.seen_at), local_time(one.recorded_at)) for one in countersignatures(workspace)
        ],
        may_verify=scope_of(actor, Action.VERIFY_LOG) is not Scope.NONE,
        may_countersign=scope_of(actor, Action.COUNTERSIGN_LOG) is not Scope.NONE,
    )
    if state.running:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@router.get(JSON_ROOT + "v1/log")
def log_json(
    request: Request, actor: Viewer, kind: KindName = "", since: Day = "", until: Day = "", page: PageNumber = 1
) -> EntryPage:
    """Entries of the log, newest first, by kind and by days (YYYY-MM-DD, both included)."""
    language = language_of(request)
    return _entries(request.app.state.workspace, kind, day_of(since), day_of(until), page, language)


@router.post("/log/verification", include_in_schema=False)
def verify(request: Request, actor: Verifier) -> Response:
    """Begin a verification."""
    verifying(request).start(request.app.state.workspace, actor=actor.name, language=language_of(request))
    return see("/log#verification")


@router.get(JSON_ROOT + "v1/log/verification")
def verification_json(request: Request, actor: Viewer) -> VerificationShown:
    """How far a verification is, and what the last one found."""
    return _verification(request)


@router.post(JSON_ROOT + "v1/log/verification", status_code=202)
def verify_json(request: Request, actor: Verifier) -> VerificationShown:
    """Begin a verification, unless one is under way."""
    verifying(request).start(request.app.state.workspace, actor=actor.name, language=language_of(request))
    return _verification(request)


@router.get("/log/checkpoint.txt", include_in_schema=False)
def checkpoint(request: Request, actor: Viewer) -> Response:
    """The newest checkpoint as a file."""
    return _file(CHECKPOINT_FILE, read_public_log(request.app.state.workspace).note)


@router.get(JSON_ROOT + "v1/log/checkpoint")
def checkpoint_json(request: Request, actor: Viewer) -> CheckpointShown:
    """The newest checkpoint, and the public key it is checked with."""
    found = read_public_log(request.app.state.workspace)
    return CheckpointShown(
        origin=found.key.name,
        size=found.checkpoint.size,
        root=found.checkpoint.root.hex(),
        note=found.note,
        verifier_key=str(found.key),
    )


@router.get("/log/leaves.jsonl", include_in_schema=False)
def leaves(request: Request, actor: Viewer) -> Response:
    """What is public of every entry, as `verifier/verify_log.py` reads it."""
    found = read_public_log(request.app.state.workspace)
    return _file(LEAVES_FILE, "".join(f"{leaf.decode()}\n" for leaf in found.leaves()))


@router.get("/log/log.vkey", include_in_schema=False)
def public_key(request: Request, actor: Viewer) -> Response:
    """The public key of the log's checkpoints."""
    return _file(VERIFIER_KEY_FILE, f"{read_public_log(request.app.state.workspace).key}\n")


def day_of(written: str) -> date | None:
    """The day that is written YYYY-MM-DD; None where none is."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _entries(
    workspace: Workspace, kind: str, since: date | None, until: date | None, page: int, language: Language
) -> EntryPage:
    kinds = [one for one in Kind if one.value == kind]
    begin, end = (begin_of(since) if since else None), (end_of(until) if until else None)

    def read(number: int) -> tuple[int, Sequence[runlog.Entry]]:
        offset = (number - 1) * PAGE_ROWS
        with workspace.reading() as connection:
            found = log_page(connection, kinds=kinds, since=begin, until=end, rows=PAGE_ROWS, offset=offset)
        return found.total, found.entries

    total, rows = read(page)
    current, _ = page_of(total, page)
    if current != page:
        total, rows = read(current)
    return EntryPage(total=total, page=current, entries=[_entry(one, language) for one in rows])


def _entry(entry: runlog.Entry, language: Language) -> EntryShown:
    return EntryShown(
        seq=entry.seq,
        at=local_time(entry.at),
        kind=entry.kind,
        what=kind_words(entry.kind, language),
        actor=entry.actor,
        subject=subject(entry),
        details=details(entry, language),
    )


def _verification(request: Request) -> VerificationShown:
    now = verifying(request)
    last: Check | None = now.last(request.app.state.workspace)
    return VerificationShown(
        running=now.running,
        part=now.part if now.running else None,
        done=now.done,
        of=now.of,
        failed=now.failed,
        at=last.at if last else None,
        by=last.by if last else None,
        entries=last.entries if last else None,
        runs=last.runs if last else None,
        seconds=last.seconds if last else None,
        count=last.count if last else None,
        findings=list(last.findings) if last else [],
    )


def _checkpoint(workspace: Workspace) -> str | None:
    """The newest checkpoint; None where the log does not fit it, which a verification then says in full."""
    try:
        return read_public_log(workspace).note
    except IntegrityError:
        return None


def _file(name: str, content: str) -> PlainTextResponse:
    return PlainTextResponse(content, headers={"Content-Disposition": f'attachment; filename="{name}"'})

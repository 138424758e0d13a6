"""Checkpoints that lie outside: held against the log as it stands, and cosigned by witnesses.

A witness's private key never comes here: what is to be signed goes out as a text, is signed on the witness's machine
(`mimamori log countersign`), and comes back as a text, which is checked and kept in the log.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render, see
from api.frame.permission import needs
from governance.access import Actor
from governance.log_checks import held_against, record_countersignature
from governance.note import VerifierKey, parse_verifier_key
from governance.policy import Action
from governance.public_log import read_public_log, witness_request
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, UsageError
from vocabulary.texts import text, use_language

router = APIRouter(route_class=PageRoute)

LONGEST = 20_000

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_LOG))]
Countersigner = Annotated[Actor, Depends(needs(Action.COUNTERSIGN_LOG))]
Note = Annotated[str, Form(max_length=LONGEST)]
Asked = Annotated[str, Query(max_length=LONGEST)]


class Kept(BaseModel):
    """A checkpoint that was kept, and public keys of those who must have cosigned it."""

    checkpoint: str = Field(max_length=LONGEST)
    witnesses: list[str] = Field(default=[], max_length=20)


class Comparison(BaseModel):
    """What a kept checkpoint says against the log; it fits where there is no finding."""

    fits: bool
    findings: list[str]


class Cosigned(BaseModel):
    """A checkpoint as a witness gave it back, and the witness's public key."""

    note: str = Field(max_length=LONGEST)
    key: str = Field(max_length=500)


class Recorded(BaseModel):
    """A cosignature that was checked and kept."""

    witness: str
    size: int
    seen_at: str


@router.get("/log/check", response_class=HTMLResponse, include_in_schema=False)
def check(request: Request, actor: Viewer, checkpoint: Asked = "", witnesses: Asked = "") -> HTMLResponse:
    """Hold a checkpoint that was kept against the log. Asking changes nothing."""
    use_language(language_of(request))
    workspace: Workspace = request.app.state.workspace
    errors: dict[str, str] = {}
    found = None
    if checkpoint.strip():
        try:
            found = _compared(workspace, checkpoint, witnesses.split("\n"))
        except UsageError as error:
            errors["witnesses"] = str(error)
    values = {"checkpoint": checkpoint, "witnesses": witnesses, "found": found, "errors": errors}
    return render(request, "log_check.html", status=400 if errors else 200, **values)


@router.post(JSON_ROOT + "v1/log/comparison")
def check_json(request: Request, actor: Viewer, kept: Kept) -> Comparison:
    """Hold a checkpoint that was kept against the log."""
    use_language(language_of(request))
    return _compared(request.app.state.workspace, kept.checkpoint, kept.witnesses)


@router.get("/log/countersign", response_class=HTMLResponse, include_in_schema=False)
def request_form(request: Request, actor: Countersigner, seen: Asked = "") -> HTMLResponse:
    """What a witness signs: the newest checkpoint, with the proof that it extends the one signed before."""
    return _page(request, seen=seen)


@router.post("/log/countersign", include_in_schema=False)
def record(request: Request, actor: Countersigner, note: Note = "", key: Note = "") -> Response:
    """Keep a witness's cosignature."""
    use_language(language_of(request))
    try:
        record_countersignature(request.app.state.workspace, _lines(note), key, actor=actor.name)
    except UsageError as error:
        return _page(request, note=note, key=key, errors={"key": str(error)})
    except IntegrityError as error:
        return _page(request, note=note, key=key, errors={"note": str(error)})
    return see("/log#signatures")


@router.post(JSON_ROOT + "v1/log/countersignatures", status_code=201)
def record_json(request: Request, actor: Countersigner, given: Cosigned) -> Recorded:
    """Keep a witness's cosignature, after it was checked."""
    use_language(language_of(request))
    try:
        made = record_countersignature(request.app.state.workspace, given.note, given.key, actor=actor.name)
    except IntegrityError as error:  # what was sent is false, not what is kept here
        raise UsageError(error.key, **error.values) from None
    return Recorded(witness=made.witness, size=made.size, seen_at=made.seen_at)


def _page(
    request: Request, *, seen: str = "", note: str = "", key: str = "", errors: dict[str, str] | None = None
) -> HTMLResponse:
    use_language(language_of(request))
    errors = errors or {}
    log = read_public_log(request.app.state.workspace)
    asked = log.note
    if seen.strip():
        try:
            asked = witness_request(log, _lines(seen))
        except IntegrityError as error:
            errors["seen"] = str(error)
    values = {"asked": asked, "seen": seen, "note": note, "key": key, "errors": errors, "log_key": str(log.key)}
    return render(request, "log_countersign.html", status=400 if errors else 200, **values)


def _compared(workspace: Workspace, checkpoint: str, witnesses: list[str]) -> Comparison:
    keys = [_key(line) for line in witnesses if line.strip()]
    name = text("overseeing.kept_name")
    found = [str(one) for one in held_against(workspace, {name: _lines(checkpoint)}, keys)]
    return Comparison(fits=not found, findings=found)


def _key(line: str) -> VerifierKey:
    key = parse_verifier_key(line)
    if key is None:
        raise UsageError("overseeing.no_witness_key")
    return key


def _lines(written: str) -> str:
    """A note as it was signed: browsers send line ends of two characters, and may drop the last one."""
    return written.replace("\r\n", "\n").strip("\n") + "\n"

"""Link review: what waits, two groups of records side by side with the evidence, and what was decided.

A verdict binds every later run; nothing of the current one changes. A pair and a child's records show names, so each
view of them is in the log before a record is read; the queue names nobody. Evidence is for who may explain links.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.permission import needs
from api.links.graph_svg import graph
from api.links.link_reviews import LinkReviews, Queue, Which
from api.links.marking import marked
from api.links.waterfall_svg import waterfall
from governance.access import Actor, scope_of
from governance.policy import Action, Scope
from governance.review_state import Verdict
from vocabulary.errors import WorkspaceError
from vocabulary.texts import text, use_language

router = APIRouter(prefix="/reviews", route_class=PageRoute, include_in_schema=False)

Reviewer = Annotated[Actor, Depends(needs(Action.REVIEW_LINKS))]
Reason = Annotated[str, Form(max_length=2000)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Profile = Annotated[int, Path(ge=0, lt=2**32)]

REFUSED = ("review.reason_blank", "review.contradicts", "review.decided_already", "review.own_decision")
"""Errors that are answered beside the form: what was written is kept."""


def service(request: Request) -> LinkReviews:
    """The functions of link review, in the language of the request; 404 where none are served."""
    found: LinkReviews | None = request.app.state.services.link_reviews
    if found is None:
        raise HTTPException(404)
    use_language(language_of(request))
    return found


@router.get("")
def queue(request: Request, actor: Reviewer, which: Which = "waiting", page: Page = 1) -> HTMLResponse:
    """What waits for the reviewer, without names."""
    reviews = service(request)
    found = _queue(reviews, which, actor, page)
    current, pages = page_of(found.total, page)
    if current != page:
        found = _queue(reviews, which, actor, current)
    return render(request, "review_queue.html", found=found, which=which, current=current, pages=pages)


def _queue(reviews: LinkReviews, which: Which, actor: Actor, page: int) -> Queue:
    """A page of what waits; nothing, as long as there is no run."""
    try:
        return reviews.queue(which, actor=actor.name, start=(page - 1) * PAGE_ROWS, rows=PAGE_ROWS)
    except WorkspaceError as error:
        if error.key != "review.no_run":
            raise
        return Queue("", (), 0, 0)


def sees_evidence(actor: Actor, which: Which) -> bool:
    """Whether a pair is shown with what the run made of it: not in a sample, and only to who may explain links."""
    return which != "sample" and scope_of(actor, Action.EXPLAIN_LINKS) is not Scope.NONE


@router.get("/pairs/{left}/{right}")
def pair(request: Request, actor: Reviewer, left: Profile, right: Profile, which: Which = "waiting") -> HTMLResponse:
    """Two groups of records side by side; the view is in the log before one is read."""
    return _pair_page(request, actor, left, right, which)


@router.post("/pairs/{left}/{right}", response_model=None)
def decide(
    request: Request,
    actor: Reviewer,
    left: Profile,
    right: Profile,
    reason: Reason = "",
    verdict: Annotated[Verdict | None, Form()] = None,
    whole: Annotated[bool, Form()] = False,
    which: Annotated[Which, Form()] = "waiting",
) -> RedirectResponse | HTMLResponse:
    """Keep the verdict and go on to the next; what cannot be kept is said beside the form."""
    reviews = service(request)
    if verdict is None:
        return _pair_page(request, actor, left, right, which, wrong={"verdict": "verdict_missing"}, reason=reason)
    try:
        if whole and verdict is Verdict.SAME:
            reviews.confirm_person(left, right, reason=reason, actor=actor.name)
        else:
            reviews.decide(left, right, verdict=verdict, reason=reason, actor=actor.name)
    except WorkspaceError as error:
        if error.key not in REFUSED:
            raise
        at = "reason" if error.key == "review.reason_blank" else "verdict"
        return _pair_page(request, actor, left, right, which, wrong={at: error}, reason=reason, verdict=verdict)
    following = reviews.next_after(which, actor=actor.name)
    if following is None:
        return see(f"/reviews?which={which}&done=1")
    return see(f"/reviews/pairs/{following[0]}/{following[1]}?which={which}&done=1")


@router.get("/decided")
def decided(request: Request, actor: Reviewer, page: Page = 1) -> HTMLResponse:
    """Every decision, newest first, to be taken back where it was wrong."""
    found = service(request).decided()
    current, pages = page_of(len(found), page)
    rows = found[(current - 1) * PAGE_ROWS : current * PAGE_ROWS]
    return render(request, "review_decided.html", rows=rows, total=len(found), current=current, pages=pages)


@router.post("/decided/{review_id}/undo")
def undo(request: Request, actor: Reviewer, review_id: str, reason: Reason) -> RedirectResponse:
    """Take a decision back."""
    service(request).undo(review_id, reason=reason, actor=actor.name)
    return see("/reviews/decided?done=1")


@router.get("/people/{person_id}")
def person(
    request: Request, actor: Annotated[Actor, Depends(needs(Action.EXPLAIN_LINKS))], person_id: str
) -> HTMLResponse:
    """What holds a child's records together; the view is in the log before they are read."""
    found = service(request).person(person_id, actor=actor.name)
    return render(request, "review_person.html", found=found, graph=graph(found.groups, found.joined))


@router.get("/events")
def events(request: Request, actor: Reviewer) -> HTMLResponse:
    """Merges and splits of ids in the run."""
    return render(request, "review_events.html", events=service(request).events())


@router.post("/events/{event}/revert")
def revert(
    request: Request, actor: Reviewer, event: Annotated[int, Path(ge=1, le=10_000_000)], reason: Reason
) -> RedirectResponse:
    """Undo a merge or a split by decisions, to which the next run keeps."""
    service(request).revert(event, reason=reason, actor=actor.name)
    return see("/reviews/decided?done=1")


@router.get("/sample")
def sample(request: Request, actor: Reviewer) -> HTMLResponse:
    """The sample by which the error of the run is estimated, and what it says."""
    return render(request, "review_sample.html", sample=service(request).sample())


@router.post("/sample")
def draw(
    request: Request,
    actor: Reviewer,
    persons: Annotated[int, Form(ge=1, le=10_000)],
    offers: Annotated[int, Form(ge=0, le=10_000)] = 0,
) -> RedirectResponse:
    """Draw a sample; it is logged with what was drawn before anything of it is decided."""
    service(request).draw(persons, offers=offers, actor=actor.name)
    return see("/reviews/sample")


def _pair_page(
    request: Request,
    actor: Actor,
    left: int,
    right: int,
    which: Which,
    *,
    wrong: dict[str, object] | None = None,
    reason: str = "",
    verdict: Verdict | None = None,
) -> HTMLResponse:
    found = service(request).pair(left, right, actor=actor.name, evidence=sees_evidence(actor, which))
    errors = {name: _words(request, problem) for name, problem in (wrong or {}).items()}
    return render(
        request,
        "review_pair.html",
        status=422 if errors else 200,
        found=found,
        which=which,
        marked=marked,
        waterfall=waterfall,
        errors=errors,
        reason=reason,
        verdict=verdict,
    )


def _words(request: Request, problem: object) -> str:
    use_language(language_of(request))
    return str(problem) if isinstance(problem, WorkspaceError) else text(f"link_review.{problem}")

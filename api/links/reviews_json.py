"""Link review for programs: the queue, a pair, a verdict and its undoing, by the functions of the pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.frame.failures import PageRoute
from api.frame.permission import needs
from api.links.link_reviews import LinkReviews, Pair, Person, Queue, Which
from api.links.reviews import Profile, sees_evidence, service
from governance.access import Actor
from governance.policy import Action
from governance.review_state import Verdict
from governance.reviews import Review

router = APIRouter(prefix="/api/v1/reviews", route_class=PageRoute, tags=["reviews"])

Reviewer = Annotated[Actor, Depends(needs(Action.REVIEW_LINKS))]
Reviews = Annotated[LinkReviews, Depends(service)]


class Answer(BaseModel):
    """A verdict on two groups of records."""

    verdict: Verdict
    reason: str = Field(min_length=1, max_length=2000)


class Undoing(BaseModel):
    """Why a decision is taken back."""

    reason: str = Field(min_length=1, max_length=2000)


class Decided(BaseModel):
    """A decision as it stands, without the records it is of and without its reason."""

    id: str
    state: str
    verdict: str
    decided_by: str
    decided_at: str


@router.get("")
def queue(
    actor: Reviewer,
    reviews: Reviews,
    which: Which = "waiting",
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    rows: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Queue:
    """What waits for the reviewer, without names."""
    return reviews.queue(which, actor=actor.name, start=start, rows=rows)


@router.get("/pairs/{left}/{right}")
def pair(actor: Reviewer, reviews: Reviews, left: Profile, right: Profile, which: Which = "waiting") -> Pair:
    """Two groups of records side by side, with the evidence to whom `explain_links` is allowed too.

    The view is in the log before a record is read.
    """
    return reviews.pair(left, right, actor=actor.name, evidence=sees_evidence(actor, which))


@router.post("/pairs/{left}/{right}", status_code=201)
def decide(actor: Reviewer, reviews: Reviews, left: Profile, right: Profile, answer: Answer) -> Decided:
    """Keep a verdict."""
    made = reviews.decide(left, right, verdict=answer.verdict, reason=answer.reason, actor=actor.name)
    return _decided(made)


@router.post("/decided/{review_id}/undo")
def undo(actor: Reviewer, reviews: Reviews, review_id: str, undoing: Undoing) -> Decided:
    """Take a decision back."""
    return _decided(reviews.undo(review_id, reason=undoing.reason, actor=actor.name))


@router.get("/people/{person_id}")
def person(actor: Annotated[Actor, Depends(needs(Action.EXPLAIN_LINKS))], reviews: Reviews, person_id: str) -> Person:
    """What holds a child's records together; the view is in the log before they are read."""
    return reviews.person(person_id, actor=actor.name)


def _decided(review: Review) -> Decided:
    return Decided(
        id=review.id,
        state=review.state.value,
        verdict=review.verdict.value,
        decided_by=review.decided_by,
        decided_at=str(review.decided_at),
    )

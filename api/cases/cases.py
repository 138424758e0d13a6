"""The team's cases, as pages. Those with an address of their own stand before that of one case."""

from fastapi import APIRouter

from api.cases import case_lists, case_opening, case_pages

router = APIRouter()
for part in (case_lists, case_opening, case_pages):
    router.include_router(part.router)

"""The sections of the dashboard, each with the action that opens it: who may do none of it is not shown the way."""

from dataclasses import dataclass

from governance.access import Actor, scope_of
from governance.policy import Action, Scope


@dataclass(frozen=True)
class Section:
    """A link of the navigation; its text is `page.section_<name>`."""

    name: str
    path: str
    action: Action


SECTIONS = (
    Section("flags", "/flags", Action.LIST_FLAGS),
    Section("cases", "/cases", Action.WORK_CASE),
    Section("reviews", "/reviews", Action.REVIEW_LINKS),
    Section("runs", "/runs", Action.VIEW_RUNS),
    Section("approvals", "/approvals", Action.VIEW_APPROVALS),
    Section("log", "/log", Action.VIEW_LOG),
    Section("department", "/department", Action.VIEW_DEPARTMENT_USE),
    Section("access", "/access", Action.VIEW_ACCESS),
    Section("alerts", "/alerts", Action.ACKNOWLEDGE_ALERT),
    Section("statistics", "/statistics", Action.VIEW_STATISTICS),
    Section("quality", "/quality", Action.VIEW_QUALITY),
    Section("papers", "/papers", Action.VIEW_PAPERS),
    Section("accounts", "/accounts", Action.VIEW_ACCOUNTS),
)


def sections(actor: Actor | None) -> list[Section]:
    """Those `actor` may open."""
    return [] if actor is None else [one for one in SECTIONS if scope_of(actor, one.action) is not Scope.NONE]

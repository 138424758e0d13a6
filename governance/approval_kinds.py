"""The kinds of approvals a city gives, and what each needs: data, whose completeness is tested.

An approval file may leave its kind out; then nothing of this page is asked of it.
"""

from dataclasses import dataclass
from enum import StrEnum


class ApprovalKind(StrEnum):
    """How a city came to allow a processing of personal data."""

    CONSULTATION = "consultation"  # 諮問: the council on personal information was asked and answered
    REPORT = "report"  # 報告: decided by the head, and reported to the council
    OTHER_PURPOSE = "other_purpose"  # 目的外利用協議: the departments whose data are read were asked
    DECISION = "decision"  # 決裁: decided by the head of the department that uses its own data
    BLANKET = "blanket"  # 包括: one approval for all processing of a sort


@dataclass(frozen=True)
class Needs:
    """What an approval of a kind has to have."""

    name: str  # as it is called in Japanese, and may be written in the file
    authority: tuple[str, ...]  # one of these words is in the name of the authority; none: any authority
    countersigned: bool  # by the owner of every source
    fields: tuple[str, ...]  # optional fields that this kind has to state
    years: int  # its period where `valid_until` is left out, and at most


COUNCIL = ("審議会", "審査会")

NEEDS: dict[ApprovalKind, Needs] = {
    ApprovalKind.CONSULTATION: Needs("諮問", COUNCIL, countersigned=False, fields=(), years=5),
    ApprovalKind.REPORT: Needs("報告", (), countersigned=False, fields=("max_runs",), years=1),
    ApprovalKind.OTHER_PURPOSE: Needs("目的外利用協議", (), countersigned=True, fields=("conditions",), years=1),
    ApprovalKind.DECISION: Needs("決裁", (), countersigned=False, fields=("max_runs",), years=1),
    ApprovalKind.BLANKET: Needs("包括", COUNCIL, countersigned=True, fields=("population", "conditions"), years=3),
}

KIND_OF = {needs.name: kind for kind, needs in NEEDS.items()} | {kind.value: kind for kind in ApprovalKind}
"""Kinds by what the file may call them."""

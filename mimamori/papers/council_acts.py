"""Parts of the council's report on single acts: what left, what was destroyed, emergency access, alerts, and the rest.

An emergency access, an alert, an export and a disposal are each told, without the child and without the account: by
day, role and kind. What else the log has is counted by kind.
"""

from collections import Counter

from governance.alerts import AlertKind
from governance.grants import GrantState
from governance.public_page import OF_THE_CITY
from governance.retention import DELIVERED
from governance.runlog import Entry, Kind
from mimamori.papers.council_period import Period, day_of, said
from mimamori.papers.paper import Say, Section, Table, kind_name, shown

LEFT = (Kind.EXPORT, Kind.EVALUATION, Kind.RELEASE)
TOLD_ELSEWHERE = {
    *LEFT,
    Kind.DISPOSAL,
    Kind.BREAK_GLASS,
    Kind.ALERT,
    Kind.REFUSAL,
    Kind.VIEW,
    Kind.RUN_PUBLISHED,
    Kind.RUN_FAILED,
    Kind.SUBJECT_REQUEST,
}
"""Kinds of which another part of the report tells."""


def exports(period: Period, say: Say) -> Section:
    """What was written out of the workspace."""
    rows = [
        (str(day_of(entry.at)), kind_name(entry.kind, say), entry.subject, ", ".join(sorted(_files(entry))) or "–")
        for entry in period.of(*LEFT)
        if entry.kind != Kind.RELEASE or "files" in entry.content  # a draft has not left
    ]
    headers = [say(f"column_{name}") for name in ("day", "what", "run", "files")]
    table = Table(say("exports_title"), headers, rows)
    return Section(say("exports_title"), [say("exports_said", exports=len(rows))], [table])


def _files(entry: Entry) -> set[str]:
    """Tables that an entry names, each once whatever forms it left in."""
    return {str(name).partition(".")[0] for name in entry.content.get("files", {})}


def disposals(period: Period, say: Say) -> Section:
    """What was destroyed, and whether that was completed."""
    rows = [
        (
            one.day,
            say("retention.kind_delivered") if one.subject == DELIVERED else one.subject,
            ", ".join(say(f"retention.kind_{name}") for name in one.classes) or "–",
            len(one.files),
            say("yes" if one.completed else "no"),
        )
        for one in period.disposals
    ]
    names = ("day", "what", "data", "disposed_files", "completed")
    table = Table(say("disposals_title"), [say(f"column_{name}") for name in names], rows, numbers=[3])
    return Section(say("disposals_title"), [say("disposals_said", disposals=len(rows))], [table])


def emergencies(period: Period, say: Say) -> Section:
    """Emergency access: when, by which role, for how long, and what its review said."""
    given = [one for one in period.of(Kind.BREAK_GLASS) if one.content.get("state") == GrantState.GRANTED]
    rows = [
        (
            str(day_of(entry.at)),
            period.role(entry.actor, say),
            entry.content.get("minutes", "–"),
            said(say, "verdict", period.grants.get(entry.subject, "")),
        )
        for entry in given
    ]
    names = ("day", "role", "minutes", "verdict")
    table = Table(say("emergencies_title"), [say(f"column_{name}") for name in names], rows, numbers=[2])
    return Section(say("emergencies_title"), [say("emergencies_said", count=len(rows))], [table])


def alerts(period: Period, say: Say) -> Section:
    """Alerts by kind, and of how many of them somebody has taken note."""
    entries = period.of(Kind.ALERT)
    raised = {one.subject: str(one.content.get("alert")) for one in entries if one.content.get("step") == "raised"}
    noted = Counter(raised[alert] for alert in period.noted if alert in raised)
    counted = Counter(raised.values())
    kinds = sorted({*AlertKind} & {*counted}) + sorted({*counted} - {*AlertKind})
    rows = [(said(say, "alert", kind), counted[kind], noted[kind]) for kind in kinds]
    headers = [say(f"column_{name}") for name in ("what", "count", "noted")]
    table = Table(say("alerts_title"), headers, rows, numbers=[1, 2])
    return Section(say("alerts_title"), [say("alerts_said", count=len(raised))], [table])


def others(period: Period, say: Say) -> Section:
    """Everything else in the log, by kind; what is each of one child is counted as children are."""
    counted = Counter(entry.kind for entry in period.entries if entry.kind not in TOLD_ELSEWHERE)
    rows = [
        (kind_name(kind, say), f"{count:,}" if kind in OF_THE_CITY else shown(count, say))
        for kind, count in sorted(counted.items())
    ]
    headers = [say("column_what"), say("column_count")]
    return Section(say("others_title"), [], [Table(say("others_title"), headers, rows, numbers=[1])])

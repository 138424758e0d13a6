"""Two runs made by hand, of which the later one merged, split, listed and judged otherwise.

child   earlier list      later list       school
p-a     rank 1 learning   rank 2 learning  E01
p-b     rank 2 health     -                E02
p-c     rank 3 learning   as p-d, rank 1   E01   (p-c was merged into p-d)
p-e     -                 rank 3 health    none
"""

from datetime import date

import polars as pl

from governance import gate
from governance.custody import DataClass
from governance.staging import stage
from tests.unit.governance.conftest import DAY
from vocabulary.frames import EVENTS, FLAGS, HELD_FLAGS, JUDGEMENTS, PERSONS, TIMELINE

BORN = date(2014, 5, 1)
AS_OF = date(2026, 4, 1)

EARLIER = {
    "persons": ["p-a", "p-b", "p-c"],
    "flags": [("p-a", "learning", 1), ("p-b", "health", 2), ("p-c", "learning", 3)],
    "schools": {"p-a": "E01", "p-b": "E02", "p-c": "E01"},
    "judgements": [("p-a", "learning", 1), ("p-b", "health", 2), ("p-c", "learning", 2)],
    "events": [],
}
LATER = {
    "persons": ["p-a", "p-b", "p-d", "p-e"],
    "flags": [("p-d", "learning", 1), ("p-a", "learning", 2), ("p-e", "health", 3)],
    "schools": {"p-a": "E01", "p-b": "E02", "p-d": "E01"},
    "judgements": [("p-a", "learning", 2), ("p-b", "health", 2), ("p-d", "learning", 2)],
    "events": [("merged", "p-d", "p-c", 4, "records")],
}


def flags_frame(rows, schema=FLAGS):
    told = [
        {
            "person_id": person,
            "year": 2026,
            "as_of": AS_OF,
            "kind": kind,
            "score": 0.5,
            "rank": rank,
            "reasons": "[]",
            "link_confidence": 1.0,
            "already_supported": False,
        }
        for person, kind, rank in rows
    ]
    return pl.DataFrame(told, schema=schema)


def publish_run(workspace, told, *, delivered=("school",)):
    """Publish a run of these persons, flags, schools, judgements and events; its id."""
    persons = [(person, BORN, "F", AS_OF, AS_OF, "school", 1.0) for person in told["persons"]]
    timeline = [(person, AS_OF, "school", "school_code", school) for person, school in told["schools"].items()]
    judgements = [(person, 2026, AS_OF, domain, level, "-", "[]", 1.0) for person, domain, level in told["judgements"]]
    frames = {
        "persons": pl.DataFrame(persons, schema=PERSONS, orient="row"),
        "flags": flags_frame(told["flags"]),
        "held_flags": pl.DataFrame(schema=HELD_FLAGS),
        "timeline": pl.DataFrame(timeline, schema=TIMELINE, orient="row"),
        "judgements": pl.DataFrame(judgements, schema=JUDGEMENTS, orient="row"),
        "events": pl.DataFrame(told["events"], schema=EVENTS, orient="row"),
    }
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=list(delivered), actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        for name, frame in frames.items():
            run.write_frame(name, frame, DataClass.PSEUDONYMOUS)
        run.publish(inputs=[], parameters={}, counts={"link": {"persons": len(persons)}}, seeds={})
    return run.run_id

"""The tables of a run made by hand: children of two schools, two years of a few observations, indicators, judgements.

Child number n is `p0000n`; those of even numbers go to school S1, the others to S2, but p00007 left school.
"""

import json
from datetime import date

import polars as pl

from governance.custody import DataClass
from vocabulary.frames import EVENTS, FLAGS, HELD_FLAGS, IDENTITIES, INDICATORS, JUDGEMENTS, PERSONS, TIMELINE

YEARS = (2024, 2025)
LEFT_SCHOOL = "p00007"
REASONS = [{"ja": f"理由{n}", "en": f"Reason {n}", "kind": "change", "contribution": 0.1} for n in range(5)]


def school_of(number):
    return "S1" if number % 2 == 0 else "S2"


def flag(person_id, rank, *, year=2025, kind="learning", score=0.5, link=0.99, supported=False):
    return {
        "person_id": person_id,
        "year": year,
        "as_of": date(year, 4, 1),
        "kind": kind,
        "score": score,
        "rank": rank,
        "reasons": json.dumps(REASONS),
        "link_confidence": link,
        "already_supported": supported,
    }


def flags(rows):
    """As many flags of 2025, alternately of two kinds, and one of 2024."""
    listed = [
        flag(f"p{row:05}", row or 1, year=2025 if row else 2024, kind="learning" if row % 2 else "attendance")
        for row in range(rows + 1)
    ]
    return pl.DataFrame(listed, schema=FLAGS)


def held_flags(*numbers):
    """A flag of 2025 of each of these children that waits for a review of its link."""
    listed = [flag(f"p{number:05}", None, link=0.5) | {"why": "link_confidence"} for number in numbers]
    return pl.DataFrame(listed, schema=HELD_FLAGS)


def persons(count):
    rows = [
        {
            "person_id": f"p{number:05}",
            "birth_date": date(2010 + number % 8, 6, 1),
            "sex": "F",
            "first_seen": date(2024, 4, 1),
            "last_seen": date(2025, 4, 1),
            "sources": "health;school;welfare",
            "link_confidence": 0.99,
        }
        for number in range(count)
    ]
    return pl.DataFrame(rows, schema=PERSONS)


def timeline(count):
    rows = []
    for number in range(count):
        person_id = f"p{number:05}"
        for year in YEARS:
            values = {
                ("school", "days_absent"): str(number % 20),
                ("school", "days_required"): "200",
                ("school", "score_math"): "48.5",
                ("welfare", "public_assistance"): "0",
                ("health", "attended"): "1",
            }
            if person_id != LEFT_SCHOOL or year == YEARS[0]:
                values["school", "school_code"] = school_of(number)
            rows += [(person_id, date(year, 4, 1), source, item, value) for (source, item), value in values.items()]
    return pl.DataFrame(rows, schema=TIMELINE, orient="row").sort("person_id", "date", "source", "item")


def indicators(count):
    rows = [
        {
            "person_id": f"p{number:05}",
            "year": year,
            "as_of": date(year, 4, 1),
            "indicator": "absence",
            "value": float(number % 20),
            "level": min(number % 4, 3),
            "usual_low": 1.0 if year == YEARS[1] else None,
            "usual_high": 6.0 if year == YEARS[1] else None,
            "expected": 3.0 if year == YEARS[1] else None,
            "percentile": 80.0,
            "link_confidence": 0.99,
        }
        for number in range(count)
        for year in YEARS
    ]
    return pl.DataFrame(rows, schema=INDICATORS)


def judgements(count):
    basis = json.dumps([{"rule": "attendance.long", "ja": "欠席が多い年度です。", "en": "Many absences this year."}])
    rows = [
        {
            "person_id": f"p{number:05}",
            "year": year,
            "as_of": date(year, 4, 1),
            "domain": domain,
            "judgement": number % 4,
            "word": "",
            "basis": basis,
            "link_confidence": 0.99,
        }
        for number in range(count)
        for year in YEARS
        for domain in ("attendance", "overall")
    ]
    return pl.DataFrame(rows, schema=JUDGEMENTS)


def identities(count):
    rows = [
        {"person_id": f"p{number:05}", "family_name": "山田", "given_name": f"花子{number}", "address": "箕面1-2-3"}
        for number in range(count)
    ]
    return pl.DataFrame(rows, schema=IDENTITIES)


def write_run(staged, shown, held, *, children=None):
    """Write what pages read of a run: these flags and held flags, and the rows of all their children."""
    numbers = [int(person_id[1:]) for person_id in {*shown["person_id"], *held["person_id"]}]
    count = max(numbers, default=9) + 1 if children is None else children
    tables = {
        "flags": shown,
        "held_flags": held,
        "persons": persons(count),
        "timeline": timeline(count),
        "indicators": indicators(count),
        "judgements": judgements(count),
        "events": pl.DataFrame(schema=EVENTS),
    }
    for name, table in tables.items():
        staged.write_frame(name, table, DataClass.PSEUDONYMOUS)
    staged.write_frame("identities", identities(count), DataClass.EXTRACTS)

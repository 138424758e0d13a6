"""The columns and types of every frame that crosses a stage, and of every file that leaves the system.

The upper-case names are polars schemas. `OUTPUTS` are the contract's files (section 3), `TRUTH` the files beside a
synthetic delivery (section 4). Columns after a comment `optional` are ours, added behind the contract's.
"""

import polars as pl

IDENTITY = {
    "family_name": pl.String(),
    "given_name": pl.String(),
    "family_kana": pl.String(),
    "given_kana": pl.String(),
    "birth_date": pl.Date(),
    "sex": pl.String(),
    "postal_code": pl.String(),
    "address": pl.String(),
    "guardian_name": pl.String(),
    "guardian_kana": pl.String(),
    "phone": pl.String(),
    "shared_number": pl.String(),
}
"""Identity columns of a source, all of which may be null. `sex` is M or F; `shared_number` is one that several sources
know the child by (統一宛名番号; a social security number), read only where an approval names it."""

KEY = {"source": pl.String(), "local_id": pl.String(), "as_of": pl.Date()}
"""What names a record: unique in a delivery's accepted rows."""

RECORD = list(KEY)

RECORDS = pl.Schema(KEY | IDENTITY)
"""Accepted rows of all sources, identity columns only, as delivered but for dates and sex."""

STANDARDISED = pl.Schema(
    KEY
    | {
        "family": pl.String(),  # folded kanji, no spaces; 〓 where a character was lost
        "given": pl.String(),
        "family_kana": pl.String(),  # full-width katakana: small kana large, a long vowel in one spelling, no spaces
        "given_kana": pl.String(),
        "birth_date": pl.Date(),
        "sex": pl.String(),
        "postal": pl.String(),  # seven digits
        "town": pl.String(),  # folded address before its first number, prefecture and own city left out: 粟生間谷西
        "block": pl.String(),  # its numbers up to the house: 3-2-1
        "room": pl.String(),  # building and room, folded
        "guardian": pl.String(),  # folded kanji, family and given name together
        "guardian_kana": pl.String(),
        "phone": pl.String(),  # digits
        "shared_number": pl.String(),  # digits and capitals
        "words": pl.List(pl.String()),  # words of a foreign name as sounds, sorted and distinct; null for other names
    }
)
"""Comparison keys of each record. They are never shown and never replace what was delivered."""

SPINE = pl.Schema(KEY | {"person_id": pl.String()})
"""The person of every record, of this run and of earlier ones."""

EVENTS = pl.Schema(
    {
        "kind": pl.String(),  # merged: other_id's records now belong to person_id · split: person_id took some of them
        "person_id": pl.String(),
        "other_id": pl.String(),
        "records": pl.UInt32(),
        "reason": pl.String(),  # records: new or corrected ones · review: a reviewer's decision · model: trained anew
    }
)
"""What a run changed of the ids that earlier runs gave."""

IDENTITIES = pl.Schema({"person_id": pl.String(), **IDENTITY})
"""The latest value each child showed of every identity column."""

DECISIONS = pl.Schema(
    {f"{column}_left": kind for column, kind in KEY.items()}
    | {f"{column}_right": kind for column, kind in KEY.items()}
    | {"verdict": pl.String()}
)
"""What reviewers decided of two records and holds now: `same` child or `different` ones."""

TRAITS = pl.Schema(KEY | {"surname_code": pl.Int64(), "address_code": pl.Int64(), "foreign_name": pl.Boolean()})
"""Which records share a surname and which a house, in numbers that say neither, null where unknown; and whether the
name has words in Latin letters or katakana."""

LINKS = pl.Schema(KEY | {"person_id": pl.String(), "match_probability": pl.Float64()})

PERSONS = pl.Schema(
    {
        "person_id": pl.String(),
        "birth_date": pl.Date(),
        "sex": pl.String(),
        "first_seen": pl.Date(),
        "last_seen": pl.Date(),
        "sources": pl.String(),  # joined by ; in alphabetical order
        "link_confidence": pl.Float64(),
    }
)

TIMELINE = pl.Schema(
    {
        "person_id": pl.String(),
        "date": pl.Date(),
        "source": pl.String(),
        "item": pl.String(),
        "value": pl.String(),
    }
)
"""One row an observation that was recorded; a blank is no row. Numbers are written without a trailing `.0`."""

INDICATORS = pl.Schema(
    {
        "person_id": pl.String(),
        "year": pl.Int32(),
        "as_of": pl.Date(),
        "indicator": pl.String(),
        "value": pl.Float64(),  # in the indicator's unit
        "level": pl.Int8(),  # 0 nothing noted … 3 strongest
        "previous_level": pl.Int8(),  # a year before; null where unknown
        "change": pl.Float64(),  # value less the value a year before
        "change_z": pl.Float64(),  # surprise against the child's own history and the year's norm; positive is worse
        "link_confidence": pl.Float64(),
        # optional
        "previous_value": pl.Float64(),
        "expected": pl.Float64(),  # value expected of this child this year
        "usual_low": pl.Float64(),  # the child's usual range
        "usual_high": pl.Float64(),
        "percentile": pl.Float64(),  # of 100 children with the same history, how many would stand better
        "entry": pl.String(),  # at level 1 or more: first · again (not the last known year) · stays; null at level 0
    }
)

FLAGS = pl.Schema(
    {
        "person_id": pl.String(),
        "year": pl.Int32(),
        "as_of": pl.Date(),
        "kind": pl.String(),
        "score": pl.Float64(),
        "rank": pl.Int32(),
        "reasons": pl.String(),
        "link_confidence": pl.Float64(),
        "already_supported": pl.Boolean(),
    }
)

HELD_FLAGS = pl.Schema(dict(FLAGS) | {"why": pl.String()})
"""Flags that wait for a review of their link: without ranks; `why` names the column of FLAGS that holds them."""

JUDGEMENTS = pl.Schema(
    {
        "person_id": pl.String(),
        "year": pl.Int32(),
        "as_of": pl.Date(),
        "domain": pl.String(),  # livelihood · attendance · learning · non_cognitive · health · overall
        "judgement": pl.Int8(),  # 0 none … 3 strongest; overall 1 watching over, 2 preventive measures, 3 priority
        "word": pl.String(),  # what the judgement is called, in Japanese
        "basis": pl.String(),  # JSON list: what the judgement rests on, and what was not known
        "link_confidence": pl.Float64(),
    }
)
"""One row a child, fiscal year and domain of which anything is known, and one overall."""

OUTCOMES = pl.Schema(
    {
        "person_id": pl.String(),
        "year": pl.Int32(),
        "outcome": pl.String(),  # confirmed · already_known · not_needed
        "recorded_on": pl.Date(),
    }
)
"""What workers found of a child in a fiscal year, one row a child and year: what holds now."""

REJECTS = pl.Schema(
    {
        "source": pl.String(),
        "file": pl.String(),
        "line": pl.Int64(),
        "column": pl.String(),
        "value": pl.String(),
        "rule": pl.String(),
    }
)

OUTPUTS: dict[str, pl.Schema] = {
    "links": LINKS,
    "persons": PERSONS,
    "timeline": TIMELINE,
    "indicators": INDICATORS,
    "flags": FLAGS,
    "rejects": REJECTS,
}

TRUTH_RECORDS = pl.Schema(KEY | {"child": pl.String()})
TRUTH_CHILDREN = pl.Schema({"child": pl.String(), "family": pl.String(), "birth_date": pl.Date(), "twin": pl.Boolean()})
TRUTH_SHOCKS = pl.Schema({"child": pl.String(), "year": pl.Int32(), "kind": pl.String()})

TRUTH: dict[str, pl.Schema] = {
    "records": TRUTH_RECORDS,
    "children": TRUTH_CHILDREN,
    "shocks": TRUTH_SHOCKS,
}

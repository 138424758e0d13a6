"""The truth beside a delivery: who each record is about, who the children are, and when hardship began."""

import numpy as np
import polars as pl

from synthetic.chance import Bools, Ints
from synthetic.clock import Clock
from synthetic.families import Children
from synthetic.hardship import Hardship
from synthetic.households import Households
from synthetic.lives import Lives
from vocabulary.frames import TRUTH_CHILDREN, TRUTH_RECORDS, TRUTH_SHOCKS


def tell_truth(
    kept: Bools,
    records: dict[str, tuple[pl.Series, Ints]],
    children: Children,
    lives: Lives,
    households: Households,
    hardship: Hardship,
    clock: Clock,
) -> dict[str, pl.DataFrame]:
    """The truth of the children of the mask `kept`.

    `records` holds for each source the local id and the row of `lives` of every record, in the order delivered.
    """
    child, family = _names_of("C", kept, np.arange(len(children))), _names_of("F", kept, children.family)
    recorded = _years_recorded(records, lives, len(children), clock)
    return {
        "records": _records(records, lives, child, clock),
        "children": pl.DataFrame(
            {
                "child": child,
                "family": family,
                "birth_date": pl.Series(clock.day(children.birth), dtype=pl.Date),
                "twin": children.twin,
            },
            schema=TRUTH_CHILDREN,
        ).filter(pl.Series(kept)),
        "shocks": _shocks(hardship, kept, recorded, child, clock),
        "events": _events(households, children, kept, lives, child, clock),
        "presence": pl.DataFrame(
            {
                "child": child.gather(lives.child),
                "as_of": pl.Series(clock.dates, dtype=pl.Date).gather(lives.step),
                "age": np.floor(lives.age).astype(np.int64),
                "grade": lives.grade,
                "one_parent": lives.lone,
                "poor": lives.poor,
            }
        ).filter(pl.Series(kept[lives.child])),
    }


def _names_of(letter: str, kept: Bools, key: Ints) -> pl.Series:
    """C0000001, C0000002 … for each distinct `key` among the kept, in order; null for the others."""
    _, serial = np.unique(key[kept], return_inverse=True)
    numbers = np.zeros(len(key), dtype=np.int64)
    numbers[kept] = serial + 1
    written = pl.format(letter + "{}", pl.Series(numbers).cast(pl.String).str.zfill(7))
    return pl.select(pl.when(pl.Series(kept)).then(written).alias("name"))["name"]


def _records(records: dict[str, tuple[pl.Series, Ints]], lives: Lives, child: pl.Series, clock: Clock) -> pl.DataFrame:
    dates = pl.Series(clock.dates, dtype=pl.Date)
    frames = [
        pl.DataFrame(
            {
                "source": pl.repeat(source, len(life), eager=True),
                "local_id": local_id,
                "as_of": dates.gather(lives.step[life]),
                "child": child.gather(lives.child[life]),
            },
            schema=TRUTH_RECORDS,
        )
        for source, (local_id, life) in records.items()
    ]
    return pl.concat(frames)


def _years_recorded(
    records: dict[str, tuple[pl.Series, Ints]], lives: Lives, children: int, clock: Clock
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Whether each child has a record in each fiscal year of the window; a column more for the year after it."""
    recorded = np.zeros((children, clock.stop - clock.start + 1), dtype=bool)
    for _, life in records.values():
        recorded[lives.child[life], lives.year[life] - clock.start] = True
    return recorded


def _shocks(
    hardship: Hardship,
    kept: Bools,
    recorded: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    name: pl.Series,
    clock: Clock,
) -> pl.DataFrame:
    """Onsets of children with a record in that year or the next: no warning can come of what no department sees."""
    frames = []
    for kind, (child, step) in hardship.onsets.items():
        year = step // clock.per_year
        seen = kept[child] & (recorded[child, year] | recorded[child, year + 1])
        frames.append(
            pl.DataFrame(
                {
                    "child": name.gather(child[seen]),
                    "year": year[seen] + clock.start,
                    "kind": pl.repeat(kind, int(seen.sum()), eager=True),
                },
                schema=TRUTH_SHOCKS,
            )
        )
    return pl.concat(frames).sort("child", "year", "kind")


def _events(
    households: Households, children: Children, kept: Bools, lives: Lives, name: pl.Series, clock: Clock
) -> pl.DataFrame:
    """What happened to the kept children: moves, divorce, remarriage, change of surname, by reference date."""
    present = np.zeros((len(children), clock.steps), dtype=bool)
    present[lives.child, lives.step] = True
    dates = pl.Series(clock.dates, dtype=pl.Date)
    frames = []
    for kind, happened in households.events.items():
        mask = np.zeros(households.here.shape, dtype=bool)
        for step, family in enumerate(happened):
            mask[family, step] = True
        concerned = np.roll(present, 1, axis=1) if kind == "moved_out" else present
        child, step = np.nonzero(mask[children.family] & concerned & kept[:, None])
        frames.append(
            pl.DataFrame(
                {
                    "child": name.gather(child),
                    "as_of": dates.gather(step),
                    "event": pl.repeat(kind, len(child), eager=True),
                }
            )
        )
    return pl.concat(frames).sort("child", "as_of", "event")

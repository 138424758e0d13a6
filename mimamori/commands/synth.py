"""`mimamori synth`: a synthetic city whose truth is known."""

import re
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from mimamori.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, progress, refuse_unless_empty, report
from vocabulary.errors import UsageError
from vocabulary.texts import text

Children = Annotated[int, typer.Option("--children", metavar="N", help=text("cli.children"))]
Seed = Annotated[int, typer.Option("--seed", metavar="S", help=text("cli.seed"))]


def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help=text("cli.synth_out"))],
    children: Children,
    seed: Seed,
    years: Annotated[str, typer.Option("--years", metavar="FIRST-LAST", help=text("cli.years"))] = "2008-2025",
    profile: Annotated[str, typer.Option("--profile", help=text("cli.profile"))] = "typical",
    dates: Annotated[int, typer.Option("--dates", help=text("cli.dates"))] = 1,
    shared_number: Annotated[float, typer.Option("--shared-number", help=text("synthetic.shared_number_help"))] = 0.0,
    onsets: Annotated[str, typer.Option("--onsets", help=text("synthetic.onsets_help"))] = "usual",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    del workspace  # taken by every command; a city is written where it is told to
    result = make_city(
        out,
        children=children,
        seed=seed,
        years=years,
        profile=profile,
        dates=dates,
        shared_number=shared_number,
        onsets=onsets,
    )
    report(result, [text("output.city_made", **result)], as_json=as_json)


def make_city(
    out: Path,
    *,
    children: int,
    seed: int,
    years: str = "2008-2025",
    profile: str = "typical",
    dates: int = 1,
    shared_number: float = 0.0,
    onsets: str = "usual",
) -> dict[str, Any]:
    """Build a city and write it; where it stands and how large it is."""
    from synthetic.city import build_city, write_city

    matched = re.fullmatch(r"(\d{4})-(\d{4})", years)
    if not matched or int(matched[1]) > int(matched[2]):
        raise UsageError("cli.bad_years", value=years)
    if children < 1:
        raise UsageError("cli.bad_children")
    refuse_unless_empty(out)
    span = range(int(matched[1]), int(matched[2]) + 1)
    with progress() as begin:
        begin("output.stage_city")
        city = build_city(children, seed, span, profile, dates, shared_number, onsets)
        begin("output.stage_files")
        try:
            write_city(city, out)
        except BaseException:  # a delivery without its end would look whole
            for folder in ("delivery", "truth"):
                shutil.rmtree(out / folder, ignore_errors=True)
            raise
    records = sum(frame.height for frame in city.sources.values())
    return {"delivery": str(out / "delivery"), "truth": str(out / "truth"), "children": children, "records": records}

"""The timeline of a child as a picture: SVG drawn here, without style attributes, with a table of the same beside it.

The colours in the attributes are those of paper; `child.css` replaces them on a screen. The height of a mark says the
level, a dashed line that nothing is recorded: neither is told by colour.
"""

from html import escape

from markupsafe import Markup

from api.children.timeline_lanes import LANES, Lane, Lanes, words
from vocabulary.texts import Language, text

LABELS, COLUMN, ROW, HEAD, STRIP = 96, 46, 44, 40, 26
"""Widths of the labels and of a year, heights of a lane, of the years and of the strips of schools and ranks."""

INK, QUIET, MARK = "#1a1a1c", "#4d4d4d", "#0017c1"


def timeline_svg(lanes: Lanes, language: Language) -> Markup:
    """The picture. It names itself and says what it shows; its marks tell the year's indicators where pointed at."""
    width = LABELS + COLUMN * len(lanes.years) + 4
    top = HEAD + STRIP
    height = top + ROW * len(LANES) + STRIP
    parts = [
        f'<svg class="timeline" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'aria-labelledby="timeline-title timeline-desc" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="timeline-title">{_said("child.timeline_title", language)}</title>',
        f'<desc id="timeline-desc">{_said("child.timeline_desc", language)}</desc>',
        *_heads(lanes, language),
        *_schools(lanes, language),
    ]
    for at, lane in enumerate(LANES):
        parts += _lane(lanes, lane, top + ROW * at, width, language)
    parts += _ranks(lanes, top + ROW * len(LANES), language)
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every word is escaped where it is put in


def _said(key: str, language: Language, **values: object) -> str:
    return escape(text(key, language=language, **values))


def _x(lanes: Lanes, year: int) -> int:
    return LABELS + COLUMN * (year - lanes.years[0])


def _words(x: float, y: float, said: str, kind: str = "quiet", anchor: str = "middle", size: int = 12) -> str:
    fill = INK if kind == "ink" else QUIET
    place = f'x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place} fill="{fill}">{said}</text>'


def _heads(lanes: Lanes, language: Language) -> list[str]:
    parts = [_words(4, 16, _said("child.fiscal_years", language), anchor="start")]
    if lanes.ages:
        parts.append(_words(4, 32, _said("child.ages", language), anchor="start"))
    for year in lanes.years:
        middle = _x(lanes, year) + COLUMN / 2
        parts.append(_words(middle, 16, str(year), "ink"))
        if lanes.ages:
            parts.append(_words(middle, 32, str(lanes.ages[year])))
    return parts


def _schools(lanes: Lanes, language: Language) -> list[str]:
    """The school of each stretch of years; a move is marked by a triangle."""
    parts = [_words(4, HEAD + 17, _said("child.lane_school_code", language), anchor="start")]
    stretches: list[tuple[int, int, str]] = []
    for year in sorted(lanes.schools):
        last = stretches[-1] if stretches else None
        if last and last[2] == lanes.schools[year] and last[1] == year - 1:
            stretches[-1] = (last[0], year, last[2])
        else:
            stretches.append((year, year, lanes.schools[year]))
    for begin, end, code in stretches:
        x, wide = _x(lanes, begin), COLUMN * (end - begin + 1)
        parts.append(
            f'<rect class="school" x="{x + 1}" y="{HEAD + 2}" width="{wide - 2}" height="{STRIP - 6}" rx="4" '
            f'fill="#f2f2f2" stroke="{QUIET}"><title>{escape(code)} {begin}–{end}</title></rect>'
        )
        parts.append(_words(x + wide / 2, HEAD + 16, escape(code), "ink", size=11))
    for year in lanes.moved():
        x = _x(lanes, year)
        parts.append(
            f'<path class="mark" fill="{MARK}" d="M{x - 6} {HEAD - 3}h12l-6 9z">'
            f"<title>{year} {_said('child.moved', language)}</title></path>"
        )
    return parts


def _lane(lanes: Lanes, lane: Lane, y: int, width: int, language: Language) -> list[str]:
    floor = y + ROW - 6
    name = _said(f"child.lane_{lane}", language)
    missing, marks = [], []
    for year in lanes.years:
        x, cell = _x(lanes, year) + 8, lanes.cells.get((lane, year))
        if cell is not None:
            tall = 2 if cell.level == 0 else round((ROW - 14) * (1 if lane == "support" else cell.level / 3))
            place = f'x="{x}" y="{floor - tall}" width="{COLUMN - 16}" height="{tall}"'
            marks.append(f"<rect {place}><title>{year} {name}: {escape(words(cell, language))}</title></rect>")
        elif year in lanes.recorded:
            missing.append(f"M{x} {floor}h{COLUMN - 16}")
    dashes = f'fill="none" stroke="{QUIET}" stroke-dasharray="2 4"'
    return [
        f'<line class="line" x1="0" x2="{width}" y1="{y}" y2="{y}" stroke="#c0c0c0"/>',
        _words(4, y + ROW / 2 + 4, name, "ink", "start", 13),
        f'<path class="missing" {dashes} d="{"".join(missing)}"/>' if missing else "",
        f'<g class="mark" fill="{MARK}">{"".join(marks)}</g>',
    ]


def _ranks(lanes: Lanes, y: int, language: Language) -> list[str]:
    """The years in which the child was listed, with the rank."""
    parts = [_words(4, y + 17, _said("child.lane_ranks", language), anchor="start")]
    for year, rank in sorted(lanes.ranks.items()):
        said = "…" if rank is None else str(rank)
        parts.append(_words(_x(lanes, year) + COLUMN / 2, y + 17, f"◆{said}", "ink"))
    return parts

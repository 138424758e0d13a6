"""The timeline of a child as a picture: SVG drawn here, without style attributes, with a table of the same beside it.

There is one for paper and wide screens, from birth to eighteen, and one for narrow screens, of the years on record, in
columns as narrow as it takes to be seen whole. The colours in the attributes are those of paper; `child.css` replaces
them on a screen. The height of a mark says the level, a dashed line that nothing is recorded: neither is told by
colour.
"""

from dataclasses import dataclass
from html import escape
from math import ceil

from markupsafe import Markup

from api.children.timeline_lanes import LANES, Lane, Lanes, LaneYear, words
from vocabulary.texts import Language, text

COLUMN, LEAST_COLUMN = 46, 19
"""Width of a year, and what is left of it at least on a narrow screen."""

LABELS, ABOVE, EDGE = 96, 18, 8
"""Width of the names of the lanes where they stand beside them; their height where they stand above; the edge."""

LANE, HEAD, STRIP = 44, 40, 26
"""Heights of a lane, of the years, and of the strips of schools and ranks."""

FITS = 288
"""Width of a picture that a screen of 320 pixels shows whole."""

LETTER = 6.5
"""Width of a letter or figure of the strips, about."""

INK, QUIET, MARK = "#1a1a1c", "#4d4d4d", "#0017c1"


def timeline_svg(lanes: Lanes, language: Language) -> Markup:
    """The picture from birth to eighteen; its marks tell the year's indicators where pointed at."""
    return _Picture(lanes, language, "timeline", left=LABELS, above=0, column=COLUMN).drawn()


def narrow_timeline_svg(lanes: Lanes, language: Language) -> Markup:
    """The picture of the years on record, with the names of the lanes above them."""
    recorded = lanes.on_record()
    column = min(COLUMN, max(LEAST_COLUMN, (FITS - 2 * EDGE) // max(len(recorded.years), 1)))
    return _Picture(recorded, language, "timeline-narrow", left=EDGE, above=ABOVE, column=column).drawn()


@dataclass(frozen=True)
class _Picture:
    lanes: Lanes
    language: Language
    name: str  # its class, and how its ids begin
    left: int  # width of names beside lanes
    above: int  # height of names above them
    column: int  # width of a year

    @property
    def width(self) -> int:
        return max(self.left + self.column * len(self.lanes.years) + EDGE, FITS if self.above else 0)

    def drawn(self) -> Markup:
        lane, strip, head = LANE + self.above, STRIP + self.above, HEAD + self.above
        top = head + strip
        height = top + lane * len(LANES) + strip
        parts = [
            f'<svg class="{self.name}" viewBox="0 0 {self.width} {height}" width="{self.width}" height="{height}" '
            f'role="img" aria-labelledby="{self.name}-title {self.name}-desc" xmlns="http://www.w3.org/2000/svg">',
            f'<title id="{self.name}-title">{self._said("child.timeline_title")}</title>',
            f'<desc id="{self.name}-desc">{self._said("child.timeline_desc")}</desc>',
            *self._heads(),
            *self._schools(head),
        ]
        for at, one in enumerate(LANES):
            parts += self._lane(one, top + lane * at)
        parts += self._ranks(top + lane * len(LANES))
        return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every word is escaped where it is put in

    def _said(self, key: str) -> str:
        return escape(text(key, language=self.language))

    def _x(self, year: int) -> int:
        return self.left + self.column * (year - self.lanes.years[0])

    def _middle(self, year: int) -> float:
        return self._x(year) + self.column / 2

    def _named(self, key: str, y: float, tall: int, *, kind: str = "quiet", size: int = 12) -> str:
        """The name of a strip or lane, which begins at y and is so tall: beside it or above."""
        return _words(4, y + (13 if self.above else tall / 2 + 4), self._said(key), kind, "start", size)

    def _heads(self) -> list[str]:
        """The years, as many as there is room for, and the ages."""
        every = ceil((4 * LETTER + 4) / self.column)
        if self.above:
            parts = [_words(4, 13, self._said("child.years_and_ages"), anchor="start")]
        else:
            parts = [_words(4, 16, self._said("child.fiscal_years"), anchor="start")]
            parts += [_words(4, 32, self._said("child.ages"), anchor="start")] if self.lanes.ages else []
        for back, year in enumerate(reversed(self.lanes.years)):
            if back % every == 0:
                parts.append(_words(self._middle(year), self.above + 16, str(year), "ink"))
            if self.lanes.ages:
                parts.append(_words(self._middle(year), self.above + 32, str(self.lanes.ages[year])))
        return parts

    def _schools(self, y: int) -> list[str]:
        """The school of each stretch of years, where there is room for its code; a move is marked by a triangle."""
        parts = [self._named("child.lane_school_code", y, STRIP)]
        y += self.above
        for begin, end, code in self.lanes.stretches():
            x, wide = self._x(begin), self.column * (end - begin + 1)
            parts.append(
                f'<rect class="school" x="{x + 1}" y="{y + 2}" width="{wide - 2}" height="{STRIP - 6}" rx="4" '
                f'fill="#f2f2f2" stroke="{QUIET}"><title>{escape(code)} {begin}–{end}</title></rect>'
            )
            if len(code) * LETTER <= wide - 2:
                parts.append(_words(x + wide / 2, y + 16, escape(code), "ink", size=11))
        for year in self.lanes.moved():
            x = self._x(year)
            parts.append(
                f'<path class="mark" fill="{MARK}" d="M{x - 6} {y - 3}h12l-6 9z">'
                f"<title>{year} {self._said('child.moved')}</title></path>"
            )
        return parts

    def _lane(self, lane: Lane, y: int) -> list[str]:
        floor, wide = y + self.above + LANE - 6, round(self.column * 0.65)
        name = f"child.lane_{lane}"
        missing, marks = [], []
        for year in self.lanes.years:
            x, cell = self._x(year) + (self.column - wide) // 2, self.lanes.cells.get((lane, year))
            if cell is not None:
                tall = _height(lane, cell)
                place = f'x="{x}" y="{floor - tall}" width="{wide}" height="{tall}"'
                told = f"{year} {self._said(name)}: {escape(words(cell, self.language))}"
                marks.append(f"<rect {place}><title>{told}</title></rect>")
            elif year in self.lanes.recorded:
                missing.append(f"M{x} {floor}h{wide}")
        dashes = f'fill="none" stroke="{QUIET}" stroke-dasharray="2 4"'
        return [
            f'<line class="line" x1="0" x2="{self.width}" y1="{y}" y2="{y}" stroke="#c0c0c0"/>',
            self._named(name, y, LANE, kind="ink", size=13),
            f'<path class="missing" {dashes} d="{"".join(missing)}"/>' if missing else "",
            f'<g class="mark" fill="{MARK}">{"".join(marks)}</g>',
        ]

    def _ranks(self, y: int) -> list[str]:
        """The years in which the child was listed, with the rank."""
        parts = [self._named("child.lane_ranks", y, STRIP)]
        for year, rank in sorted(self.lanes.ranks.items()):
            said = "…" if rank is None else str(rank)
            if year in self.lanes.years:
                parts.append(_words(self._middle(year), y + self.above + 17, f"◆{said}", "ink", size=11))
        return parts


def _height(lane: Lane, cell: LaneYear) -> int:
    """Of a mark: a line where nothing is noted; support is there or not."""
    return 2 if cell.level == 0 else round((LANE - 14) * (1 if lane == "support" else cell.level / 3))


def _words(x: float, y: float, said: str, kind: str = "quiet", anchor: str = "middle", size: int = 12) -> str:
    fill = INK if kind == "ink" else QUIET
    place = f'x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place} fill="{fill}">{said}</text>'

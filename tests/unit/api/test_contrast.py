"""Contrast of the pages' colours, from the style sheets: text at least 4.5, what is no text at least 3 (WCAG 2.2).

Ratio and relative luminance are those of WCAG 2.2 (definitions "contrast ratio" and "relative luminance").
"""

import re
from functools import cache
from pathlib import Path

import pytest

import api

STATIC = Path(api.__file__).parent / "static"
TOKENS = "vendor/digital-go-jp-tokens-1.1.9.css"
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}", re.DOTALL)
ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
VARIABLE = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
PAPER = ("print.css",)  # always on white

TEXT = [
    ("text", "page"),
    ("text", "panel"),
    ("quiet", "page"),
    ("quiet", "panel"),
    ("link", "page"),
    ("link", "panel"),
    ("error", "page"),
    ("error", "panel"),
    ("on-action", "action"),
    ("text", "usual"),
]
NOT_TEXT = [
    ("line", "page"),
    ("line", "panel"),
    ("action", "page"),
    ("action", "panel"),
    ("action", "usual"),
    ("quiet", "usual"),
    ("adds", "page"),
    ("takes", "page"),
]
FOCUS = "color-primitive-yellow-300"
"""Beside the outline, which alone has the contrast."""


def sheets():
    return [path for path in sorted(STATIC.glob("*.css")) if path.name not in PAPER]


@cache
def variables(scheme):
    """Every variable of the style sheets in a scheme, with what it is written as."""
    found = dict(VARIABLE.findall((STATIC / TOKENS).read_text("utf-8")))
    for path in sheets():
        written = path.read_text("utf-8")
        for block in ROOT.findall(DARK.sub("", written)):
            found |= dict(VARIABLE.findall(block))
        if scheme == "dark":
            for block in DARK.findall(written):
                found |= dict(VARIABLE.findall(block))
    return found


def own_variables():
    """Those that our style sheets define."""
    return {name for path in sheets() for name, _ in VARIABLE.findall(path.read_text("utf-8"))}


def colour(name, scheme):
    """The red, green and blue of a variable, 0 to 255."""
    said = variables(scheme)[name].strip()
    if said.startswith("var(--"):
        return colour(said.removeprefix("var(--").removesuffix(")"), scheme)
    return hexadecimal(said)


def hexadecimal(said):
    digits = said.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(one * 2 for one in digits)
    assert re.fullmatch(r"[0-9a-fA-F]{6}", digits), said
    return tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4))


def luminance(rgb):
    parts = [one / 255 for one in rgb]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lower, higher = sorted([luminance(one), luminance(other)])
    return (higher + 0.05) / (lower + 0.05)


def test_the_ratio_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert contrast((255, 255, 255), hexadecimal("#767676")) == pytest.approx(4.54, abs=0.01)
    assert contrast((255, 255, 255), hexadecimal("#777777")) < 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "behind", "least"), [(*pair, 4.5) for pair in TEXT] + [(*pair, 3) for pair in NOT_TEXT]
)
def test_colours_can_be_told_apart(scheme, front, behind, least):
    found = contrast(colour(front, scheme), colour(behind, scheme))
    assert found >= least, f"{front} on {behind}, {scheme}: {found:.2f}"


def test_every_colour_is_looked_at():
    looked_at = {name for pair in TEXT + NOT_TEXT for name in pair}
    assert own_variables() == looked_at
    tokens_used_directly = {name for path in sheets() for name in direct(path)}
    assert tokens_used_directly == {FOCUS}


def direct(path):
    """Tokens that a rule uses without a variable of ours, which would be the same in both schemes."""
    rules = VARIABLE.sub("", path.read_text("utf-8"))
    return re.findall(r"var\(--(color-[a-z0-9-]+)\)", rules)


def test_no_colour_is_written_without_a_variable():
    for path in sheets():
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", path.read_text("utf-8")) == [], path.name


def test_what_is_printed_is_read_on_white():
    written = (STATIC / "print.css").read_text("utf-8")
    colours = set(re.findall(r"(?<!-)color: (#[0-9a-fA-F]{3,6})", written))
    assert colours
    assert all(contrast(hexadecimal(one), (255, 255, 255)) >= 4.5 for one in colours)

"""An identity column of a source: under which headers it stands in the files, and how its cells are read.

header = ["address", "住所"]                        one column of the file, under any of these headers
join = ["住所1", "住所2", "方書"]                   several columns of the file, joined in this order
town = ["suburb"], house = ["number", "street"]     an address delivered in parts
value = "2020-04-01"                                no column: the same in every row
row_number = true                                   no column: every row is a number of its own (local_id)
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

Order = Literal["year_first", "month_first", "day_first"]
"""What a date begins with. With a separator, one that begins with a year of four digits is read in any case."""

DATES = ("as_of", "birth_date")
READ_FROM = ("header", "join", "town", "value", "row_number")
"""Of these an identity column takes one at most; `house` and `room` go with `town`."""

OPTIONS = {
    "town": ("address",),
    "row_number": ("local_id",),
    "order": DATES,
    "aliases": ("sex",),
    "unreadable": ("birth_date", "sex"),
}
"""What only these columns can have."""


class IdentityColumn(BaseModel):
    """How one identity column is found and read; all of it optional."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    header: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    separator: str = " "  # between what is joined
    town: tuple[str, ...] = ()  # town or suburb, and larger areas
    house: tuple[str, ...] = ()  # block numbers, or house number and street
    room: tuple[str, ...] = ()  # building and room
    value: str | None = None
    row_number: bool = False
    order: Order = "year_first"  # of dates
    aliases: Mapping[str, Literal["M", "F"]] = {}  # a value as delivered → M or F
    unreadable: Literal["set_aside", "blank"] = "set_aside"  # the row, or the cell alone

    @model_validator(mode="after")
    def _read_from_one_place(self) -> Self:
        given = [name for name in READ_FROM if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"only one of these can say where the column is read: {', '.join(given)}")
        if (self.house or self.room) and not self.town:
            raise ValueError("`house` and `room` go with `town`, the headers of the town")
        if "separator" in self.model_fields_set and not self.lines():
            raise ValueError("`separator` goes with `join` or `town`")
        return self

    def check_options_of(self, column: str) -> None:
        """Hold the options against the column they are given for.

        Raises
        ------
        ValueError
            One of them cannot belong to `column`.
        """
        for option, columns in OPTIONS.items():
            if option in self.model_fields_set and column not in columns:
                raise ValueError(f"{column}: `{option}` belongs to {' and '.join(columns)} alone")
        if column == "local_id" and self.value is not None:
            raise ValueError("local_id: one `value` cannot number every row; use `row_number`")

    def lines(self) -> tuple[tuple[str, ...], ...]:
        """Headers of the columns it is put together from, line by line; no line where it stands in one column."""
        if self.join:
            return (self.join,)
        return (self.town, self.house, self.room) if self.town else ()

    def in_file(self) -> bool:
        """Whether a file has to hold the column."""
        return self.value is None and not self.row_number

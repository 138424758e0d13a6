"""Long lists in pages: which rows a page shows, and which pages to link to."""

PAGE_ROWS = 50


def page_numbers(current: int, pages: int) -> list[int | None]:
    """Pages to link to: the first, the last and those around the current one; None where some are left out."""
    near = sorted({1, pages, *range(max(current - 2, 1), min(current + 2, pages) + 1)})
    numbers: list[int | None] = []
    for number in near:
        if numbers and number - (numbers[-1] or 0) > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers


def page_of(total: int, page: int, rows: int = PAGE_ROWS) -> tuple[int, list[int | None]]:
    """The page that is shown where `page` is asked for, at most the last, and the pages to link to."""
    pages = max(-(-total // rows), 1)
    current = min(page, pages)
    return current, page_numbers(current, pages)

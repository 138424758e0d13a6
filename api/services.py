"""What pages need of the rest of the system, which `api` may not import: given to `create_app` by who composes both.

Each field is a function, or None where the one who serves offers none: its pages then answer 404.
"""

from dataclasses import dataclass

from api.children.finding import FindChildren
from api.links.link_reviews import LinkReviews
from api.oversight.oversight import Oversight
from api.runs.operating import Operating


@dataclass(frozen=True)
class Services:
    """The functions; see `mimamori.serving`, which fills them."""

    link_reviews: LinkReviews | None = None
    operating: Operating | None = None
    oversight: Oversight | None = None
    find_children: FindChildren | None = None

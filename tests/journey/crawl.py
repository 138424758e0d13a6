"""Following every link of the dashboard from a page on, in process, and what is looked for in each answer."""

import re
from collections import Counter, deque
from urllib.parse import urldefrag, urljoin, urlsplit

from tinyhtml5.parser import HTMLParser

from api.frame.guard import HEADERS

LARGEST = 200_000
"""Bytes of a page, as it is sent."""

OF_A_KIND = 12
"""Addresses that differ in nothing but ids, numbers and choices are all of one kind; no more than these are opened."""

ROOT = "http://localhost"


def crawl(visitor, *begin):
    """Answers to every address that can be reached by links: {address: answer}."""
    answers, waiting, kinds = {}, deque(begin), Counter()
    seen = set(begin)
    while waiting:
        address = waiting.popleft()
        answers[address] = answer = visitor.get(address)
        if 300 <= answer.status_code < 400:
            found = [answer.headers["location"]]
        elif is_page(answer):
            found = links(answer.text)
        else:
            found = []
        for link in found:
            target = within(address, link)
            kind = kind_of(target) if target else None
            if target and target not in seen and kinds[kind] < OF_A_KIND:
                seen.add(target)
                kinds[kind] += 1
                waiting.append(target)
    return answers


def is_page(answer):
    """Whether a browser shows it as a page of ours; a file is saved."""
    headers = answer.headers
    return headers.get("content-type", "").startswith("text/html") and "content-disposition" not in headers


def links(page):
    """What a page leads to or loads."""
    tree = HTMLParser().parse(page)
    return [one.get(name) for one in tree.iter() for name in ("href", "src") if one.get(name)]


def within(address, link):
    """The address that a link of a page leads to; None where it leads out of the dashboard."""
    target = urldefrag(urljoin(ROOT + address, link))[0]
    return target.removeprefix(ROOT) if target.startswith(ROOT + "/") else None


def kind_of(address):
    """An address without what differs from one child, run or choice to the next."""
    parts = urlsplit(address)
    shape = re.sub(r"(?<=/)[^/]*\d[^/.]*", "#", parts.path)
    return shape, tuple(sorted(one.partition("=")[0] for one in parts.query.split("&")))


def faults(address, answer):
    """What is wrong with an answer."""
    wrong = []
    if answer.status_code >= 400:
        wrong.append(f"status {answer.status_code}")
    if {name: answer.headers.get(name) for name in HEADERS} != HEADERS:
        wrong.append("a header is missing")
    if is_page(answer):
        wrong += _faults_of_page(answer)
    return [f"{address}: {one}" for one in wrong]


def _faults_of_page(answer):
    parser = HTMLParser()
    tree = parser.parse(answer.text)
    if len(answer.content) > LARGEST:
        yield f"{len(answer.content)} bytes"
    yield from (f"HTML {error}" for error in parser.errors)
    ids = Counter(one.get("id") for one in tree.iter() if one.get("id"))
    yield from (f"id {name} stands {times} times" for name, times in ids.items() if times > 1)
    for one in tree.iter():
        name = str(one.tag).rpartition("}")[2]
        if name == "style" or one.get("style") is not None:
            yield f"inline style in {name}"
        if name == "script" and not one.get("src"):
            yield "inline script"
        if any(attribute.startswith("on") for attribute in one.attrib):
            yield f"script in {name}"
        if name == "form" and one.get("method", "get").lower() not in ("get", "post"):
            yield "a form of another method"

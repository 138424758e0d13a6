"""Just enough of a PDF reader to see what a screen reader would: all objects in plain, and the text of the pages."""

import re
import zlib

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
CHARACTER = re.compile(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>")
SHOWN = re.compile(rb"<([0-9a-fA-F]+)>")


def objects(document):
    """The document, and after it what its compressed streams hold."""
    return b"\n".join([document, *_streams(document)])


def text(document):
    """What the pages say, by the tables of characters of their fonts, in which a glyph has the same number in each."""
    streams = list(_streams(document))
    known = {}
    for stream in streams:
        if b"beginbfchar" in stream:
            known |= {glyph.lower(): bytes.fromhex(code.decode()) for glyph, code in CHARACTER.findall(stream)}
    pages = [stream for stream in streams if b"\nBT" in stream]
    glyphs = b"".join(b"".join(SHOWN.findall(page)) for page in pages).lower()
    return b"".join(known[glyphs[at : at + 4]] for at in range(0, len(glyphs), 4)).decode("utf-16-be")


def _streams(document):
    for content in STREAM.findall(document):
        try:
            yield zlib.decompress(content)
        except zlib.error:  # not compressed
            continue

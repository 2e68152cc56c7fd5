"""Cells that many pages have in common are rendered once and parsed once.

nbconvert parses each page anew when it has rendered it, to put right what its HTML leaves open
and to describe pictures. Most of a page is the lesson, the same on all pages. So a cell's HTML
goes through that once, between two marks; on later pages only the marks do.
"""

from collections import OrderedDict
from html.parser import HTMLParser

MARK = "<!--piece-->"
MOST = 30_000_000  # characters in a memory of texts, those of some thirty pages
VOID = {"br", "hr", "img", "input", "col", "source", "wbr"}


class Kept:
    """Texts made from texts, by what they were made from; the least used make room for others."""

    def __init__(self, most=MOST):
        self.most, self.size, self.texts = most, 0, OrderedDict()

    def get(self, key):
        """The text made from `key`, or None."""
        if key in self.texts:
            self.texts.move_to_end(key)
        return self.texts.get(key)

    def put(self, key, text):
        """Keep a text. `key` is the text it was made from, or a tuple that begins with that."""
        if key in self.texts:
            return
        self.texts[key] = text
        self.size += self._size(key)
        while self.size > self.most:
            oldest = next(iter(self.texts))
            self.size -= self._size(oldest)
            del self.texts[oldest]

    def _size(self, key):
        source = key if isinstance(key, str) else key[0]
        return len(source) + len(self.texts[key])


class Pieces:
    """The cells of the page that is being made, and what became of those of other pages."""

    def __init__(self):
        self.kept = Kept()
        self.begin()

    def begin(self, apart=True):
        """Begin a page; unless `apart`, all of it will be parsed."""
        self.apart, self.page, self.closed = apart, [], True

    def marked(self, html):
        """What stands in the page for a cell's HTML until it is parsed; a filter for templates."""
        piece = html.strip()
        if not (self.apart and piece):
            return html
        before, _, after = html.partition(piece)  # white space is joined with what is around it
        made = self.kept.get(piece)
        self.closed = self.closed and (made is not None or is_closed(piece))
        self.page.append((piece, made))
        return f"{before}{MARK}{piece if made is None else ''}{MARK}{after}"

    def put_back(self, text):
        """The parsed page with its cells; None where a cell has to do with what is around it."""
        parts = text.split(MARK)
        if not self.closed or len(parts) != 2 * len(self.page) + 1:
            return None
        for number, (piece, made) in enumerate(self.page):
            if made is None:
                self.kept.put(piece, parts[2 * number + 1])
            else:
                parts[2 * number + 1] = made
        return "".join(parts)


def is_closed(html):
    """Whether HTML is read alike wherever it stands: it begins and ends with tags, closes what
    it opens and nothing else, and holds nothing that a parser has to guess at."""
    reader = _Tags()
    reader.feed(html)
    whole = html.startswith("<") and html.endswith(">") and not reader.rawdata
    return whole and not (reader.odd or reader.open)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.open, self.odd = [], False

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Nothing is left open."""

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.odd = True

    def handle_data(self, data):
        verbatim = self.open and self.open[-1] in self.CDATA_CONTENT_ELEMENTS
        if "<" in data and not verbatim:  # a tag that is broken off
            self.odd = True

    def _guess(self, *_):
        self.odd = True

    handle_comment = handle_decl = handle_pi = unknown_decl = _guess

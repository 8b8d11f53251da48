"""What WeChat leaves of an article's HTML: text, tables and its own pictures; scripts and foreign pictures go."""

import html
from html.parser import HTMLParser

KEPT = {
    "p": (), "br": (), "hr": (), "div": (), "section": (), "span": (), "strong": (), "b": (), "em": (), "i": (), "u": (), "s": (),
    "h1": (), "h2": (), "h3": (), "h4": (), "h5": (), "h6": (), "ul": (), "ol": (), "li": (), "blockquote": (), "pre": (), "code": (),
    "sup": (), "sub": (), "table": (), "thead": (), "tbody": (), "tr": (), "th": ("colspan", "rowspan"), "td": ("colspan", "rowspan"),
    "figure": (), "figcaption": (), "img": ("src", "alt", "width", "height"), "a": ("href",),
}  # fmt: skip
ALONE = {"br", "hr", "img"}
SWALLOWED = {"script", "style", "iframe", "object", "embed", "form", "svg", "math", "template", "title", "noscript"}


class Washer(HTMLParser):
    """Reads HTML and writes what is allowed."""

    def __init__(self, images: str) -> None:
        super().__init__(convert_charrefs=True)
        self._images = images
        self._inside = 0
        self._out: list[str] = []
        self._open: list[str] = []
        self.lost_images = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SWALLOWED:
            self._inside += 1
            return
        if self._inside or tag not in KEPT:
            return
        given = {key: value or "" for key, value in attrs if key in KEPT[tag]}
        if tag == "img" and not given.get("src", "").startswith(self._images):
            self.lost_images += 1
            return
        if tag == "a" and not given.get("href", "").startswith(("http://", "https://", "#")):
            given.pop("href", None)
        self._out.append(f"<{tag}" + "".join(f' {key}="{html.escape(value)}"' for key, value in given.items()) + ">")
        if tag not in ALONE:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in SWALLOWED:
            self._inside = max(0, self._inside - 1)
            return
        if self._inside or tag not in self._open:
            return
        while self._open:
            last = self._open.pop()
            self._out.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self._out.append(html.escape(data, quote=False))

    def done(self) -> str:
        self.close()
        while self._open:
            self._out.append(f"</{self._open.pop()}>")
        return "".join(self._out)


def wash(text: str, images: str) -> tuple[str, int]:
    """The allowed HTML, and how many foreign pictures were dropped."""
    washer = Washer(images)
    washer.feed(text)
    return washer.done(), washer.lost_images


def words(text: str) -> str:
    """Only what is read."""

    class Reader(HTMLParser):
        found: list[str] = []

        def handle_data(self, data: str) -> None:
            self.found.append(data)

    reader = Reader()
    reader.found = []
    reader.feed(text)
    return " ".join("".join(reader.found).split())

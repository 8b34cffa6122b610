"""A page as a reader of it meets it."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Text, headings, and everything a browser would fetch."""

    def __init__(self, text):
        super().__init__()
        self.words, self.fetched, self.images, self.headings, self._in = [], [], [], [], ""
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self._in = tag
        for name, value in attrs:
            if tag == "img" and name == "src":
                self.images.append(value)
            elif name in ("src", "href", "srcset", "poster", "data", "action"):
                self.fetched.append(value)

    def handle_data(self, data):
        if self._in not in ("style", "script"):
            self.words.append(data)
        if self._in == "h2" and data.strip():
            self.headings.append(data.strip())

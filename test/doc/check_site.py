#!/usr/bin/env python3
"""Reads the built site in a folder: check_site.py HTML. Fails for a link or an anchor that leads nowhere, for a page that the front page does not lead to
by links, and for anything loaded from elsewhere. Lists the links to elsewhere."""
import collections
import html.parser
import pathlib
import re
import sys
import urllib.parse

# What is loaded with a page, and not followed by its reader.
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("object", "data"), ("use", "href")}
FOLLOWED = {("a", "href"), ("form", "action")}
STYLE_LOADS = re.compile(r"""(?:url\(|@import\s+(?=["']))\s*["']?([^"')\s;]+)""")


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.anchors, self.loads, self.links = set(), [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id" or (tag, name) == ("a", "name"):
                self.anchors.add(value)
            elif (tag, name) in LOADED:
                self.loads.append(value)
            elif (tag, name) in FOLLOWED:
                self.links.append(value)


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}
        self.problems, self.elsewhere = [], collections.Counter()

    def target_of(self, path, link):
        """The file and the anchor of a link within the site; None for one to elsewhere."""
        parts = urllib.parse.urlsplit(link)
        if parts.scheme or parts.netloc:
            return None
        target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
        return target, urllib.parse.unquote(parts.fragment)

    def check_loads(self, path, loads):
        for link in loads:
            if link.startswith("data:"):
                continue
            target = self.target_of(path, link)
            if target is None:
                self.problems.append(f"{self.name(path)}: loads {link} from elsewhere")
            elif link.startswith("/") or not target[0].is_file():
                self.problems.append(f"{self.name(path)}: loads {link}, which is not in the site")

    def check_links(self, path, page):
        for link in page.links:
            target = self.target_of(path, link)
            if target is None:
                self.elsewhere[link] += 1
                continue
            file, anchor = target
            if link.startswith("/") or not file.is_file():
                self.problems.append(f"{self.name(path)}: the link {link} leads to no file of the site")
            elif anchor and file in self.pages and anchor not in self.pages[file].anchors:
                self.problems.append(f"{self.name(path)}: the link {link} leads to no anchor of the page")

    def check_reached(self):
        front = self.folder / "index.html"
        if front not in self.pages:
            sys.exit(f"{self.folder} has no index.html; cmake/dev docs builds the site")
        reached, waiting = {front}, [front]
        while waiting:
            path = waiting.pop()
            for link in self.pages[path].links:
                target = self.target_of(path, link)
                if target and target[0] in self.pages and target[0] not in reached:
                    reached.add(target[0])
                    waiting.append(target[0])
        self.problems += [f"{self.name(path)}: no way of links leads here from the front page" for path in self.pages if path not in reached]

    def name(self, path):
        return path.relative_to(self.folder)

    def check(self):
        for path, page in self.pages.items():
            self.check_loads(path, page.loads)
            self.check_links(path, page)
        for path in sorted(self.folder.rglob("*.css")):
            self.check_loads(path, STYLE_LOADS.findall(path.read_text()))
        self.check_reached()


def main():
    site = Site(pathlib.Path(sys.argv[1]).resolve())
    site.check()
    for link, count in sorted(site.elsewhere.items()):
        print(f"elsewhere: {link} ({count} times)")
    print("\n".join(site.problems) or f"{len(site.pages)} pages, all of them reached and their links whole.")
    return 1 if site.problems else 0


sys.exit(main())

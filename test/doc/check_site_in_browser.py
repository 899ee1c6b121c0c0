#!/usr/bin/python3
"""Opens the built site in a headless Chromium: check_site_in_browser.py HTML [SCREENSHOTS]. Fails when a page does not fit a desktop's or a phone's
screen, when the browser's console has an error, when the dark colours are not dark, or when the search does not find what is there. Leaves
screenshots of a few pages."""
import contextlib
import functools
import http.server
import pathlib
import sys
import tempfile
import threading
import urllib.parse

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# A desktop with the page's contents beside the page, one without, and a phone.
WIDTHS = (1320, 1280, 390)
SHOWN = ("index", "doc/quick-start", "doc/performance", "doc/tool", "include/upsun/client.hpp", "reference/integrations", "examples/walk_fleet")
# What is searched, and a page that must be among what is found.
SEARCHES = {"async_get_integration": "include/upsun/client.hpp.html", "jitter": "doc/retries.html"}
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars")
# What does not fit a screen, or null: text or an image that leaves its column and does not scroll, a drawer that is half outside, or the page.
UNFIT = """
    const width = arguments[0], root = document.documentElement, content = document.querySelector('.content');
    const limit = Math.min(content.getBoundingClientRect().right, width) + 1;
    const scrolls = element => element && element.tagName !== 'ARTICLE' &&
        (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const rightmost = node => { const range = document.createRange(); range.selectNode(node); return range.getBoundingClientRect().right; };
    const texts = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT), parts = [...document.querySelectorAll('article img')];
    while (texts.nextNode()) parts.push(texts.currentNode);
    const part = parts.find(node => rightmost(node) > limit && !scrolls(node.parentElement));
    if (part) return `cut off: ${(part.outerHTML ?? part.textContent).slice(0, 200)}`;
    for (const drawer of document.querySelectorAll('.sidebar-drawer, .toc-drawer')) {
        const {left, right} = drawer.getBoundingClientRect();
        if (left < 0 && right > 0 || left < width && right > width) return `half outside: ${drawer.className}`;
    }
    return root.scrollWidth > width || window.innerWidth !== width ? `${root.scrollWidth} px wide in a window of ${window.innerWidth} px` : null;"""
# Guards against hangs only.
PATIENCE = 600


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextlib.contextmanager
def served(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def browser():
    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.binary_location = "/usr/bin/chromium"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
        driver.set_page_load_timeout(PATIENCE)
        try:
            yield driver
        finally:
            driver.quit()


class Check:
    def __init__(self, driver, address, folder, screenshots):
        self.driver, self.address, self.folder, self.screenshots = driver, address, folder, screenshots
        self.problems = []

    def screen(self, width):
        self.width = width
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})

    def colours(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, page):
        self.driver.get(self.address + page)
        self.page = page

    def problem(self, text):
        self.problems.append(f"{self.page} at {self.width} px: {text}")

    def check_console(self):
        for entry in self.driver.get_log("browser"):
            if entry["level"] in ("WARNING", "SEVERE"):
                self.problem(f"the console says: {entry['message']}")

    def check_width(self):
        unfit = self.driver.execute_script(UNFIT, self.width)
        if unfit:
            self.problem(unfit)

    def brightness(self):
        colour = self.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour[colour.index("(") + 1:-1].split(",")[:3])

    def check_pages(self):
        for path in sorted(self.folder.rglob("*.html")):
            self.open(str(path.relative_to(self.folder)))
            self.check_width()
            self.check_console()

    def check_colours(self):
        for scheme, page in [(scheme, page) for scheme in ("light", "dark") for page in SHOWN]:
            self.colours(scheme)
            self.open(f"{page}.html")
            if (self.brightness() > 3 * 128) != (scheme == "light"):
                self.problem(f"not {scheme}, though that is preferred")
            if self.screenshots:
                self.screenshots.mkdir(parents=True, exist_ok=True)
                self.driver.save_screenshot(str(self.screenshots / f"{page.replace('/', '-')}-{self.width}-{scheme}.png"))
        self.colours("light")

    def check_search(self):
        for word, wanted in SEARCHES.items():
            self.open("index.html")
            menu = self.driver.find_element(By.CSS_SELECTOR, "label[for=__navigation].nav-overlay-icon")
            if menu.is_displayed():
                menu.click()
            box = self.driver.find_element(By.CSS_SELECTOR, "input.sidebar-search")
            WebDriverWait(self.driver, PATIENCE).until(lambda _: box.is_displayed() and 0 <= box.rect["x"] < self.width)
            box.send_keys(word)
            box.submit()
            self.page = f"search for {word}"
            WebDriverWait(self.driver, PATIENCE).until(lambda driver: "search" in driver.execute_script(
                "return document.querySelector('#search-results .search-summary')?.innerText ?? ''"))
            found = [urllib.parse.urlsplit(each.get_attribute("href")).path.lstrip("/")
                     for each in self.driver.find_elements(By.CSS_SELECTOR, "#search-results ul.search li > a")]
            if wanted not in found:
                self.problem(f"{wanted} is not among what is found: {found}")
            self.check_width()
            self.check_console()


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    screenshots = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    with served(folder) as address, browser() as driver:
        check = Check(driver, address, folder, screenshots)
        for width in WIDTHS:
            check.screen(width)
            check.check_pages()
            check.check_colours()
            check.check_search()
    print("\n".join(check.problems) or "Every page fits a desktop and a phone, and the search finds.")
    return 1 if check.problems else 0


sys.exit(main())

"""What must hold on every page of the console, in a real browser and in its files. Run by scripts/trial/console."""

import gzip
import json
import re
import unittest
import urllib.request

from axe_core_python.selenium import Axe
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from stage import ROOT, Stage

CONSOLE = ROOT / "console"
PAGES = ["streams", "streams/new", "events", "people?step=1h", "groups", "jobs", "accounts", "tokens", "system"]
MARKUP = "<img src=x onerror=window.ran=1><script>window.ran=1</script>\"'><svg onload=window.ran=1>"


class TestHostileWords(Stage):
    def test_markup_in_every_word_runs_nothing(self):
        call = self.daemon.call
        stream = self.daemon.add_stream(MARKUP[:128], description=MARKUP[:512], location={"city": MARKUP[:36]})
        call("POST", "/6/groups", {"group_name": "group", "description": MARKUP})
        call("POST", "/6/tokens", {"description": MARKUP[:128], "expiration_time": None, "permissions": {}})
        call("POST", "/6/accounts", {"login": "other@example.org", "password": "some password", "account_type": "user", "description": MARKUP[:128]})
        account = call("GET", "/6/account")["account_id"]
        handler = call("GET", f"/6/handlers?account_id={account}")[0]["handler_id"]
        event = call("POST", f"/6/handlers/{handler}/events/raw", {"source": MARKUP[:128], "user_data": MARKUP[:128], "tags": [MARKUP[:36]], "meta": {"a": MARKUP}, "stream_id": stream})["event_id"]
        browser = self.browser
        browser.sign_in(self.daemon)
        for place in [*PAGES, f"streams/{stream}", f"streams/{stream}/edit", f"events/{event}", f"streams?group={MARKUP}", f"events?tags={MARKUP}", MARKUP, f"sign-in/{MARKUP}"]:
            browser.go(place)
            browser.settle(1.2)
            self.assertIsNone(browser.run("return window.ran ?? null"), place)
            self.assertEqual(browser.run("return document.querySelectorAll('main script, main img[src=x], [onerror], [onload]').length"), 0, place)

    def test_no_script_stands_in_the_page_and_none_can(self):
        with urllib.request.urlopen(self.daemon.base + "/") as answer:
            policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
        self.assertIn("script-src 'self'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(re.findall(r"<script(?![^>]* src=)", page), [])
        self.assertNotRegex("".join(file.read_text() for file in CONSOLE.rglob("*.js")), r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")


class TestAccess(Stage):
    """WCAG 2.2 AA as far as axe-core sees it, on every page."""

    def test_every_page(self):
        stream = self.daemon.add_stream("Entrance")
        self.daemon.add_stream("Dock", "rtsp://127.0.0.1:9/none")
        browser = self.browser
        browser.go("sign-in")
        browser.find("h1")
        self.judge("sign-in")
        browser.sign_in(self.daemon)
        for place in [*PAGES, f"streams/{stream}", f"streams/{stream}/edit"]:
            browser.go(place)
            browser.find(".page h1")
            browser.settle(1.5)
            for details in browser.driver.find_elements(By.CSS_SELECTOR, "main details:not(.menu)"):
                browser.run("arguments[0].open = true", details)
            self.judge(place)
            self.assertFalse(browser.run("return document.documentElement.scrollWidth > innerWidth"), f"{place} is not wider than the window")
        browser.find(".draw-zone[data-kind=droi]").send_keys(Keys.ENTER)
        browser.find("dialog button", "A polygon").send_keys(Keys.ENTER)
        self.judge("drawing")

    def judge(self, place):
        found = Axe().run(self.browser.driver, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})["violations"]
        told = [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]
        self.assertEqual(told, [], place)


class TestAccessDark(TestAccess):
    dark = True


class TestAccessPhone(TestAccess):
    size = (400, 860)


class TestManyStreams(Stage):
    def test_two_hundred_streams_hold_up_nothing(self):
        for number in range(200):
            self.daemon.add_stream(f"Camera {number}", "rtsp://127.0.0.1:9/none")
        browser = self.browser
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "window.long = []; new PerformanceObserver(l => { for (const e of l.getEntries()) long.push([Math.round(e.startTime), Math.round(e.duration)]) }).observe({ type: 'longtask', buffered: true })"})
        browser.sign_in(self.daemon)
        browser.wait(lambda: browser.run("return document.querySelectorAll('.tile').length") == 200, "all tiles are there")
        browser.settle(3)
        begun = browser.run("return performance.now()")
        for place in range(12):
            browser.run("scrollTo(0, arguments[0])", place * 900)
            browser.settle(5)
        self.assertEqual([task for task in browser.run("return long") if task[0] > begun], [])


class TestFiles(unittest.TestCase):
    """What can be told without a browser."""

    def test_all_of_it_weighs_little(self):
        weights = {str(file.relative_to(CONSOLE)): len(gzip.compress(file.read_bytes(), 9)) for file in CONSOLE.rglob("*") if file.is_file()}
        self.assertLess(sum(weights.values()), 300_000, weights)

    def test_what_the_page_names_is_there(self):
        for path in re.findall(r'(?:src|href)="/console/([^"]+)"', (CONSOLE / "index.html").read_text()):
            self.assertTrue((CONSOLE / path).is_file(), path)

    def test_all_languages_say_the_same(self):
        english = json.loads((CONSOLE / "messages/en.json").read_text())
        names = lambda text: sorted(re.findall(r"\{\w+\}", text))  # noqa: E731
        for file in (CONSOLE / "messages").glob("*.json"):
            other = json.loads(file.read_text())
            self.assertEqual(list(other), list(english), file.name)
            for key, text in other.items():
                self.assertEqual(names(text), names(english[key]), f"{file.name}: {key}")

    def test_every_message_is_there(self):
        english = json.loads((CONSOLE / "messages/en.json").read_text())
        for file in CONSOLE.rglob("*.js"):
            for key in re.findall(r"\bt\(\"([\w.-]+)\"", file.read_text()):
                self.assertTrue(key in english or f"{key}.other" in english, f"{file.name}: {key}")

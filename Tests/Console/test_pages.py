"""What must hold on every page of the console, in a real browser and in its files. Run by scripts/trial/console."""

import functools
import gzip
import json
import re
import subprocess
import unittest
import urllib.request

from axe_core_python.selenium import Axe
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from drawn_faces import ANNA, BEN, draw
from stage import ROOT, SAMPLES, Stage

CONSOLE = ROOT / "console"
PAGES = ["streams", "streams/new", "events", "people?step=1h", "search", "faces", "lists", "handlers", "handlers/new", "groups", "jobs", "accounts", "tokens", "system"]
MARKUP = "<img src=x onerror=window.ran=1><script>window.ran=1</script>\"'><svg onload=window.ran=1>"


class TestHostileWords(Stage):
    def test_markup_in_every_word_runs_nothing(self):
        call = self.daemon.call
        stream = self.daemon.add_stream(MARKUP[:128], description=MARKUP[:512], location={"city": MARKUP[:36]})
        call("POST", "/6/groups", {"group_name": "group", "description": MARKUP})
        call("POST", "/6/tokens", {"description": MARKUP[:128], "expiration_time": None, "permissions": {}})
        call("POST", "/6/accounts", {"login": "other@example.org", "password": "some password", "account_type": "user", "description": MARKUP[:128]})
        listed = call("POST", "/6/lists", {"user_data": MARKUP[:128]})["list_id"]
        face = call("POST", "/6/faces", {"user_data": MARKUP[:128], "external_id": MARKUP[:36], "avatar": MARKUP, "lists": [listed]})["face_id"]
        match = {"label": MARKUP[:36], "candidates": [{"face": {"face_id": face, "user_data": MARKUP[:128], "external_id": MARKUP[:36], "create_time": None}, "similarity": 0.95}]}
        account = call("GET", "/6/account")["account_id"]
        handler = call("GET", f"/6/handlers?account_id={account}")[0]["handler_id"]
        event = call("POST", f"/6/handlers/{handler}/events/raw", {"source": MARKUP[:128], "user_data": MARKUP[:128], "tags": [MARKUP[:36]], "meta": {"a": MARKUP}, "stream_id": stream, "matches": [match]})["event_id"]
        browser = self.browser
        browser.sign_in(self.daemon)
        for place in [*PAGES, f"streams/{stream}", f"streams/{stream}/edit", f"events/{event}", f"faces/{face}", f"faces?user_data={MARKUP}", f"lists/{listed}", f"search?face={face}", f"search?sample={MARKUP}", f"streams?group={MARKUP}", f"events?tags={MARKUP}", MARKUP, f"sign-in/{MARKUP}"]:
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
        staff = self.daemon.call("POST", "/6/lists", {"user_data": "Staff"})["list_id"]
        browser = self.browser
        browser.go("sign-in")
        browser.find("h1")
        self.judge("sign-in")
        picture = draw(browser, [ANNA, BEN], self.daemon.folder / "picture.png")
        face = self.daemon.add_face("Anna", picture, lists=[staff])
        browser.sign_in(self.daemon)
        for place in [*PAGES, f"faces/{face}", f"lists/{staff}", f"streams/{stream}", f"streams/{stream}/edit"]:
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
        browser.go("search")
        browser.find(".drop")
        browser.driver.find_element(By.CSS_SELECTOR, ".drop input").send_keys(str(picture))
        browser.find(".face-choice label").click()
        browser.find(".face-list li")
        self.judge("looking up")

    def judge(self, place):
        found = Axe().run(self.browser.driver, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})["violations"]
        told = [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]
        self.assertEqual(told, [], place)


class TestAccessDark(TestAccess):
    dark = True


class TestAccessPhone(TestAccess):
    size = (400, 860)


class TestManyStreams(Stage):
    """Two hundred streams on one page for a minute. For an idle machine: what a busy one takes longer for is no fault of the page."""

    settings = {"SIGHTLINE_STREAMS_MAXIMUM": "200"}

    def watch(self, count, seconds=60):
        """Looks at all of them, a screen at a time, and gives what took long meanwhile and how many pictures were shown."""
        browser = self.browser
        browser.watch_long_tasks()
        browser.sign_in(self.daemon)
        browser.wait(lambda: browser.run("return document.querySelectorAll('.tile').length") == count, "all tiles are there", 90)
        browser.settle(3)
        begun = browser.run("return performance.now()")
        browser.run("performance.clearResourceTimings(); performance.setResourceTimingBufferSize(5000)")
        screens = 20
        for turn in range(screens):
            browser.run("scrollTo(0, arguments[0] * (document.documentElement.scrollHeight - innerHeight))", turn / (screens - 1))
            browser.settle(seconds / screens)
        late = lambda name: [task for task in browser.run(f"return {name}") if task[0] > begun]  # noqa: E731
        asked, shown = browser.run("const all = performance.getEntriesByType('resource').filter(({ name }) => name.includes('preview.jpg')); return [new Set(all.map(({ name }) => name)).size, all.filter(({ responseStatus }) => responseStatus === 200).length]")
        tasks, scripts = late("tasks"), late("scripts")
        print(f"{count} streams, {seconds} s: {shown} pictures shown, {asked} streams asked for one, tasks over 50 ms {tasks}, the longest script {max((ms for _, ms, _ in scripts), default=0)} ms", flush=True)
        return tasks, scripts, shown

    def test_two_hundred_that_do_not_work_hold_up_nothing(self):
        for number in range(200):
            self.daemon.add_stream(f"Camera {number}", "rtsp://127.0.0.1:9/none")
        tasks, _, _ = self.watch(200)
        self.assertEqual(tasks, [])

    def test_two_hundred_with_pictures_hold_up_nothing(self):
        film = self.daemon.folder / "small.mp4"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", "30", "-i", SAMPLES / "lobby.mp4", "-vf", "fps=1,scale=256:-2", "-g", "1", "-bf", "0", film], check=True)
        # Two cores look at twenty of them each second. The others have a picture when they are looked at, each half minute, so most of what is asked of
        # them is waited for in vain.
        for number in range(200):
            looks = {"rate": {"unit": "second", "period": 1 if number % 10 == 0 else 30}, "model": "fast"}
            self.daemon.add_stream(f"Camera {number}", "small.mp4", analytics=[{"analytic_name": "people_count", "parameters": {"parameters": looks}}])
        running = lambda: self.daemon.call("GET", "/6/streams/count?statuses=in_progress")["streams_count"]  # noqa: E731
        self.browser.wait(lambda: running() == 200, "all run", 180)
        _, scripts, shown = self.watch(200)
        self.assertGreater(shown, 20, "pictures that were shown")
        # Drawing and decoding compete with two hundred decoders here; what scripts do must not hold up anything.
        self.assertEqual([script for script in scripts if script[1] > 50], [])


LANGUAGES = sorted(file.stem for file in (CONSOLE / "messages").glob("*.json"))


def messages(language):
    return json.loads((CONSOLE / "messages" / f"{language}.json").read_text())


def properties(root):
    """What the form of a schema asks: the variant that it is asked in, its name, whether it is explained, and what there is to choose."""
    def resolved(schema):
        found = schema
        while "$ref" in found:
            found = functools.reduce(lambda at, key: at[key], found["$ref"][2:].split("/"), root)
        return {**found, **({"description": schema["description"]} if "description" in schema else {})}

    def word(schema):
        told = [one["const"] for one in schema.get("properties", {}).values() if "const" in one]
        return "-".join(map(str, told))

    def asked(schema, key, variant):
        schema = resolved(schema)
        choices = tuple(one for one in schema.get("enum", resolved(schema.get("items", {})).get("enum", [])) if one is not None)
        if "const" in schema or (len(choices) == 1 and choices[0] == schema.get("default")):
            return
        if key not in ("", "item"):
            yield variant, key, "description" in schema, choices
        if key in ("roi", "droi"):  # drawn
            return
        if "items" in schema and not resolved(schema["items"]).get("enum"):
            yield from asked(schema["items"], "item", variant)
        for name, one in schema.get("properties", {}).items():
            yield from asked(one, name, variant)
        for one in map(resolved, schema.get("oneOf", [])):
            for name, inner in one.get("properties", {}).items():
                yield from asked(inner, name, word(one) or variant)

    return list(asked(root, "", ""))


class TestFiles(unittest.TestCase):
    """What can be told without a browser."""

    def test_all_of_it_weighs_little(self):
        weights = {str(file.relative_to(CONSOLE)): len(gzip.compress(file.read_bytes(), 9)) for file in CONSOLE.rglob("*") if file.is_file()}
        self.assertLess(sum(weights.values()), 300_000, weights)

    def test_what_the_page_names_is_there(self):
        for path in re.findall(r'(?:src|href)="console/([^"]+)"', (CONSOLE / "index.html").read_text()):
            self.assertTrue((CONSOLE / path).is_file(), path)

    def test_all_languages_say_the_same(self):
        english = messages("en")
        names = lambda text: sorted(re.findall(r"\{\w+\}", text))  # noqa: E731
        for language in LANGUAGES:
            # What help an analytic's schema gives stands in English in the schema itself.
            other = {key: text for key, text in messages(language).items() if key in english or not re.fullmatch(r"param\..+\.help", key)}
            self.assertEqual(list(other), list(english), language)
            for key, text in other.items():
                self.assertEqual(names(text), names(english[key]), f"{language}: {key}")

    def test_each_property_of_the_analytics_has_its_words_in_each_language(self):
        asked = {property for file in (ROOT / "analytics").glob("*/schema.json") for property in properties(json.loads(file.read_text()))}
        self.assertGreater(len(asked), 40)
        for language in LANGUAGES:
            words = messages(language)
            for variant, key, has_help, choices in asked:
                has = lambda end="": f"param.{variant}.{key}{end}" in words or f"param.{key}{end}" in words  # noqa: E731
                self.assertTrue(has(), f"{language}: {key} has no name")
                self.assertTrue(not has_help or language == "en" or has(".help"), f"{language}: {key} has no help")
                self.assertEqual([one for one in choices if f"choice.{key}.{one}" not in words and not isinstance(one, int)], [], f"{language}: {key}")
            known = {f"param.{key}.help" for _, key, *_ in asked} | {f"param.{variant}.{key}.help" for variant, key, *_ in asked}
            self.assertEqual([key for key in words if key.startswith("param.") and key.endswith(".help") and key not in known], [], f"{language}: helps for nothing")

    def test_every_message_is_there(self):
        english = json.loads((CONSOLE / "messages/en.json").read_text())
        for file in CONSOLE.rglob("*.js"):
            for key in re.findall(r"\bt\(\"([\w.-]+)\"", file.read_text()):
                self.assertTrue(key in english or f"{key}.other" in english, f"{file.name}: {key}")

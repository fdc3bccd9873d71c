"""The camera's own video in the console, in a real browser: it is played, its boxes are in step, and where something is hidden there is none."""

import pathlib
import shutil
import tempfile

import numbered
from stage import SAMPLES, Browser, Daemon, Stage


class TestVideo(Stage):
    @classmethod
    def setUpClass(cls):
        cls.films = pathlib.Path(tempfile.mkdtemp(prefix="sightline-films-"))
        cls.addClassCleanup(shutil.rmtree, cls.films)
        numbered.film(SAMPLES / "lobby.mp4", cls.films / "numbered.mp4", seconds=120)
        cls.daemon = Daemon(roots=[SAMPLES, cls.films])
        cls.addClassCleanup(cls.daemon.close)
        cls.browser = Browser(cls.daemon.base, *cls.size)
        cls.addClassCleanup(cls.browser.close)
        cls.browser.sign_in(cls.daemon)

    def open(self):
        """The page of a new stream, which is watched."""
        # By the film's own clock, so that the time of a look says which frame it is of.
        self.stream = self.daemon.add_stream("Numbered", data={"type": "stream", "reference": "numbered.mp4", "timestamp_source": "pts"})
        browser = self.browser
        self.assertIs(browser.driver.execute_async_script(numbered.WATCH), True)
        browser.go(f"streams/{self.stream}")
        browser.find(".live")

    def setUp(self):
        super().setUp()
        self.browser.go("streams")
        self.browser.driver.refresh()  # no page is watched any more
        self.browser.find(".page h1")

    def test_the_video_plays_with_its_boxes_in_step(self):
        browser = self.browser
        browser.errors()
        self.open()
        browser.find(".live.plays")
        browser.wait(lambda: browser.run("return seen.frames.length > 100 && seen.looks.length > 30"), "the video plays")
        seen = browser.run("return seen")
        numbers = [frame["number"] for frame in seen["frames"]]
        self.assertEqual(numbers, sorted(numbers), "frames are seen in their order")
        self.assertGreater(seen["bytes"], 100_000)

        # A look's place in the video is that of its very frame: the strip says so, which no clock has anything to do with.
        shown = {round(frame["time"] * 1000): frame["number"] for frame in seen["frames"]}
        known = [(look, shown.get(round(look["time"] * 1000))) for look in seen["looks"]]
        known = [(look["offset"] * numbered.RATE, number) for look, number in known if number is not None]
        self.assertGreater(len(known), 10)
        for offset, number in known:
            self.assertAlmostEqual(offset, number, delta=0.01)

        # What is drawn over a frame is the latest look at or before it, of those that have come; to the frame.
        self.assertGreater(len(seen["paints"]), 10)
        for paint in seen["paints"]:
            drawn = round(paint["offset"] * numbered.RATE)
            self.assertLessEqual(drawn, paint["frame"], "nobody is shown where he will be")
            between = [look for look in seen["looks"] if drawn < round(look["offset"] * numbered.RATE) < paint["frame"] and look["at"] < paint["at"] - 40]
            self.assertEqual(between, [], f"a later look was there when {drawn} was drawn over {paint['frame']}")
        # Nearly all looks are there before their frame is seen, since the video waits for them.
        settled = seen["looks"][10:]
        late = [look for look in settled if look["frame"] > round(look["offset"] * numbered.RATE)]
        self.assertLess(len(late), len(settled) * 0.25, f"{len(late)} of {len(settled)} looks came late")
        self.assertEqual(browser.errors(), [])

    def test_privacy_that_comes_while_it_is_watched_ends_the_video(self):
        browser = self.browser
        self.open()
        browser.find(".live.plays")
        browser.wait(lambda: browser.run("return seen.frames.length > 20"), "the video plays")
        rate = {"unit": "second", "period": 0.25}
        self.daemon.call("PUT", f"/6/streams/{self.stream}", {
            "data": {"type": "stream", "reference": "numbered.mp4"}, "privacy": {"mode": "people"},
            "analytics": [{"analytic_name": "people_count", "parameters": {"parameters": {"rate": rate}}}]})
        browser.settle(0.5)  # what was on its way has come
        bytes_before = browser.run("seen.pictures.length = 0; return seen.bytes")
        browser.wait(lambda: browser.run("return seen.pictures.length > 8"), "pictures come in its place")
        self.assertFalse(browser.has(".live.plays"))
        self.assertEqual(browser.run("return seen.bytes"), bytes_before)
        numbers = browser.run("return seen.pictures.map((one) => one.number)")
        self.assertGreater(len(set(numbers)), 3, "the pictures go on")

    def test_a_browser_that_cannot_play_it_shows_pictures(self):
        browser = self.browser
        script = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "MediaSource.isTypeSupported = () => false;"})
        self.addCleanup(browser.driver.execute_cdp_cmd, "Page.removeScriptToEvaluateOnNewDocument", script)
        browser.driver.refresh()
        browser.find(".page h1")
        browser.errors()
        self.open()
        browser.wait(lambda: browser.run("return seen.pictures.length > 8"), "pictures come")
        self.assertFalse(browser.has(".live.plays"))
        self.assertEqual(browser.run("return [seen.bytes, seen.frames.length]"), [0, 0])
        self.assertEqual(browser.errors(), [])

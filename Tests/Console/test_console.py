"""What people do in the console, in a real browser against a real daemon. Run by scripts/trial/console."""

import json
import subprocess

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from stage import ROOT, SAMPLES, Browser, Camera, Daemon, Proxy, Stage


class TestSigningIn(Stage):
    def test_a_wrong_password_is_told_and_the_right_one_lets_in(self):
        browser = self.browser
        browser.go("people")  # where somebody wants to go is where he comes
        browser.find("input[name=login]").send_keys(self.daemon.login)
        browser.find("input[name=password]").send_keys("wrong password", Keys.ENTER)
        browser.find(".form-error", "Account login or password are incorrect")
        password = browser.find("input[name=password]")
        password.clear()
        password.send_keys(self.daemon.password, Keys.ENTER)
        browser.find("h1", "People over time")
        browser.find(".settings button", "Sign out").click()
        browser.find("input[name=login]")
        browser.go("streams")
        browser.find("h1", "Sign in")

    def test_a_link_signs_in_once(self):
        code = self.daemon.call("POST", "/6/session/codes")["code"]
        self.browser.go(f"sign-in/{code}")
        self.browser.find("h1", "Add your first camera")
        self.browser.find(".settings button", "Sign out").click()
        self.browser.find("input[name=login]")
        self.browser.go(f"sign-in/{code}")
        self.browser.find(".form-error", "The link did not work")


    def test_two_daemons_at_one_host_do_not_sign_each_other_out(self):
        other = Daemon()
        self.addCleanup(other.close)
        browser = self.browser
        browser.sign_in(self.daemon)
        browser.base = other.base
        self.addCleanup(setattr, browser, "base", self.daemon.base)
        browser.sign_in(other)
        browser.base = self.daemon.base
        browser.go("people")
        browser.find("h1", "People over time")

    def test_behind_a_proxy_under_a_path_all_is_there(self):
        proxy = Proxy(self.daemon)
        self.addCleanup(proxy.close)
        browser = Browser(proxy.base)
        self.addCleanup(browser.close)
        browser.driver.get(proxy.base)  # without the slash at its end
        browser.find("h1", "Sign in")
        stream = self.daemon.add_stream("Entrance")
        browser.sign_in(self.daemon)
        browser.find(".tile.has-picture")
        browser.find(".tile-name").click()
        browser.wait(lambda: browser.people_now() > 0, "people are counted over a WebSocket")
        browser.find(".events-card .event", seconds=90)
        browser.go("events")
        browser.find(".event-cards .event a").click()
        browser.wait(lambda: browser.run("const i = document.querySelector('dialog .event-large img'); return i && i.complete && i.naturalWidth > 100"), "the event has its picture")
        self.daemon.call("DELETE", f"/6/streams/{stream}")
        self.assertEqual([url for url in browser.asked() if not url.startswith((proxy.base, proxy.base.replace("http", "ws"), "data:", "blob:"))], [])
        self.assertEqual([error for error in browser.errors() if "404" not in error], [])


class TestCovering(Stage):
    """Files are dropped, and come back with faces covered."""

    def drop(self, *files):
        self.browser.driver.find_element(By.CSS_SELECTOR, "#cover-files").send_keys("\n".join(map(str, files)))

    def test_a_picture_and_a_video_stand_beside_what_became_of_them(self):
        browser, folder = self.browser, self.daemon.folder
        picture, video, text = folder / "people.jpg", folder / "film.mp4", folder / "notes.mp4"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-ss", "3", "-i", SAMPLES / "lobby.mp4", "-frames:v", "1", picture], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", SAMPLES / "lobby.mp4", "-t", "2", "-c", "copy", video], check=True)
        text.write_text("no film")
        browser.sign_in(self.daemon)
        browser.go("jobs")
        browser.find(".cover-desk")
        browser.asked(), browser.errors()
        browser.find(".cover-desk .check label").click()  # whole people: the sample's are small
        self.drop(picture, video, text)
        browser.find(".sent .form-error", "It could not be done", 60)
        shown = """return [...document.querySelectorAll('.sent')].map((node) => {
            const [before, after] = node.querySelectorAll('img, video');
            const size = (one) => one && (one.naturalWidth || one.videoWidth);
            return [node.querySelector('h3').textContent, size(before) ?? 0, size(after) ?? 0];
        })"""
        width = int(subprocess.check_output(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width", "-of", "csv=p=0", video]))
        wanted = {picture.name: [width, width], video.name: [width, width], text.name: [0, 0]}
        browser.wait(lambda: {name: sizes for name, *sizes in browser.run(shown)} == wanted, "both are shown beside each other", 120)
        # What was sent and what came back are not the same picture.
        differ = browser.run("""const draw = (image) => { const c = document.createElement('canvas'); [c.width, c.height] = [image.naturalWidth, image.naturalHeight];
            const pen = c.getContext('2d'); pen.drawImage(image, 0, 0); return pen.getImageData(0, 0, c.width, c.height).data; };
            const [one, other] = [...document.querySelectorAll('.sent img')].map(draw); let n = 0;
            for (let i = 0; i < one.length; i += 4) if (Math.abs(one[i] - other[i]) > 40) n++;
            return n;""")
        self.assertGreater(differ, 100)
        browser.run("document.querySelector('.sent video').play()")
        browser.wait(lambda: browser.run("return [...document.querySelectorAll('.sent video')].every((one) => one.currentTime > 0.3)"), "both videos play")
        # The job's own page has both, too, as long as this tab is open.
        [browser.run("arguments[0].click()", link) for link in browser.driver.find_elements(By.CSS_SELECTOR, ".sent-head a")[-1:]]
        browser.wait(lambda: browser.run("return document.querySelectorAll('.page-jobs .before-after img').length") == 2, "the page of the job shows both")
        self.assertEqual([url for url in browser.asked() if not url.startswith((self.daemon.base, self.daemon.base.replace("http", "ws"), "data:", "blob:"))], [])
        self.assertEqual(browser.errors(), [])


class TestWatching(Stage):
    def test_from_nothing_to_boxes_a_zone_and_an_event(self):
        """Of a camera, by its address, as whoever has one does it."""
        camera, browser = Camera(), self.browser
        self.addCleanup(camera.close)
        browser.sign_in(self.daemon)
        browser.asked(), browser.errors()
        # Without a stream the page is the form that adds one.
        browser.find("h1", "Add your first camera")
        browser.find("input[name=reference]").send_keys(camera.address)
        browser.find("input[name=name]").send_keys("Entrance")
        browser.find(".probe-good")
        self.assertTrue(browser.run("const i = document.querySelector('.probe-picture img'); return i.complete && i.naturalWidth > 100"))
        browser.find("button[type=submit]").click()
        browser.find("h1", "Entrance")
        self.boxes_move()
        self.draw_a_zone()
        self.find_the_event()
        self.assertEqual(browser.errors(), [])
        own = (self.daemon.base, self.daemon.base.replace("http", "ws"), "data:", "blob:")
        self.assertEqual([url for url in browser.asked() if not url.startswith(own)], [])

    def test_the_sample_is_one_click_away(self):
        browser = self.browser
        browser.sign_in(self.daemon)
        browser.find(".use-sample").click()
        browser.find(".probe-good")
        browser.find("button[type=submit]").click()
        browser.find("h1", "Sample")
        browser.wait(lambda: browser.people_now() > 0, "people are counted")

    def boxes_move(self):
        """Boxes are drawn over a picture that is there, and are elsewhere a while later."""
        browser = self.browser
        browser.run("""window.boxes = () => {
            const c = document.querySelector('.live-over'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, found = [];
            for (let i = 0; i < d.length; i += 4) if (d[i] === 69 && d[i + 1] === 224 && d[i + 2] === 211 && d[i + 3] === 255) found.push(i / 4);
            return found;
        }""")
        before = browser.wait(lambda: browser.run("return boxes().length > 100 ? boxes() : null"), "boxes are drawn")
        after = browser.wait(lambda: (lambda now: now if len(now) > 100 and len(set(now) & set(before)) < len(before) / 2 else None)(browser.run("return boxes()")), "boxes move")
        self.assertGreater(len(after), 100)
        shades = browser.run("""const c = document.querySelector('.live-picture'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            return new Set(Array.from({length: 4000}, (_, i) => d[Math.floor(i * d.length / 16000) * 4])).size""")
        self.assertGreater(shades, 40, "the picture has shades")
        browser.wait(lambda: browser.people_now() > 0, "people are counted")

    def draw_a_zone(self):
        """By keys alone: a polygon, its first corner moved, taken back, moved again; then the live view counts in it."""
        browser = self.browser
        browser.find(".tools a", "Edit").click()
        browser.find(".probe-good")
        browser.find(".draw-zone[data-kind=droi]").send_keys(Keys.ENTER)
        browser.find("dialog button", "A polygon").send_keys(Keys.ENTER)
        browser.wait(lambda: "zone-point" in browser.driver.switch_to.active_element.get_attribute("class"), "the first corner has the focus")
        place = lambda: browser.driver.find_element(By.CSS_SELECTOR, ".zone-point").get_attribute("aria-label")  # noqa: E731
        self.assertIn("30 % from the left", place())
        for _ in range(5):
            ActionChains(browser.driver).key_down(Keys.SHIFT).send_keys(Keys.ARROW_LEFT).key_up(Keys.SHIFT).perform()
        self.assertIn("5 % from the left", place())
        ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()
        self.assertIn("30 % from the left", place())
        ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("y").key_up(Keys.CONTROL).perform()
        self.assertIn("5 % from the left", place())
        browser.find("dialog .primary", "Use").send_keys(Keys.ENTER)
        browser.find(".zone-field", "1 polygon, 4 corners")
        browser.find("button[type=submit]", "Save").send_keys(Keys.ENTER)
        stream, = self.daemon.call("GET", "/6/streams")["streams"]
        browser.wait(lambda: self.daemon.call("GET", "/6/streams")["streams"][0]["version"] == 2, "the zone is kept")
        stream, = self.daemon.call("GET", "/6/streams")["streams"]
        droi = stream["analytics"][0]["parameters"]["parameters"]["droi"]
        self.assertEqual(droi, {"area": [[{"x": 5, "y": 30}, {"x": 70, "y": 30}, {"x": 70, "y": 80}, {"x": 30, "y": 80}]], "form": "common", "mode": "percent"})
        counted = set()
        browser.wait(lambda: counted.add(browser.find(".zone-counts dd").text) or len(counted) > 1, "the count in the zone changes", 60)

    def find_the_event(self):
        """An event comes by itself, stands among all events, and says why it was."""
        browser = self.browser
        browser.find(".events-card .event", seconds=90)
        browser.go("events")
        browser.find(".event-cards .event a").click()
        browser.find("dialog .sentences li")
        browser.wait(lambda: browser.run("const i = document.querySelector('dialog .event-large img'); return i && i.complete && i.naturalWidth > 100"), "the event has its picture")
        browser.wait(lambda: browser.run("return document.querySelectorAll('dialog .event-boxes .meant').length") > 0, "whom it is about is marked in it")
        browser.find("dialog [aria-label=Close]").click()

    def test_a_stopped_daemon_is_told_and_the_page_recovers(self):
        browser = self.browser
        browser.sign_in(self.daemon)
        self.daemon.add_stream("Entrance")
        browser.go("streams")
        browser.find(".tile", "Entrance")
        browser.settle(5)
        self.daemon.stop()
        self.addCleanup(lambda: self.daemon.process.poll() is None or self.daemon.start())
        browser.find(".banner", "The daemon does not answer")
        browser.go("events")
        browser.find(".state.failed", "The daemon does not answer")
        self.daemon.start()
        browser.wait(lambda: not browser.has(".state.failed"), "the events come by themselves")
        browser.go("streams")
        browser.wait(lambda: not browser.has(".banner"), "the banner goes")
        self.daemon.add_stream("Added meanwhile", "rtsp://127.0.0.1:9/none")
        browser.find(".tile", "Added meanwhile")
        browser.find(".problems li", "Connection refused")
        browser.errors()

    def test_keys_alone_lead_to_a_stream(self):
        browser = self.browser
        self.daemon.add_stream("Entrance")
        browser.sign_in(self.daemon)
        browser.find(".tile", "Entrance")
        for _ in range(60):
            ActionChains(browser.driver).send_keys(Keys.TAB).perform()
            if "tile-name" in (browser.driver.switch_to.active_element.get_attribute("class") or ""):
                break
        ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
        browser.find("h1", "Entrance")
        browser.find(".live")


class TestSpeed(Stage):
    """For an idle machine: what takes longer on a busy one is no fault."""

    def test_the_first_picture_is_there_within_a_second(self):
        browser = self.browser
        browser.sign_in(self.daemon)
        self.daemon.add_stream("Entrance")
        browser.go("streams")
        browser.find(".tile.has-picture")
        browser.driver.refresh()
        browser.find(".tile.has-picture")
        milliseconds = browser.run("return performance.getEntriesByType('resource').find(({ name }) => name.includes('preview.jpg')).responseEnd")
        self.assertLess(milliseconds, 1000)


class TestForms(Stage):
    """A form that is made from a schema gives back what it was given, whatever that is."""

    CALLBACKS = [
        {"type": "http", "url": "https://example.org/hook", "enable": 0, "authorization": {"type": "basic", "login": "me", "password": "secret"},
         "params": {"timeout": 5, "headers": {"X-One": "1", "X-Two": "a: b"}, "image_links": "signed"}},
        {"type": "mqtt", "url": "mqtt://example.org", "params": {"qos": 0, "retain": 1, "topic": "a/{stream_id}"}},
        {"type": "luna-ws-notification"},
    ]

    def test_what_stands_in_a_form_is_what_it_was_given(self):
        self.browser.sign_in(self.daemon)
        given = []
        for name in ("people_count", "human_tracking"):
            for file in sorted((ROOT / "analytics" / name / "examples").glob("*.json")):
                given.append({"analytic_name": name, "parameters": json.loads(file.read_text()).get("parameters", {})})
        whole = {"targets": ["overview"], "callbacks": self.CALLBACKS, "parameters": {
            "roi": {"x": 1, "y": 2, "width": 30, "height": 40, "mode": "abs"}, "rate": {"unit": "second", "period": 0.5}, "probe_count": 0, "model": "fast", "confidence": 0.25,
            "image_retain_policy": {"mimetype": "PNG", "quality": 0.5, "max_size": 0, "ttl": -1}, "event_policy": {"trigger": "period", "interval": 10}, "privacy": {"mode": "people", "method": "mask"}}}
        given.append({"analytic_name": "people_count", "parameters": whole})
        given.append({"analytic_name": "people_count", "parameters": {}})
        read = self.browser.driver.execute_async_script("""
            const [given, done] = arguments;
            (async () => {
              const { AnalyticsForm } = await import('/console/parts/analytics-form.js');
              const { analytics } = await (await fetch('/6/analytics?page_size=100')).json();
              done(new AnalyticsForm(analytics, given, () => null, () => null).read());
            })().catch((error) => done(String(error.stack)));""", given)
        self.assertEqual(read, given)


class TestRights(Stage):
    def test_a_token_without_rights_sees_less(self):
        self.daemon.add_stream("Entrance")
        token = self.daemon.call("POST", "/6/tokens", {"expiration_time": None, "permissions": {"video_stream": ["view"], "token": ["view"]}})["token"]
        browser = self.browser
        browser.go("sign-in")
        browser.find(".segments button", "Token").click()
        browser.find("input[name=token]").send_keys(token, Keys.ENTER)
        browser.find(".tile", "Entrance")
        self.assertEqual([place.text for place in browser.driver.find_elements(By.CSS_SELECTOR, "a.place")], ["Streams", "Tokens"])
        self.assertFalse(browser.has("a[href='#/streams/new']"))
        browser.find(".tile-name").click()
        browser.find(".live")
        self.assertEqual([button.text for button in browser.driver.find_elements(By.CSS_SELECTOR, ".page-head .tools > *")], [])
        self.assertFalse(browser.has(".events-card"))
        browser.go("system")
        browser.find(".state.failed")
        browser.driver.refresh()
        browser.find("a.place", "Streams")

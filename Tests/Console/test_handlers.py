"""Handlers in the console: made, tried and changed. Run by scripts/trial/console."""

import json

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from drawn_faces import ANNA, ANNA_LATER
from face_stage import FaceStage
from stage import Stage


class TestHandlers(FaceStage):
    def test_one_is_made_by_the_form_tried_with_a_picture_and_goes_on_as_json(self):
        browser, call = self.browser, self.daemon.call
        staff = call("POST", "/6/lists", {"user_data": "Staff"})["list_id"]
        self.add_face("Anna", ANNA, lists=[staff])
        picture = self.picture(ANNA_LATER)
        browser.go("handlers")
        self.assertEqual([row.text for row in browser.driver.find_elements(By.CSS_SELECTOR, "td button")], [], "the one that every account has stays")
        browser.find("a", "Add a handler").click()
        browser.find("form input[type=text]").send_keys("Door")
        self.choose("Compared with the list", "Staff")
        self.field("Tag of who is known").send_keys("staff")
        self.choose("Events", "Of who is known")
        browser.find("button[type=submit]").click()
        browser.find("h1", "Door")
        handler, = [one for one in call("GET", "/6/handlers") if one["description"] == "Door"]
        policies = handler["policies"]
        known = {"match": [{"label": "Staff", "similarity__gte": 0.9}]}
        self.assertEqual([(match["label"], match["candidates"]) for match in policies["match_policy"]], [("Staff", {"origin": "faces", "list_id": staff})])
        self.assertEqual(policies["conditional_tags_policy"], [{"tag": "staff", "filters": known}])
        self.assertEqual((policies["storage_policy"]["event_policy"]["store_event"], policies["storage_policy"]["event_policy"]["filters"]), (1, known))
        # What the daemon has filled in is no more than the form knows.
        self.assertEqual(self.field("Tag of who is known").get_attribute("value"), "staff")
        self.give(picture)
        browser.find(".tried", "staff")
        browser.find(".tried .match-list", "Anna")
        browser.find(".tried h3 a").click()
        browser.find(".facts", "staff")
        browser.find(".who .match-list", "Anna")
        browser.go(f"handlers/{handler['handler_id']}")
        browser.find(".segments button", "JSON").click()
        text = browser.find("textarea")
        wanted = json.loads(text.get_attribute("value"))
        self.assertEqual(wanted["conditional_tags_policy"], policies["conditional_tags_policy"])
        wanted["conditional_tags_policy"].append({"tag": "old", "filters": {"age__gte": 60}})
        wanted["extract_policy"]["fd_score_threshold"] = 0.1
        self.write(text, json.dumps(wanted)[:-1])
        browser.find("button[type=submit]").click()
        browser.find(".form-error", "This is no JSON")
        self.write(text, json.dumps(wanted))
        browser.find(".segments button", "Form").click()
        browser.find(".form-error", "more than the form knows")
        self.write(browser.find("textarea"), json.dumps(wanted))
        browser.find("button[type=submit]").click()
        browser.wait(lambda: len(call("GET", f"/6/handlers/{handler['handler_id']}")["policies"]["conditional_tags_policy"]) == 2, "it is kept")
        browser.go("handlers")
        browser.find("td", "Compares with the list Staff. Tags: staff, old.")
        browser.find("td button", "Delete").click()
        browser.find("dialog .danger").click()
        browser.wait(lambda: len(call("GET", "/6/handlers")) == 1, "it is gone")
        self.assertEqual(browser.errors(), [])

    def field(self, label):
        return self.browser.driver.find_element(By.ID, self.browser.find("form label", label).get_attribute("for"))

    def choose(self, label, words):
        Select(self.field(label)).select_by_visible_text(words)

    def write(self, area, text):
        self.browser.run("arguments[0].value = arguments[1]", area, text)


class TestPolicies(Stage):
    """A form of a handler gives back what it was given, or leaves it to JSON."""

    FORM = {"list": "7b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "label": "staff", "similarity": 0.85, "tagKnown": "staff", "tagUnknown": "stranger", "events": "known", "samples": False, "ttl": 30,
            "origin": True, "faces": "unknown", "onList": "7b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7062", "attributes": True, "estimates": ["estimate_quality", "estimate_gaze"], "notify": False}

    def ask(self, script, *arguments):
        self.browser.go("sign-in")
        self.browser.find("h1")
        return self.browser.driver.execute_async_script(f"""
            const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            import('/console/lib/policies.js').then(({{ emptyForm, formOf, policiesOf, isWhole }}) => done(({script})(...given))).catch((error) => done(String(error.stack)));""", *arguments)

    def test_a_form_comes_back_from_what_it_says(self):
        self.assertEqual(self.ask("(form) => formOf(policiesOf(form, null))", self.FORM), self.FORM)
        self.assertEqual(self.ask("() => JSON.stringify(formOf(policiesOf(emptyForm(), null))) === JSON.stringify(emptyForm())"), True)

    def test_what_a_form_does_not_know_stays_and_what_it_would_lose_is_left_to_json(self):
        callbacks = [{"type": "http", "url": "https://example.org/hook"}]
        kept = self.ask("(form, callbacks) => policiesOf(form, { detect_policy: { yaw_threshold: 20 }, storage_policy: { callbacks } })", self.FORM, callbacks)
        self.assertEqual((kept["detect_policy"]["yaw_threshold"], kept["storage_policy"]["callbacks"]), (20, callbacks))
        whole = "(form, change) => isWhole({ ...policiesOf(form, null), ...change })"
        self.assertIs(self.ask(whole, self.FORM, {}), True)
        two = [{"label": label, "candidates": {"origin": "faces", "list_id": self.FORM["list"]}} for label in ("staff", "guests")]
        for change in ({"match_policy": two}, {"match_policy": [{"label": "staff", "candidates": {"origin": "events"}}]}, {"conditional_tags_policy": [{"tag": "old", "filters": {"age__gte": 60}}]}):
            self.assertIs(self.ask(whole, self.FORM, change), False, change)

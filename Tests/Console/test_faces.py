"""What people do with faces in the console: lists, looking somebody up, and who it is in events. Run by scripts/trial/console."""

import re

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from drawn_faces import ANNA, ANNA_LATER, BEN
from face_stage import LISTEN, FaceStage
from stage import Stage


class TestFaces(FaceStage):
    def test_from_a_picture_to_a_face_on_a_list_and_off_it(self):
        browser, call = self.browser, self.daemon.call
        both = self.picture(ANNA, BEN)
        browser.go("lists")
        browser.find("button", "Add a list").click()
        browser.find("dialog input[type=text]").send_keys("Guests", Keys.ENTER)
        browser.find("td a", "Guests").click()
        browser.find(".state.empty", "Nobody is on this list")
        browser.find("button", "Edit").click()
        name = browser.find("dialog input[type=text]")
        name.clear()
        name.send_keys("Staff", Keys.ENTER)
        browser.find("h1", "Staff")
        listed, = call("GET", "/6/lists")["lists"]
        self.assertEqual(listed["user_data"], "Staff")
        browser.run(LISTEN)
        browser.find("button", "Add a face").click()
        self.give(both, "dialog")
        browser.find("dialog legend", "2 faces are in the picture")
        browser.find("dialog input[type=text]").send_keys("Anna", Keys.ENTER)
        browser.find("dialog .form-error", "Choose a picture, and in it the face that is meant")
        # The larger one is first: Ben is. By keys alone.
        first, second = browser.driver.find_elements(By.CSS_SELECTOR, "dialog .face-choice input")
        first.send_keys(Keys.ARROW_RIGHT)
        self.assertTrue(second.is_selected())
        browser.find("dialog button[type=submit]").send_keys(Keys.ENTER)
        browser.find(".face-item", "Anna")
        browser.wait(lambda: browser.run("const i = document.querySelector('.face-item img'); return i && i.complete && i.naturalWidth === 250"), "its picture is shown")
        face, = call("GET", "/6/faces")["faces"]
        self.assertEqual((face["user_data"], face["lists"]), ("Anna", [listed["list_id"]]))
        browser.wait(lambda: self.samples_left().count(True) == 1, "the sample of the other face goes")
        self.assertEqual(face["avatar"], "/6/samples/faces/" + browser.run("return window.samples")[self.samples_left().index(True)])
        browser.find(".face-item button", "Take off").click()
        browser.wait(lambda: call("GET", "/6/faces")["faces"][0]["lists"] == [], "it is off the list")
        browser.find("button", "Put faces on it").click()
        browser.find("dialog .face-offer label", "Anna").click()
        browser.find("dialog button[type=submit]").click()
        browser.find(".face-link", "Anna").click()
        browser.find("h1", "Anna")
        browser.find(".facts a", "Staff")
        browser.find("button", "Delete").click()
        browser.find("dialog .danger").click()
        browser.find("h1", "Faces")
        browser.wait(lambda: self.samples_left().count(True) == 0, "its picture goes with it")
        browser.go("lists")
        browser.find("td button", "Delete").click()
        browser.find("dialog .danger").click()
        browser.find(".state.empty", "No lists yet")
        self.assertEqual(browser.errors(), [])

    def test_whoever_is_in_a_picture_is_found_and_nothing_of_it_is_kept(self):
        browser, call = self.browser, self.daemon.call
        staff = call("POST", "/6/lists", {"user_data": "Staff"})["list_id"]
        self.add_face("Ben", BEN)
        self.add_face("Anna", ANNA, lists=[staff])
        browser.go("search")
        browser.run(LISTEN)
        browser.find(".state.empty", "Nobody is looked up yet")
        self.give(self.picture(ANNA_LATER))
        browser.find(".face-list li")
        told = [item.text.split("\n")[0] for item in browser.driver.find_elements(By.CSS_SELECTOR, ".face-list li")]
        self.assertEqual(told, ["Anna", "Ben"])
        alike = [float(meter.get_attribute("value")) for meter in browser.driver.find_elements(By.CSS_SELECTOR, ".face-list meter")]
        self.assertEqual(alike, sorted(alike, reverse=True))
        self.assertGreater(alike[0], 0.9)
        browser.find(".filters select").send_keys("Staff")
        browser.wait(lambda: len(browser.driver.find_elements(By.CSS_SELECTOR, ".face-list li")) == 1, "only those on the list are left")
        self.assertEqual(self.samples_left(), [False])
        # Two faces are a choice: nobody is looked up before it is made.
        self.give(self.picture(BEN, ANNA))
        browser.find("legend", "2 faces are in the picture")
        browser.find(".state.empty", "Nobody is looked up yet")
        self.give(self.daemon.folder / "log")
        browser.find(".form-error")
        browser.errors()
        # Whoever asked stands in the records of who was found.
        browser.find("nav a", "Faces").click()
        browser.find(".face-link", "Anna").click()
        browser.find("summary", "Who was told").click()
        browser.find("details td", "Was found alike")
        browser.find("a.button", "Who is alike?").click()
        browser.find(".face-list li", "Ben")
        self.assertFalse(browser.has(".face-list li:nth-child(2)"), "nobody is told to be like himself")
        self.assertEqual(browser.errors(), [])

    def test_an_event_tells_who_it_is(self):
        browser, call = self.browser, self.daemon.call
        staff = call("POST", "/6/lists", {"user_data": "Staff"})["list_id"]
        anna, ben = self.add_face("Anna", ANNA), self.add_face("Ben", BEN)
        candidate = lambda face, similarity: {"face": {"face_id": face, "user_data": "", "external_id": "", "create_time": "2026-03-02T10:15:30Z"}, "similarity": similarity}  # noqa: E731
        handler = call("GET", f"/6/handlers?account_id={self.account()}")[0]["handler_id"]
        known = call("POST", f"/6/handlers/{handler}/events/raw", {
            "source": "door", "matches": [{"label": "staff", "candidates": [candidate(anna, 0.93), candidate(ben, 0.41)]}, {"label": "guests", "candidates": []}],
            "face": {"face_id": anna, "external_id": "", "user_data": "Anna", "avatar": "", "lists": [staff], "event_id": None, "url": None},
            "face_attributes": {"attribute_id": None, "samples": [], "url": None, "basic_attributes": {"age": 34, "gender": 0, "ethnicities": {"predominant_ethnicity": "asian", "estimations": {"asian": 1, "indian": 0, "caucasian": 0, "african_american": 0}}}},
        })["event_id"]
        call("POST", f"/6/handlers/{handler}/events/raw", {"source": "yard", "matches": [{"label": "staff", "candidates": [candidate(ben, 0.41)]}]})
        browser.go("events?kind=person")
        browser.find(".event", "Most like")
        browser.go(f"events/{known}")
        browser.find(".who h4", "staff")
        browser.wait(lambda: "Anna" in browser.find(".match-list").text, "the name is that of the face")
        self.assertEqual([item.text.split("\n")[:2] for item in browser.driver.find_elements(By.CSS_SELECTOR, ".match-list li")], [["Anna", "same person"], ["Ben", "0.41"]])
        self.assertEqual([pill.text for pill in browser.driver.find_elements(By.CSS_SELECTOR, ".match-list .pill")], ["same person"])
        browser.find(".who", "Nobody was alike")
        browser.find(".who", "on the lists Staff")
        browser.find(".facts", "34")
        browser.find(".facts", "female")
        browser.find(".match-list a", "Anna").click()
        browser.find("h1", "Anna")
        self.assertEqual(browser.errors(), [])

    def test_a_token_is_offered_what_it_has_rights_for(self):
        self.add_face("Anna", ANNA, lists=[self.daemon.call("POST", "/6/lists", {"user_data": "Staff"})["list_id"]])
        browser = self.browser
        places = lambda: [place.text for place in browser.driver.find_elements(By.CSS_SELECTOR, "a.place")]  # noqa: E731
        self.sign_in_by({"list": ["view"]})
        browser.find("td a", "Staff")
        self.assertEqual(places(), ["Lists"])
        self.assertEqual([head.text for head in browser.driver.find_elements(By.CSS_SELECTOR, "th")], ["Name", "Faces are kept", "Changed", "Actions"])
        self.assertFalse(browser.has("main button"))
        browser.find("td a", "Staff").click()
        browser.find("p", "You have no right to see the faces on it")
        self.assertFalse(browser.has("main button"))
        self.sign_in_by({"face": ["view"], "face_sample": ["view"]})
        browser.find(".face-link", "Anna").click()
        browser.find("h1", "Anna")
        self.assertEqual(places(), ["Faces"])
        self.assertFalse(browser.has("main .tools > *"))
        self.sign_in_by({"face": ["matching"]})
        browser.find("h1", "Look somebody up")
        browser.find("p", "rights are missing")
        self.assertFalse(browser.has(".drop"))
        self.assertEqual([error for error in browser.errors() if "404" not in error], [])

    def sign_in_by(self, permissions):
        browser = self.browser
        token = self.daemon.call("POST", "/6/tokens", {"expiration_time": None, "permissions": {"token": [], **permissions}})["token"]
        browser.run("location.hash = '#/'")
        browser.find(".settings button", "Sign out").click()
        browser.find(".segments button", "Token").click()
        browser.find("input[name=token]").send_keys(token, Keys.ENTER)
        browser.find(".page h1", seconds=10)


class TestRecognitionOff(Stage):
    settings = {"SIGHTLINE_RECOGNITION": "off"}

    def test_pages_say_so_and_ask_for_nothing_that_is_refused(self):
        browser = self.browser
        browser.sign_in(self.daemon)
        browser.errors(), browser.asked()
        nobody = "00000000-0000-4000-8000-000000000000"
        for place in ("faces", "lists", "search", f"faces/{nobody}", f"lists/{nobody}", f"search?face={nobody}"):
            browser.go(place)
            browser.find(".state.empty", "People are not known again here")
        for place in ("handlers", "handlers/new"):
            browser.go(place)
            browser.find("p", "compare nobody")
        account = self.daemon.call("GET", "/6/account")["account_id"]
        handler = self.daemon.call("GET", f"/6/handlers?account_id={account}")[0]["handler_id"]
        event = self.daemon.call("POST", f"/6/handlers/{handler}/events/raw", {"source": "door", "matches": [{"label": "staff", "candidates": [{"face": {"face_id": nobody, "user_data": "Anna", "external_id": "", "create_time": None}, "similarity": 0.95}]}]})["event_id"]
        browser.go(f"events/{event}")
        browser.find(".match-list li", "Anna")
        browser.settle()
        self.assertEqual([url for url in browser.asked() if re.search(r"/6/(faces|lists|attributes|extractor|matcher)", url)], [])
        self.assertEqual(browser.errors(), [])

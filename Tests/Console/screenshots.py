"""A picture of each page of the console, light and dark, on a desktop and on a phone. Run by scripts/screenshots."""

import pathlib
import subprocess
import sys

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from drawn_faces import ANNA, ANNA_LATER, BEN, CLARA, DAVID, draw
from stage import SAMPLES, Browser, Daemon

ZONE = {"mode": "percent", "form": "common", "area": [[{"x": 5, "y": 30}, {"x": 48, "y": 26}, {"x": 52, "y": 95}, {"x": 4, "y": 96}]]}
SIZES = {"desktop": (1440, 900), "phone": (400, 860)}


def furnish(daemon):
    """Streams as an installation has them: some run, some hide people, some do not work. Gives the first one's id."""
    rate = {"unit": "second", "period": 0.25}
    people = {"analytic_name": "people_count", "parameters": {"targets": ["overview", "coordinates"], "parameters": {"rate": rate, "people_count_threshold": 2}}}
    zone = {"analytic_name": "people_count", "parameters": {"parameters": {"rate": rate, "droi": ZONE}}}
    daemon.add_stream("Platform 2", "rtsp://127.0.0.1:9/none")
    daemon.add_stream("Lobby, yesterday", kind="videofile")
    daemon.add_stream("Staff corridor", privacy={"mode": "counts_only"})
    daemon.add_stream("Ticket hall")
    return daemon.add_stream("Main entrance", analytics=[people, zone], group_name="Station")


def furnish_faces(daemon, browser):
    """Faces on two lists, a handler, and an event that knows one of them. Gives the ids of a face and of the event."""
    lists = {name: daemon.call("POST", "/6/lists", {"user_data": name})["list_id"] for name in ("Staff", "Guests")}
    picture = daemon.folder / "face.png"
    anna, ben, *_ = [daemon.add_face(name, draw(browser, [face], picture), lists=[lists[on]]) for name, face, on in (("Anna", ANNA, "Staff"), ("Ben", BEN, "Staff"), ("Clara", CLARA, "Guests"), ("David", DAVID, "Guests"))]
    account = daemon.call("GET", "/6/account")["account_id"]
    handler = daemon.call("GET", f"/6/handlers?account_id={account}")[0]["handler_id"]
    sample = daemon.call("GET", f"/6/faces/{anna}")["avatar"].rsplit("/", 1)[1]
    candidate = lambda face, name, similarity: {"face": {"face_id": face, "user_data": name, "external_id": "", "create_time": None}, "similarity": similarity}  # noqa: E731
    event = daemon.call("POST", f"/6/handlers/{handler}/events/raw", {
        "source": "Main entrance", "tags": ["staff"], "matches": [{"label": "Staff", "candidates": [candidate(anna, "Anna", 0.93), candidate(ben, "Ben", 0.41)]}],
        "detections": [{"samples": {"face": {"sample_id": sample, "detection": {"rect": {"x": 0, "y": 0, "width": 120, "height": 160}}}, "body": None}}]})["event_id"]
    return anna, event


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    daemon = Daemon()
    daemon.call("POST", "/6/groups", {"group_name": "Station", "description": "All that belongs to the station"})
    daemon.call("POST", "/6/tokens", {"description": "Screen in the hall", "expiration_time": None, "permissions": {"video_stream": ["view"], "event": ["view"], "image": ["view"]}})
    faces = None
    try:
        for shade in ("light", "dark"):
            for size, pixels in SIZES.items():
                daemon.clear()
                browser = Browser(daemon.base, *pixels, dark=shade == "dark")
                try:
                    browser.go("sign-in")
                    browser.find("h1")
                    faces = faces or furnish_faces(daemon, browser)
                    photograph(daemon, browser, faces, lambda name: str(folder / f"{name}-{shade}-{size}.png"))
                finally:
                    browser.close()
    finally:
        daemon.close()


def photograph(daemon, browser, faces, path):
    def take(name, place, wait=2.0):
        browser.go(place)
        browser.find(".page h1")
        browser.settle(wait)
        browser.driver.save_screenshot(path(name))
    take("sign-in", "sign-in", 0.5)
    browser.sign_in(daemon)
    take("first", "streams", 4)
    stream = furnish(daemon)
    browser.settle(8)
    take("stream", f"streams/{stream}", 6)
    take("streams", "streams", 7)
    take("edit", f"streams/{stream}/edit", 5)
    browser.find(".draw-zone[data-kind=droi]").send_keys(Keys.ENTER)
    browser.find("dialog button", "A polygon").send_keys(Keys.ENTER)
    browser.settle()
    browser.driver.save_screenshot(path("zone"))
    take("events", "events")
    browser.find(".event-cards .event a").send_keys(Keys.ENTER)
    browser.find("dialog .sentences li")
    browser.settle()
    browser.driver.save_screenshot(path("event"))
    face, known = faces
    for name, place in (("faces", "faces"), ("face", f"faces/{face}"), ("lists", "lists"), ("handlers", "handlers"), ("handler", "handlers/new"), ("known", f"events/{known}")):
        take(name, place)
    browser.go("search")
    browser.find(".drop")
    browser.driver.find_element(By.CSS_SELECTOR, ".drop input").send_keys(str(draw(browser, [ANNA_LATER], daemon.folder / "later.png")))
    browser.find(".face-list li")
    browser.settle()
    browser.driver.save_screenshot(path("search"))
    for name in ("people", "groups", "accounts", "tokens", "system"):
        take(name, name)
    picture = daemon.folder / "Ticket hall.jpg"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-ss", "5", "-i", SAMPLES / "lobby.mp4", "-frames:v", "1", picture], check=True)
    browser.go("jobs")
    browser.find(".cover-desk .check label").click()
    browser.driver.find_element(By.CSS_SELECTOR, "#cover-files").send_keys(str(picture))
    browser.find(".sent .before-after", seconds=60)
    browser.settle()
    browser.driver.save_screenshot(path("jobs"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

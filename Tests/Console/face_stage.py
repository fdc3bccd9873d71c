"""What the tests about faces stand on."""

from selenium.webdriver.common.by import By

import drawn_faces
from stage import Stage

# Tells the ids of the samples that the page has had made.
LISTEN = """window.samples = [];
    const asked = window.asked ??= window.fetch;
    window.fetch = async (...request) => {
      const answer = await asked(...request);
      if (String(request[0]).includes('/6/detector')) {
        const { images } = await answer.clone().json();
        for (const { detections } of images) for (const { face } of detections.samples) window.samples.push(face.sample_id);
      }
      return answer;
    };"""


class FaceStage(Stage):
    """Begins signed in, without faces and lists."""

    def setUp(self):
        super().setUp()
        self.clear_faces()
        self.browser.sign_in(self.daemon)
        self.browser.errors()

    def clear_faces(self):
        call = self.daemon.call
        while faces := call("GET", "/6/faces?page_size=1000")["faces"]:
            call("DELETE", "/6/faces", {"face_ids": [face["face_id"] for face in faces]})
        while lists := call("GET", "/6/lists?page_size=1000")["lists"]:
            call("DELETE", "/6/lists", {"list_ids": [one["list_id"] for one in lists]})

    def give(self, file, inside=""):
        self.browser.find(f"{inside} .drop")
        self.browser.driver.find_element(By.CSS_SELECTOR, f"{inside} .drop input[type=file]").send_keys(str(file))

    def picture(self, *faces):
        return drawn_faces.draw(self.browser, faces, self.daemon.folder / "picture.png")

    def samples_left(self):
        """Of those that the page has had made, in the order of their making, which are there."""
        return [self.daemon.is_there(f"/6/samples/faces/{sample}") for sample in self.browser.run("return window.samples")]

    def account(self):
        return self.daemon.call("GET", "/6/account")["account_id"]

    def add_face(self, name, drawing, **more):
        return self.daemon.add_face(name, self.picture(drawing), **more)

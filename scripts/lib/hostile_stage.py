"""A daemon with all doors to jobs open, and what a hostile client does to it: scripts/trial/hostile-jobs."""

import base64
import dataclasses
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable

import processes
from daemon import free_port, wait_until_healthy
from hostile_neighbour import Neighbour

BATCHES = "/v4/camera-trap/detection-batch"
KEY, OTHER_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
PATIENCE = 900


@dataclasses.dataclass(frozen=True)
class Case:
    """One input and what must come of it.

    `do` returns what came of it as a text. `wanted` are texts, one of which must fit: its first word is how the text begins, the rest is
    found in it."""
    name: str
    do: Callable[["Stage"], str]
    wanted: tuple[str, ...]
    is_slow: bool = False

    def fits(self, found):
        for text in self.wanted:
            first, _, rest = text.partition(" ")
            if found.startswith(first) and rest in found:
                return True
        return False


def case(name, wanted, do, slow=False):
    return Case(name, do, (wanted,) if isinstance(wanted, str) else tuple(wanted), slow)


class Answer:
    def __init__(self, status, headers=None, body=b""):
        self.status, self.headers, self.body = status, headers or {}, body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def __str__(self):
        return f"{self.status} {self.body.decode(errors='replace')}"


class Stage:
    """The daemon, all that is its in a folder."""

    def __init__(self, sightline, folder):
        self.folder, self.data, self.log = folder, folder / "data", folder / "log"
        self.port, self.tags = free_port(), free_port()
        self.media, self.neighbour = folder / "media", Neighbour()
        (folder / "temporary").mkdir()
        self.media.mkdir()
        callers, keys = folder / "callers.json", folder / "keys.json"
        callers.write_text("{}")
        keys.write_text("{}")
        environment = dict(
            os.environ, SIGHTLINE_JOBS_TAGGING_ADDRESS=f"127.0.0.1:{self.tags}", SIGHTLINE_JOBS_CAMERA_TRAP_CALLERS=str(callers),
            SIGHTLINE_JOBS_ANONYMISATION_KEYS=str(keys), SIGHTLINE_JOBS_ANONYMISATION_RATE="100000",
            SIGHTLINE_JOBS_CAMERA_TRAP_LIMIT="10000", TMPDIR=str(folder / "temporary"), HOME=str(folder / "temporary"))
        command = [sightline, "serve", "--data-dir", self.data, "--port", self.port, "--media-root", self.media, "--doors", "all"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, env=environment, cwd=folder / "temporary")
        wait_until_healthy(self.process, self.port, self.log)
        account = json.loads((self.data / "initial-account.json").read_text())
        self.login = account["login"]
        token = base64.b64encode(f"{account['login']}:{account['password']}".encode()).decode()
        self.credentials = {"Authorization": f"Basic {token}"}
        other = {"login": "other@example.org", "password": "secret1234", "account_type": "user"}
        made = self.ask("POST", "/6/accounts", other, self.credentials)
        if made.status != 201:
            sys.exit(f"hostile-jobs: a second account cannot be made: {made}")
        callers.write_text(json.dumps({"trapper": self.login, "stranger": other["login"]}))
        keys.write_text(json.dumps({KEY: self.login, OTHER_KEY: other["login"]}))

    # MARK: Asking

    def ask(self, method, target, body=None, headers=None, port=None):
        """Status 0 and the reason where there is no answer."""
        if target.startswith("http"):
            parts = urllib.parse.urlsplit(target)
            port, target = parts.port, urllib.parse.urlunsplit(("", "", *parts[2:4], ""))
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)) and not hasattr(body, "__next__"):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, None, repr(error).encode())
        finally:
            connection.close()

    def raw(self, sent, port=None, ends=False):
        """What is answered to bytes that may be no request. `ends`: nothing more is sent, which is said."""
        with socket.create_connection(("127.0.0.1", port or self.port), timeout=60) as connection:
            try:
                connection.sendall(sent)
                if ends:
                    connection.shutdown(socket.SHUT_WR)
                received = b""
                while b"\r\n\r\n" not in received and (part := connection.recv(65536)):
                    received += part
            except TimeoutError:
                return "silence"
            except OSError:
                received = b""
        return received.split(b" ", 1)[1].decode(errors="replace") if b" " in received else "closed"

    def cut_off(self, method, target, announced, sent, headers=None):
        """Begins to send a body and goes away."""
        parts = urllib.parse.urlsplit(target)
        target = urllib.parse.urlunsplit(("", "", *parts[2:4], ""))
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        with socket.create_connection(("127.0.0.1", parts.port or self.port), timeout=60) as connection:
            connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {announced}\r\n{more}\r\n".encode() + sent)
            time.sleep(0.2)

    def until(self, look, seconds=PATIENCE):
        """What `look` gives as soon as that is something."""
        deadline = time.monotonic() + seconds
        while not (found := look()) and time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.1)
        return found

    # MARK: Batches

    def request(self, **members):
        """Hands a batch in."""
        return self.ask("POST", f"{BATCHES}/request_detections", {"caller": "trapper", "request_name": "hostile", **members})

    def batch(self, **members):
        """`WORD: message`, or of results `completed: 3 pictures, 1 failed: reasons`."""
        answer = self.request(**members)
        return self.end_of_batch(answer.json["request_id"]) if "request_id" in answer.json else str(answer)

    def end_of_batch(self, task):
        def look():
            status = self.ask("GET", f"{BATCHES}/task/{task}").json.get("Status", {})
            return status if status.get("request_status", "running") != "running" else None
        status = self.until(look)
        if not status:
            return f"{task} is not over: {self.ask('GET', f'{BATCHES}/task/{task}')}"
        message = status["message"]
        if isinstance(message, dict):
            images = self.ask("GET", message["output_file_urls"]["detections"]).json.get("images", [])
            failures = sorted({image["failure_reason"] for image in images if "failure" in image})
            failed = sum("failure" in image for image in images)
            message = f"{len(images)} pictures, {failed} failed: {'; '.join(failures)}"
        return f"{status['request_status']}: {message}"

    # MARK: Anonymisation

    def anonymiser(self, method, path, body=None, key=KEY):
        return self.ask(method, f"/v1/{path}", body, {"access_token": key})

    def session(self, size, name="a.jpg", **configuration):
        """Link and job."""
        body = {"file_name": name, "file_size": size, "content_type": "octet-stream", "model": "blur", "model_config": configuration}
        answer = self.anonymiser("POST", "create_upload_session", body).json
        return answer.get("session_uri", ""), answer.get("job_id", "")

    def put(self, link, content):
        return self.ask("PUT", link, content, {"x-ms-blob-type": "BlockBlob"})

    def block(self, link, id, content):
        return self.ask("PUT", f"{link}&comp=block&blockid={id}", content)

    def blocks(self, link, *ids):
        listed = "".join(f"<Latest>{id}</Latest>" for id in ids)
        return self.ask("PUT", f"{link}&comp=blocklist", f"<BlockList>{listed}</BlockList>".encode())

    def approve(self, job):
        """The status, when it is none that asks for patience."""
        return self.until(lambda: status if (status := self.anonymiser("POST", f"approve_job/{job}").status) != 302 else None)

    def report(self, job):
        """`CODE description, of each task its code and description`."""
        def look():
            report = self.anonymiser("GET", f"job_result/{job}").json
            return report if report.get("job_status") in (100, 200) else None
        report = self.until(look)
        if not report:
            return f"{job} is not over: {self.anonymiser('GET', f'job_result/{job}')}"
        tasks = "; ".join(f"{task['task_status']} {task['task_status_description']}" for task in report["tasks"][:20])
        return f"{report['job_status']} {report['job_status_description']}, {tasks}"

    def anonymise(self, content, name="a.jpg", size=None, **configuration):
        """Sends a file the whole way."""
        link, job = self.session(len(content) if size is None else size, name, **configuration)
        answer = self.put(link, content)
        if answer.status != 201:
            return str(answer)
        self.approve(job)
        return self.report(job)

    # MARK: The other doors

    def new_blob(self):
        """Id and link."""
        answer = self.ask("POST", "/blobs", {"callback_url": self.neighbour.at("/labels")}).json
        return answer["blob_id"], answer["upload_url"]

    def blob(self, content):
        """`done: labels` or `failed: reason`."""
        id, link = self.new_blob()
        answer = self.ask("PUT", link, content)
        if answer.status != 200:
            return str(answer)

        def look():
            blob = self.ask("GET", f"/blobs/{id}").json
            return blob if blob.get("status") in ("done", "failed") else None
        blob = self.until(look)
        return f"{blob['status']}: {blob.get('error') or len(blob['labels'])}" if blob else f"{id} is not over"

    def tag(self, content, kind="jpg", **members):
        """Of one document: `200 treated`, or the reason why not."""
        document = {"id": "d", "source": {"file_type": kind, "content": base64.b64encode(content).decode()}}
        answer = self.ask("POST", "/process", {"documents": [document], **members}, port=self.tags)
        if answer.status != 200:
            return str(answer)
        return f"200 {answer.json['list_id_not_treated'] or 'treated'}"

    def video(self, url, **members):
        body = {"video": {"url": url, **members}, "analytics": [{"name": "people_count"}]}
        return str(self.ask("POST", "/6/videosdk", body, self.credentials))

    # MARK: What it holds

    def files(self):
        """Of the data folder, without the database and what else is not of jobs: path and bytes."""
        found = {}
        for folder in ("objects", "downloads"):
            for path in (self.data / folder).rglob("*"):
                try:
                    if path.is_file():
                        found[str(path.relative_to(self.data))] = path.stat().st_size
                except OSError:
                    pass  # it goes just now
        return found

    def holdings(self):
        return processes.holdings(self.process.pid)

    def family(self):
        return processes.family(self.process.pid)

    def forget_jobs(self):
        """Removes whatever jobs there are, of both accounts."""
        while jobs := self.ask("GET", "/6/jobs?page_size=100", headers=self.credentials).json.get("jobs"):
            for job in jobs:
                answer = self.ask("DELETE", f"/6/jobs/{job['job_id']}", headers=self.credentials)
                if answer.status not in (204, 404):
                    return f"{job['job_id']} is not removed: {answer}"
        return None

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "it did not end"

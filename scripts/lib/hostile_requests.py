"""What scripts/trial/hostile-jobs does to the door of tags, to `POST /6/videosdk`, and to HTTP itself. Codes: docs/contract/jobs.md §4,
docs/api.md."""

import base64
import json

from hostile_batches import CLOUD
from hostile_media import PICTURE
from hostile_stage import case

UNSUITABLE = "200 No Image/Video suitable for tagging analysis "


def tags(dice):
    def process(body):
        return lambda stage: str(stage.ask("POST", "/process", body, port=stage.tags))
    picture = base64.b64encode(PICTURE).decode()
    good = {"id": "d", "source": {"file_type": "jpg", "content": picture}}
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":1,"a":1}', b'{"documents":[],}', b'{"documents":[NaN]}', b'{"documents":[1e999]}',
        b'{"a":"\\ud800"}', b"\0" * 1000,
                 b"documents=1", b'{"documents":[' + b"[" * 10_000, b'{"documents":["\n"]}'):
        yield case(f"tags of {body[:20]!r}", "500 JSONDecodeError", process(body))
    for body in (b"[]", b"1", b"null", b"{}", b'{"documents":null}', b'{"documents":{}}', b'{"documents":"x"}', b'{"documents":1}',
        b'{"Documents":[]}'):
        yield case(f"tags of {body!r}", "500 Expected a list of Documents", process(body))
    for number in ("x", [], {}, 1.5, "1.5", "0x5", " 5", "5 ", True, "\u0665", "5\0", "--5"):
        yield case(f"num_labels {number!r}", "500 ValueError", process({"documents": [good], "num_labels": number}))
    for number in (-2**63, 2**63 - 1, "9" * 1000, "-" + "9" * 1000, 0):
        yield case(f"num_labels {str(number)[:20]}", "200 ", process({"documents": [good], "num_labels": number}))
    for documents in ([None], [1], [[]], ["x"], [{}], [{"id": 1}], [{"id": "a", "source": None}], [{"id": "a", "source": []}],
        [{"id": "a", "source": {"file_type": "exe"}}],
                      [{"id": [], "source": {"file_type": "../jpg", "content": picture}}],
                      [{"id": {}, "source": {"file_type": "jpg\0", "content": picture}}],
                      [{"id": "a", "source": {"file_type": "svg", "content": "PHN2Zy8+"}}],
                      [{"id": "a", "source": {"file_type": None, "content": picture}}]):
        yield case(f"the documents {json.dumps(documents)[:40]}", "200 File type not valid", process({"documents": documents}))
    for content in (None, 1, [], {}, "", "=", "====", "!!!!", "\0\0", "A", "data:,", "data:image/jpeg;base64," + picture[:99], "////" * 1000,
        "http://127.0.0.1/a.jpg", "file:///etc/passwd",
                    picture[::-1], "\u00e9" * 100, CLOUD):
        yield case(f"the content {str(content)[:30]!r}", UNSUITABLE, process({"documents": [{"id": "a",
            "source": {"file_type": "jpg", "content": content}}]}))
    yield case("a picture beside 999 that are none", '200 "number_documents_treated":1',
        process({"documents": [{"id": str(n)} for n in range(999)] + [good]}))
    yield case("1,001 documents", "413 More than 1000 documents", process({"documents": [{"id": str(n)} for n in range(1001)]}))
    yield case("100 MB of documents", "413 ", process(b'{"documents":[' + b"0," * 50_000_000 + b"0]}"), slow=True)
    yield case("100 MB of members", ("413 ", "500 "), process(b'{"documents":[],"a":[' + b"{}," * 33_000_000 + b"{}]}"), slow=True)
    yield case("256 MiB and one", "413 ", lambda stage: stage.raw(
        f"POST /process HTTP/1.1\r\nHost: x\r\nContent-Length: {(256 << 20) + 1}\r\n\r\n".encode(), stage.tags))
    for number in range(12):
        body = bytearray(json.dumps({"documents": [good]}).encode())
        for _ in range(3):
            body[dice.randrange(len(body))] = dice.randrange(256)
        yield case(f"tags with wrong bytes {number}", ("200 ", "500 JSONDecodeError", "500 Expected a list"), process(bytes(body)))
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD"):
        yield case(f"{method} /process", "405 ", lambda stage, m=method: str(stage.ask(m, "/process", port=stage.tags)))
    for path in ("/", "/6/jobs", "/metrics", "/process/x", "/..%2f..%2fetc/passwd", "/v1/job/x", "/" + "a" * 5000):
        yield case(f"{path[:20]} where tags are", "404 ", lambda stage, p=path: str(stage.ask("GET", p, port=stage.tags)))

    def gone(stage):
        """A client that leaves while its documents are looked at."""
        body = json.dumps({"documents": [good] * 200}).encode()
        stage.cut_off("POST", f"http://127.0.0.1:{stage.tags}/process", len(body), body)
        return stage.until(lambda: "over" if not any(
            job["kind"] == "tagging" and job["state"] in ("queued", "running") for job in stage.ask("GET", "/6/jobs?page_size=100",
            headers=stage.credentials).json["jobs"]) else None, 120) or "it goes on"
    yield case("a client of tags that leaves", "over", gone)


def videos():
    def sdk(body, credentials=True):
        def do(stage):
            headers = {"Content-Type": "application/json", **(stage.credentials if credentials else {})}
            return str(stage.ask("POST", "/6/videosdk", body if isinstance(body, bytes) else json.dumps(body).encode(), headers))
        return do
    good = {"video": {"url": "http://127.0.0.1:1/a.mp4"}, "analytics": [{"name": "people_count"}]}
    yield case("a video of nobody", "403 12010", sdk(good, credentials=False))
    for headers in ({"Authorization": "Basic eDp5"}, {"Authorization": "Bearer x"}, {"Authorization": "Basic \u00ff".encode().decode("latin-1")}):
        yield case(f"a video of {headers}", "401 ", lambda stage, h=headers: str(stage.ask("POST", "/6/videosdk", json.dumps(good).encode(),
            {"Content-Type": "application/json", **h})))
    for body in (b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000, b'{"video":1,"video":1}', b'{"a":1e999}', b"{}"):
        yield case(f"a video of {body[:20]!r}", "400 ", sdk(body))
    for video in (None, 1, [], "x", {}, {"url": None}, {"url": 1}, {"url": ""}, {"url": "x"}, {"url": "file:///etc/passwd"}, {"url": "rtsp://h/"},
        {"url": "ftp://h/"}, {"url": "http://"},
                  {"url": "http://h/\0"}, {"url": "http://" + "a" * 9000}, {"url": "http://h", "x": 1},
                  {"url": "http://h", "orientation": {"angle": 45}}, {"url": "http://h", "orientation": None},
                  {"url": "http://h", "orientation": {}}, {"url": "http://h", "pts": {"start_time": -1}},
                  {"url": "http://h", "pts": {"start_time": "x"}},
                  {"url": "http://h", "error_handling": {"action": "go on"}}):
        yield case(f"the video {json.dumps(video)[:50]}", "400 ", sdk({**good, "video": video}))
    for analytics in (None, 1, {}, [], [1], [{}], [{"name": 1}], [{"name": "people_count", "x": 1}], [{"name": "people_count", "targets": "x"}],
        [{"name": "people_count", "targets": ["x"]}],
                      [{"name": "people_count", "parameters": 1}], [{"name": "people_count", "parameters": {"callbacks": []}}],
                      [{"name": "people_count", "parameters": {"people_count_threshold": -1}}],
                      [{"name": "people_count"}] * 5000, [{"name": "human_tracking", "parameters": {"event_policy": {}}}]):
        yield case(f"the analytics {json.dumps(analytics)[:50]}", ("400 ", "403 "), sdk({**good, "analytics": analytics}))
    for name in ("x", "", "../people_count", "people_count\0", "PEOPLE_COUNT", "a" * 10_000):
        yield case(f"the analytic {name[:20]!r}", ("403 43006", "400 "), sdk({**good, "analytics": [{"name": name}]}))
    for url in ("http://127.0.0.1:1/a.mp4", CLOUD, "http://2852039166/", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/",
        "http://224.0.0.1/", "http://255.255.255.255/", "http://nobody.invalid/",
                "http://127.0.0.1:99999/", "http://0xA9FEA9FE/", "http://169.254.43518/", "http://user@169.254.169.254/"):
        yield case(f"a video at {url}", ("400 11027", "400 12022"), lambda stage, u=url: stage.video(u))
    for path in ("/gone", "/goodbye", "/reset", "/nowhere", "/loop", "/chain", "/status?500", "/status?204", "/headers", f"/to?{CLOUD}",
        "/to?file:///etc/passwd", "/to?rtsp://h/", "/to?concat:/etc/passwd",
                 "/garbage", "/huge", "/negative", "/short"):
        yield case(f"a video at {path}", ("400 11027", "400 43003", "400 43004", "413 37003"),
            lambda stage, p=path: stage.video(stage.neighbour.at(p)))
    yield case("a video of 4 GiB and one", "413 37003", lambda stage: stage.video(stage.neighbour.at("/large")))
    for path in ("/silence", "/trickle", "/endless"):
        def gone(stage, path=path):
            """A client that leaves while its video is fetched."""
            body = json.dumps({**good, "video": {"url": stage.neighbour.at(path)}}).encode()
            stage.cut_off("POST", f"http://127.0.0.1:{stage.port}/6/videosdk", len(body), body,
            {"Content-Type": "application/json", **stage.credentials})
            return stage.until(lambda: "over" if not any(
                stage.neighbour.at(path) in json.dumps(job) and job["state"] in ("queued", "running") for job in
                stage.ask("GET", "/6/jobs?page_size=100&kinds=videosdk", headers=stage.credentials).json["jobs"]) else None, 60) or "it goes on"
        yield case(f"a client that leaves a video at {path}", "over", gone)


def wire():
    """What is no HTTP, or HTTP as nobody should speak it. Never a 500, and never silence where something is due."""
    refused = ("4", "501 ", "505 ", "closed")
    places = {"batches": "/v4/camera-trap/detection-batch/request_detections", "blobs": "/blobs", "anonymisation": "/v1/create_upload_session",
              "storage": "/storage/anonymisation/x/upload", "tags": "/process", "video": "/6/videosdk"}
    strange = {
        "a negative length": "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "two lengths": "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "a length of letters": "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
        "a length in hexadecimal": "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 0x10\r\n\r\n",
        "length and chunks": "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "another coding": "POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "a chunk of letters": "POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
        "a chunk that overflows": "POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
        "a header of 1 MB": "POST {} HTTP/1.1\r\nHost: x\r\nX: " + "a" * 1_000_000 + "\r\n\r\n",
        "10,000 headers": "POST {} HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n" * 10_000 + "\r\n",
        "a folded header": "POST {} HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        "NUL in a header": "POST {} HTTP/1.1\r\nHost: x\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        "NUL in its path": "POST {}\0 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "no version": "POST {}\r\n\r\n", "version 9": "POST {} HTTP/9.9\r\nHost: x\r\n\r\n",
        "a method of 10,000 letters": "A" * 10_000 + " {} HTTP/1.1\r\nHost: x\r\n\r\n",
        "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "a TLS greeting": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "a" * 500,
    }
    for door, path in places.items():
        for name, text in strange.items():
            yield case(f"{name}, at {door}", refused, lambda stage, t=text, p=path, d=door: stage.raw(
                t.replace("{}", p, 1).encode("latin-1"), stage.tags if d == "tags" else stage.port, ends=True))
        yield case(f"a body that ends early, at {door}", ("4", "500 ", "closed") if door == "tags" else refused,
            lambda stage, p=path, d=door: stage.raw(
            f"POST {p} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode(),
            stage.tags if d == "tags" else stage.port, ends=True))
        yield case(f"another expectation, at {door}", ("4", "closed", "500 TypeError"), lambda stage, p=path, d=door: stage.raw(
            f"POST {p} HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]".encode(),
            stage.tags if d == "tags" else stage.port))

"""What scripts/trial/hostile-jobs does to the door of batches. Codes and words: docs/contract/jobs.md §3."""

import json
import os
import uuid

from hostile_media import PICTURE
from hostile_stage import BATCHES, KEY, case

PREPARING = "failed: Error occurred while preparing the Batch job: "
PAIRS = "Items in image_paths are lists, but not all lists are of length 2 [image locator, metadata]."
JSON = {"Content-Type": "application/json"}
CLOUD = "http://169.254.169.254/latest/meta-data/"


def post(body, path="request_detections", headers=None):
    return lambda stage: str(stage.ask("POST", f"{BATCHES}/{path}", body, JSON if headers is None else headers))


def requests(dice):
    good = {"caller": "trapper", "input_container_sas": "file:///nowhere"}
    for kind in ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data; boundary=x", "json",
                 "application/xml", "text/json"):
        for path in ("request_detections", "cancel_request"):
            yield case(f"{path} of the type {kind!r}", "415 Body needs to have a JSON mimetype", post(json.dumps(good), path, {"Content-Type": kind}))
    unreadable = [b"", b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"caller":"trapper",}', b'{"caller":"trapper","caller":"trapper"}',
                  b'{"first_n":NaN}', b'{"first_n":1e999}', b'{"caller":"a\0b"}', b'{"caller":"\\ud800"}', b'{"caller":"\xc0\xaf"}', b"[" * 100_000,
                  b'{"a":' * 100_000, b"{}{}", b"{'a':1}", b"nul", b"\0", b'{"a":01}', b'{"a":+1}', b'{"a":"\\x41"}', b"// {}", b'"' + b"a" * 100]
    for body in unreadable:
        yield case(f"request_detections with {body[:30]!r}", "415 Error occurred reading POST request body", post(body))
    for body in (b"[]", b"1", b'"text"', b"null", b"true", b"[[[]]]"):
        yield case(f"request_detections with {body!r}", "400 The body is no JSON object", post(body))
    yield case("a body of over 1 MiB", "413 too large", post(b'{"a":"' + b"a" * (1 << 20) + b'"}'))
    for number in range(20):
        body = bytearray(json.dumps(good).encode())
        body[dice.randrange(len(body))] = dice.randrange(256)
        yield case(f"request_detections with a wrong byte {number}", ("415 ", "401 ", "400 ", "200 "), post(bytes(body)))

    for caller in (None, "", 1, [], {}, True, "Trapper", "trapper ", " trapper", "trapper\0", "nobody", "admin@sightline.local", "a" * 100_000,
                   "__proto__", KEY, "*", "trapper\n"):
        yield case(f"the caller {str(caller)[:20]!r}", "401 Parameter caller is not supplied or is not on our allowlist",
                   post({**good, "caller": caller}))
        yield case(f"a cancellation by {str(caller)[:20]!r}", "401 Parameter caller is not supplied or is not on our allowlist",
                   post({"caller": caller, "request_id": uuid.uuid4().hex}, "cancel_request"))
    missing = "400 input_container_sas with read and list access is a required field when not using image URLs."
    for container, wanted in ((None, missing), ("", missing), ([], missing), ({}, missing), ("https://h/c", "400 is not for a container"),
                              ("https://h/c?sr=b&sp=rl", "400 is not for a container"), ("https://h/c?sr=c&sp=r", "400 both read and list"),
                              ("https://h/c?sr=c", "400 both read and list"), ("\0", "400 is not for a container"),
                              ("?" * 1000, "400 is not for a container"), ("https://h/c?sp=rl#sr=c", "400 is not for a container")):
        yield case(f"the container {str(container)[:30]!r}", wanted, post({**good, "input_container_sas": container}))
    for url in ("ftp://h/l", "file:///etc/passwd", "javascript:1", "gopher://h", "l.json", " http://h", "//h/l", "\0http://h"):
        yield case(f"the list {url!r}", "400 images_requested_json_sas needs to be an URL.", post({**good, "images_requested_json_sas": url}))
    for use in (True, "true", "1", 1, "yes"):
        yield case(f"use_url {use!r} without a list", "400 images_requested_json_sas is required since use_url is true.",
            post({**good, "use_url": use}))
    for version in ("5", 5, 1e300, "../../model", "a" * 10_000):
        yield case(f"the model {str(version)[:20]}", "400 model_version ", post({**good, "model_version": version}))
    for name, wanted in (("a" * 93, "longer than 92"), ("a" * 500_000, "longer than 92"), ("a b", "invalid characters"),
        ("../x", "invalid characters"),
                         ("é", "invalid characters"), ("a\0", "invalid characters"), ("a/b", "invalid characters"), ("%2e", "invalid characters")):
        yield case(f"the name {name[:20]!r}", f"400 {wanted}", post({**good, "request_name": name}))

    for task in (uuid.uuid4().hex, "x", "%00", "..", "%2e%2e%2f", "a" * 5000, "0" * 32, "-" * 32, "%F0%9F", "g" * 32):
        yield case(f"the task {task[:20]}", "404 ", lambda stage, t=task: str(stage.ask("GET", f"{BATCHES}/task/{t}")))
    yield case("a task of another door", "404 Task is not found.", lambda stage: str(stage.ask("GET", f"{BATCHES}/task/{stage.new_blob()[0]}")))
    for request in (None, "", [], {}, 7):
        yield case(f"a cancellation of {request!r}", "400 request_id is a required field.",
            post({"caller": "trapper", "request_id": request}, "cancel_request"))
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        for path in ("request_detections", "task/x", "cancel_request", ""):
            yield case(f"{method} /{path}", ("405 ", "501 "), lambda stage, m=method, p=path: str(stage.ask(m, f"{BATCHES}/{p}")))
    yield case("another path", "404 ", lambda stage: str(stage.ask("GET", f"{BATCHES}/../../../../etc/passwd")))


def lists(dice):
    def of(content, **members):
        return lambda stage: stage.batch(use_url=True, images_requested_json_sas=stage.neighbour.put(content, ".json"), **members)
    array, invalid = PREPARING + "the list of images is no JSON array", PREPARING + "image paths provided in the json are not valid: "
    for content in (b"", b"{}", b"null", b"1", b'"a.jpg"', b"<html>", b"\x1f\x8b\x08\0", b"[", b'["a.jpg"', b"[NaN]", b"\xef\xbb\xbf[]", b"[]\0",
                    b"[" * 1_000_000, b'["a.jpg",]', b"\xff\xfe[\0]\0", b'["\xff.jpg"]', b'["\\ud800.jpg"]', b'["' + b"a" * 10_000_000):
        yield case(f"the list {content[:12]!r}", array, of(content))
    yield case("an empty list", "completed: 0 images found in provided list of images.", of(b"[]"))
    for content in (b'["a.txt"]', b'[""]', b'["http://h/a.jpg.exe"]', b'["http://h/a?b=c.jpg"]', b'["#.jpg"]'):
        yield case(f"the list {content!r}", "completed: Zero images found", of(content))
    for content, why in ((b"[1]", "image_paths contain items that"), (b'[{"a":1}]', "image_paths contain items that"),
        (b"[null]", "image_paths contain items that"),
                         (b'["a.jpg",1]', "Not all items in image_paths are of type string."), (b'["a.jpg",["b.jpg","x"]]', "Not all items"),
                         (b'[["a.jpg"]]', PAIRS), (b"[[]]", PAIRS),
                         (b'[["a.jpg","x","y"]]', PAIRS), (b'[["a.jpg","x"],"b.jpg"]', PAIRS),
                         (b'[[1,"x"]]', PAIRS)):
        yield case(f"the list {content!r}", invalid + why, of(content))
    yield case("a list of 80 MB of nothing", (array, invalid), of(b"[" + b"0," * 40_000_000 + b"0]"), slow=True)
    yield case("a list of 60 MB of lists", (array, invalid), of(b"[" + b"[]," * 20_000_000 + b"[]]"), slow=True)
    rubbish = ["file:///etc/passwd.jpg", "ftp://127.0.0.1/a.jpg", "gopher://127.0.0.1/a.jpg", "data:image/jpeg;base64,AAAA.jpg", "javascript:a.jpg",
               "http://127.0.0.1:1/a.jpg", "http://[::1/a.jpg", "http://127.0.0.1:99999/a.jpg", "http:///a.jpg", "http://a b/c.jpg",
               "http://127.0.0.1/\r\nX: y\r\n\r\n.jpg", "http://\u0000/a.jpg", CLOUD + "a.jpg", "http://2852039166/a.jpg", "http://0xA9FEA9FE/a.jpg",
               "http://[fe80::1]/a.jpg", "http://[::ffff:169.254.169.254]/a.jpg", "http://255.255.255.255/a.jpg", "http://224.0.0.1/a.jpg",
               "http://240.0.0.1/a.jpg", "\u202e/gpj.jpg", "a" * 100_000 + ".jpg", "http://nobody.invalid/a.jpg",
               "subfile,,start,0,end,0,,:/etc/passwd.jpg",
               "concat:/etc/passwd|a.jpg", "../../../../etc/passwd.jpg", "\\\\h\\a.jpg", "http://user:pass@169.254.169.254/a.jpg"]
    for locator in rubbish:
        yield case(f"the locator {locator[:40]!r}", ("completed: 1 pictures, 1 failed: ", PREPARING), of(json.dumps([locator]).encode()))
    for members, wanted in (({"first_n": -1}, PREPARING + "parameter first_n"), ({"sample_n": -1}, PREPARING + "parameter sample_n"),
                            ({"sample_n": 2}, PREPARING + "parameter sample_n specifies more images than available"),
                            ({"first_n": "x"}, PREPARING + "parameter first_n"),
                            ({"first_n": [1]}, PREPARING + "parameter first_n"), ({"sample_n": 1e308}, PREPARING + "parameter sample_n"),
                            ({"first_n": 1e308}, "completed: 1 pictures"), ({"first_n": -2**63}, PREPARING + "parameter first_n"),
                            ({"image_path_prefix": "x" * 100_000}, "completed: Zero images found")):
        yield case(f"the wishes {str(members)[:40]}", wanted, of(b'["http://127.0.0.1:1/a.jpg"]', **members))
    yield case("one picture 20,000 times", "completed: 1 pictures, 1 failed: ", of(json.dumps(["http://127.0.0.1:1/a.jpg"] * 20_000).encode()))

    def tricky(path, **members):
        return lambda stage: stage.batch(use_url=True, images_requested_json_sas=stage.neighbour.at(path), **members)
    for path in ("/gone.json", "/goodbye", "/reset", "/nowhere", "/loop", "/chain", "/short", "/huge", "/large", "/negative", "/chunks", "/garbage",
        "/headers",
                 "/continue", "/switch", "/status?204", "/status?500", "/status?999", "/status?0", f"/to?{CLOUD}", "/to?file:///etc/passwd",
                 "/to?ftp://h",
                 "/to?http://[fe80::1]/", "/to?//169.254.169.254/", "/to?http://0251.0376.0251.0376/", "/to?\\\\h", "/to?", "/to?http://"):
        if path != "/continue":  # which is waited for as long as a list may take
            yield case(f"a list at {path}", PREPARING, tricky(path))
        def picture(stage, path=path):
            name, _, query = path.partition("?")
            return stage.batch(use_url=True,
                images_requested_json_sas=stage.neighbour.put(json.dumps([stage.neighbour.at(f"{name}.jpg?{query}")]).encode()))
        yield case(f"a picture at {path}", "completed: 1 pictures, 1 failed: ", picture)
    yield case("a list without an end", PREPARING, tricky("/endless"), slow=True)
    for path in ("/silence", "/trickle", "/continue"):
        def ended(stage, path=path):
            task = stage.request(use_url=True, images_requested_json_sas=stage.neighbour.at(path)).json["request_id"]
            stage.ask("POST", f"{BATCHES}/cancel_request", {"caller": "trapper", "request_id": task})
            return stage.end_of_batch(task)
        yield case(f"a list at {path}, cancelled", "canceled:", ended)


def containers(mark):
    def of(address, **members):
        return lambda stage: stage.batch(input_container_sas=address(stage) if callable(address) else address, **members)
    for address in ("file:///etc", "file:///", "file://", "file://h/x", "file:///proc/self/fd", "file:///%2e%2e", "file:///\0",
        "s3+http://127.0.0.1:1/a/b", "s3+ftp://h/b",
                    "s3+", "s3+http://", "s3+http://127.0.0.1:1/b", "s3+http://k:s@169.254.169.254/b", f"{CLOUD}?sr=c&sp=rl",
                    "http://127.0.0.1:1/c?sr=c&sp=rl",
                    "http://[::1:9/c?sr=c&sp=rl", "ftp://h/c?sr=c&sp=rl", "x?sr=c&sp=rl"):
        yield case(f"the container {address}", PREPARING, of(address))
    for out in ("..", "../..", "%2e%2e", "x/../../", "link", "link/deep"):
        yield case(f"the container media/{out}", PREPARING, of(lambda stage, out=out: stage.media.as_uri() + "/" + out))
    for name in ("../secret.jpg", "../../../../../etc/passwd.jpg", "link/secret.jpg", "/etc/passwd.jpg", "a\0.jpg", "a" * 5000 + ".jpg", "pipe.jpg",
        "link.jpg", "", ".jpg", "folder.jpg"):
        yield case(f"a file {name[:30]!r} of a folder", ("completed: 1 pictures, 1 failed: ", "completed: Zero images"),
            lambda stage, name=name: stage.batch(
            input_container_sas=(stage.media / "trap").as_uri(), images_requested_json_sas=stage.neighbour.put(json.dumps([name]).encode())))

    head = '<?xml version="1.0" encoding="utf-8"?>'
    for kind, root, entry, following in (
            ("Azure", "EnumerationResults", "<Blobs><Blob><Name>{}</Name></Blob></Blobs>", "<NextMarker>{}</NextMarker>"),
            ("S3", "ListBucketResult", "<Contents><Key>{}</Key></Contents>", "<NextContinuationToken>{}</NextContinuationToken>")):
        def listing(body, root=root):
            return f"{head}<{root}>{body}</{root}>".encode()

        def container(listed, kind=kind):
            """One whose pages `listed` gives, asked by its query."""
            def address(stage):
                place = stage.neighbour.put(listed)
                return f"{place}?sr=c&sp=rl" if kind == "Azure" else f"s3+{place}"
            return address
        bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
        wrong = {
            "nothing": b"", "HTML": b"<html><body>no</body></html>", "another root": f"{head}<Other/>".encode(),
            "half": listing(entry.format("a.jpg"))[:-9],
            "a bomb of entities": f'{head}<!DOCTYPE x [<!ENTITY a0 "boom">{bomb}]><{root}>{entry.format("&a9;")}</{root}>'.encode(),
            "a file as entity": f'{head}<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><{root}>{entry.format("&a;")}</{root}>'.encode(),
            "another document type": f'{head}<!DOCTYPE x SYSTEM "http://169.254.169.254/"><{root}>{entry.format("&a;")}</{root}>'.encode(),
            "control characters": listing(entry.format("a\x01.jpg")), "a name with &#0;": listing(entry.format("a&#0;.jpg")),
            "no UTF-8": listing(entry.format("a.jpg")).replace(b"a.jpg", b"\xff.jpg"),
            "two roots": listing("") + listing(""), "depth": listing("<a>" * 200_000 + "</a>" * 200_000), "JSON": b'{"names": ["a.jpg"]}',
        }
        for name, content in wrong.items():
            yield case(f"{kind}: a listing of {name}", PREPARING, of(container(content)))
        yield case(f"{kind}: a listing of a million elements", ("completed: Zero images", PREPARING), of(container(listing("<a/>" * 1_000_000))),
            slow=True)
        yield case(f"{kind}: a huge name", (PREPARING, "completed: 1 pictures, 1 failed: "),
            of(container(listing(entry.format("a" * 5_000_000 + ".jpg")))))
        yield case(f"{kind}: ways out", "completed: 1 pictures, 1 failed: ",
            of(container(lambda _, e=entry, l=listing: l(e.format(f"../../{mark}.jpg")))))
        yield case(f"{kind}: an empty container", "completed: Zero images", of(container(listing(""))))
        yield case(f"{kind}: a page that leads to itself", PREPARING, of(container(listing(entry.format("a.jpg") + following.format("again")))))

        def turning(query, entry=entry, following=following, listing=listing):
            return listing(entry.format("a.jpg") + following.format("two" if "one" in query else "one"))
        yield case(f"{kind}: pages that lead to each other", PREPARING, of(container(turning)))
        pages = iter(range(10**9))
        yield case(f"{kind}: pages without an end and with nothing", PREPARING, of(container(
            lambda _, f=following, p=pages, l=listing: l(f.format(next(p))))), slow=True)


def media(stage):
    """What lies below the media root and beside it."""
    trap = stage.media / "trap"
    trap.mkdir()
    (stage.folder / "secret.jpg").write_bytes(PICTURE)
    (stage.media / "link").symlink_to(stage.folder)
    (trap / "link").symlink_to(stage.folder)
    (trap / "link.jpg").symlink_to(stage.folder / "secret.jpg")
    (trap / "folder.jpg").mkdir()
    os.mkfifo(trap / "pipe.jpg")

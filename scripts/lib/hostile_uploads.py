"""What scripts/trial/hostile-jobs does to the doors of anonymisation and blobs and to their links. Codes: docs/contract/jobs.md §5 to §7."""

import base64
import concurrent.futures
import re
import uuid

from hostile_media import PICTURE
from hostile_stage import KEY, OTHER_KEY, case

GOOD = {"file_name": "a.jpg", "file_size": 10, "content_type": "octet-stream", "model": "blur"}
TEN = b"0123456789"


def code(answer):
    """Status and what the error is called."""
    name = re.search(r"<Code>(\w+)</Code>", str(answer))
    return f"{answer.status} {name[1] if name else str(answer)}"


def at_once(number, do):
    with concurrent.futures.ThreadPoolExecutor(number) as pool:
        return sorted(pool.map(lambda _: do(), range(number)))


def sessions():
    def create(body, key=KEY, path="create_upload_session"):
        return lambda stage: str(stage.anonymiser("POST", path, body, key))
    for key in ("", "x", KEY[:-1], KEY + "0", KEY.upper(), " " * 36, "0" * 36, "../" * 12, str(uuid.UUID(int=0)), "'or 1=1--" * 4):
        for path in ("create_upload_session", "start_upload"):
            yield case(f"{path} with the key {key[:20]!r}", '401 {"detail":"Invalid API key"}', create(GOOD, key, path))
    for method, path in (("GET", "job_result"), ("POST", "approve_job"), ("POST", "cancel_job"), ("DELETE", "job"), ("POST", "cancel_task")):
        yield case(f"{path} without a key", "401 Invalid API key", lambda stage, m=method, p=path: str(stage.ask(m, f"/v1/{p}/{uuid.uuid4()}")))
        for job in ("x", "%00", "..", "a" * 5000, str(uuid.uuid4()), "0" * 32, str(uuid.uuid4()) + "-0", "%2e%2e%2f"):
            yield case(f"{path}/{job[:12]}", "404 ", lambda stage, m=method, p=path, j=job: str(stage.anonymiser(m, f"{p}/{j}")))

        def foreign(stage, m=method, p=path):
            _, job = stage.session(10)
            return str(stage.anonymiser(m, f"{p}/{job}{'-0' if p == 'cancel_task' else ''}", key=OTHER_KEY))
        yield case(f"{path} of another account's job", "404 ", foreign)
        yield case(f"{path} of another door's job", "404 ", lambda stage, m=method, p=path: str(stage.anonymiser(m, f"{p}/{stage.new_blob()[0]}")))
    for body in (b"", b"{", b"\xff", b"[", b'{"a":1,"a":2}', b"[" * 50_000, b'{"file_size":1e999}', b'{"file_name":"\\ud800"}'):
        yield case(f"a session of {body[:20]!r}", "422 value_error.jsondecode", create(body))
    for body in (b"[]", b"1", b"null", b'"a"'):
        yield case(f"a session of {body!r}", "422 ", create(body))
    for member in GOOD:
        for value in (None, [], {}, True):
            yield case(f"a session whose {member} is {value!r}", "422 ", create({**GOOD, member: value}))
    for size in (-1, 4294967297, 2**40, 2**63 - 1, -2**63):
        yield case(f"a session of {size} bytes", "400 file_size must be from 0 to 4294967296 bytes", create({**GOOD, "file_size": size}))
    for size in (1.5, "10", 2**64, 1e300):
        yield case(f"a session of {size!r} bytes", ("422 ", "400 "), create({**GOOD, "file_size": size}))
    for name in ("", ".", "..", "/", "../..", "a\0.jpg", "a\n.jpg", "\x7f", "a" * 252 + ".jpg", "a.exe", "a.jpg.exe", "a.php", "\\", "a\\..",
        "a.gif"):
        yield case(f"a session of the name {name[:20]!r}", "400 ", create({**GOOD, "file_name": name}))
    yield case("the model syn", "400 syn", create({**GOOD, "model": "syn"}))
    for model in ("x", "", "BLUR", "blur\0"):
        yield case(f"the model {model!r}", "422 ", create({**GOOD, "model": model}))
    for configuration in ([], 1, "x", {"x": 1}, {"blur_threshold": 2}, {"blur_threshold": -0.1}, {"blur_threshold": "0.5"},
        {"blur_threshold": None}, {"slicing": 1},
                          {"slicing": "true"}, {"lp_threshold": 1e308}, {"__proto__": {}}, {"blur_face": []}, {"": 1}):
        yield case(f"the configuration {configuration}", "422 ", create({**GOOD, "model_config": configuration}))
    yield case("plates", "400 enable_lp is not available", create({**GOOD, "model_config": {"enable_lp": True}}))
    yield case("a body of over 1 MiB", "413 ", create({**GOOD, "content_type": "a" * (1 << 20)}))
    for query in ("", "?model=", "?model=x", "?model=blur&blur_threshold=nan", "?model=blur&blur_threshold=inf", "?model=blur&slicing=maybe",
        "?model=blur&x=1",
                  "?model=blur&blur_threshold=2", "?model=blur&%FF=1", "?model=blur&slicing=1"):
        yield case(f"direct_upload{query}", "422 ", lambda stage, q=query: str(stage.anonymiser("PUT", f"direct_upload/a.jpg{q}", TEN)))
    for name in ("%00.jpg", "..", "%2e%2e", "%2F", "a.exe", "%0A.jpg", "a" * 300 + ".jpg"):
        yield case(f"direct_upload/{name[:20]}", ("400 ", "404 "),
            lambda stage, n=name: str(stage.anonymiser("PUT", f"direct_upload/{n}?model=blur", TEN)))
    for method in ("PUT", "PATCH", "GET", "TRACE"):
        yield case(f"{method} create_upload_session", ("405 ", "501 "), lambda stage, m=method: str(stage.anonymiser(m, "create_upload_session")))
    yield case("another path", "404 ", lambda stage: str(stage.anonymiser("GET", "../etc/passwd")))


def blocks():
    def on(act, size=10, name="a.jpg"):
        """With a link of its own."""
        return lambda stage: act(stage, *stage.session(size, name))

    def block(id, content=b"01234"):
        return on(lambda stage, link, _: code(stage.block(link, id, content)))
    for id in ("", "!!!!", "%00", "A", "AAAAA", "AA=A", "%FF%FE", "a b".replace(" ", "%20"), "<a>", "\u00e9".encode().hex() + "*"):
        yield case(f"a block called {id!r}", "400 InvalidQueryParameterValue", block(id))
    yield case("a block of 65 bytes' name", "400 OutOfRangeInput", block(base64.urlsafe_b64encode(bytes(65)).decode()))
    yield case("a block of 5000 letters' name", "400 ", block("A" * 5000))
    yield case("blocks whose names differ in length", "400 InvalidBlobOrBlock", on(lambda stage, link, _: (
        stage.block(link, "AAAA", b"01"), code(stage.block(link, "AAAAAAAA", b"23")))[1]))
    yield case("a block over what was announced", "413 RequestBodyTooLarge", block("AAAA", b"0" * 11))
    yield case("blocks over what was announced", "413 RequestBodyTooLarge", on(lambda stage, link, _: (
        stage.block(link, "AAAA", b"0" * 6), code(stage.block(link, "AAAB", b"0" * 6)))[1]))
    yield case("a block of 100 MiB and one", "413 RequestBodyTooLarge", lambda stage: stage.raw(
        f"PUT {stage.session(1 << 30)[0].split(str(stage.port), 1)[1]}&comp=block&blockid=AAAA HTTP/1.1\r\nHost: x\r\nContent-Length: 104857601\r\n\r\n".encode()))
    yield case("4 GiB and one at once", "413 RequestBodyTooLarge", lambda stage: stage.raw(
        f"PUT {stage.session(4294967296)[0].split(str(stage.port), 1)[1]} HTTP/1.1\r\nHost: x\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 4294967297\r\n\r\n".encode()))
    yield case("a length of 20 digits", ("400 ", "413 "), lambda stage: stage.raw(
        f"PUT {stage.session(10)[0].split(str(stage.port), 1)[1]} HTTP/1.1\r\nHost: x\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 99999999999999999999\r\n\r\n".encode()))
    yield case("a block without a length", "411 MissingContentLengthHeader", on(lambda stage, link, _: code(
        stage.ask("PUT", f"{link}&comp=block&blockid=AAAA", iter([b"01234"]), {"Transfer-Encoding": "chunked"}))))
    for body in (b"", b"<BlockList>", b"<a/>", b"<BlockList></BlockList>x", b"{}", b"\xff\xfe", b"<BlockList><Last>AAAA</Last></BlockList>",
        b"<BlockList><Latest>AAAA</BlockList>",
                 b'<!DOCTYPE a [<!ENTITY b "c">]><BlockList><Latest>&b;</Latest></BlockList>', b"<?xml", b"\0",
                 b"<BlockList>" + "\u0301".encode() * 100_000,
                 b"<BlockList a='b'></BlockList>", b"<BlockList><!-- --></BlockList>", b"<BlockList>" * 10_000):
        yield case(f"a list of blocks {body[:30]!r}", "400 InvalidXmlDocument",
            on(lambda stage, link, _, b=body: code(stage.ask("PUT", f"{link}&comp=blocklist", b))))
    for ids in (("AAAA",), ("!!!!",), ("",), ("AAAA",) * 50_000):
        yield case(f"a list of {len(ids)} blocks that are not there: {ids[0]!r}", "400 InvalidBlockList",
            on(lambda stage, link, _, i=ids: code(stage.blocks(link, *i))))
    yield case("50,001 blocks", ("409 BlockCountExceedsLimit", "400 InvalidBlockList"),
        on(lambda stage, link, _: code(stage.blocks(link, *["AAAA"] * 50_001))))
    yield case("a list of over 8 MiB", "413 ", on(lambda stage, link, _: code(stage.ask("PUT", f"{link}&comp=blocklist",
        b"<BlockList>" + b" " * (9 << 20)))))
    yield case("a block named more often than it fits", "413 RequestBodyTooLarge", on(lambda stage, link, _: (
        stage.block(link, "AAAA", b"01234"), code(stage.blocks(link, *["AAAA"] * 3)))[1]))
    yield case("a list that comes before its blocks", "400 InvalidBlockList", on(lambda stage, link, _: (
        stage.block(link, "AAAA", b"01234"), code(stage.blocks(link, "AAAA", "AAAB")))[1]))
    yield case("blocks of another upload", "400 InvalidBlockList", on(lambda stage, link, _: (
        stage.block(stage.session(10)[0], "AAAA", b"01234"), code(stage.blocks(link, "AAAA")))[1]))
    yield case("too few bytes", "200 10", on(lambda stage, link, job: (stage.block(link, "AAAA", b"012"), stage.blocks(link, "AAAA"),
        stage.approve(job), stage.report(job))[3]))
    yield case("blocks in disorder", "100 Completed", on(lambda stage, link, job: (
        stage.block(link, "AAAC", PICTURE[20_000:]), stage.block(link, "AAAA", b"wrong"), stage.block(link, "AAAB", PICTURE[10_000:20_000]),
        stage.block(link, "AAAA", PICTURE[:10_000]),
        stage.blocks(link, "AAAA", "AAAB", "AAAC"), stage.approve(job), stage.report(job))[6], len(PICTURE)))
    yield case("blocks put together wrongly", "200 ", on(lambda stage, link, job: (
        stage.block(link, "AAAA", PICTURE[:10_000]), stage.block(link, "AAAB", PICTURE[10_000:]), stage.blocks(link, "AAAB", "AAAA"),
        stage.approve(job), stage.report(job))[4],
        len(PICTURE)))
    for headers, wanted in (({}, "400 MissingRequiredHeader"), ({"x-ms-blob-type": "PageBlob"}, "400 InvalidHeaderValue"),
        ({"x-ms-blob-type": ""}, "400 "),
                            ({"x-ms-blob-type": "BlockBlob", "Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "400 Md5Mismatch"),
                            ({"x-ms-blob-type": "BlockBlob", "Content-MD5": "x"}, "400 Md5Mismatch")):
        yield case(f"an upload with {headers}", wanted, on(lambda stage, link, _, h=headers: code(stage.ask("PUT", link, TEN, h))))
    for comp in ("x", "", "page", "appendblock", "block%00", "metadata"):
        yield case(f"comp={comp}", "400 InvalidQueryParameterValue", on(lambda stage, link, _,
            c=comp: code(stage.ask("PUT", f"{link}&comp={c}", TEN))))
    yield case("an upload after approval", "409 InvalidOperation", on(lambda stage, link,
        job: (stage.put(link, TEN), stage.approve(job), code(stage.put(link, TEN)))[2]))
    yield case("an upload after cancelling", ("409 InvalidOperation", "404 BlobNotFound"), on(lambda stage, link, job: (
        stage.anonymiser("POST", f"cancel_job/{job}"), code(stage.put(link, TEN)))[1]))
    yield case("a block cut off", "302 ", on(lambda stage, link, job: (
        stage.cut_off("PUT", f"{link}&comp=block&blockid=AAAA", 10, b"0123"), str(stage.anonymiser("POST", f"approve_job/{job}")))[1]))
    yield case("an upload cut off", "302 ", on(lambda stage, link, job: (
        stage.cut_off("PUT", link, 10, b"0123", {"x-ms-blob-type": "BlockBlob"}), str(stage.anonymiser("POST", f"approve_job/{job}")))[1]))


def links():
    def altered(change, wanted, act=None):
        def do(stage):
            link = stage.session(10)[0]
            return code((act or stage.put)(change(link), TEN))
        return do
    changes = {
        "another signature": lambda link: re.sub(r"sig=.{6}", "sig=AAAAAA", link), "no signature": lambda link: re.sub(r"&sig=.*", "", link),
        "an empty signature": lambda link: re.sub(r"sig=.*", "sig=", link), "a longer one": lambda link: link + "A",
        "another year": lambda link: link.replace("se=20", "se=21"),
        "no time": lambda link: re.sub(r"se=[^&]*&", "", link), "a time that is none": lambda link: re.sub(r"se=[^&]*", "se=tomorrow", link),
        "more rights": lambda link: link.replace("sp=w", "sp=rw"),
        "other rights": lambda link: link.replace("sp=w", "sp=r"), "rights that are none": lambda link: link.replace("sp=w", "sp=d"),
        "another job": lambda link: re.sub(r"/[0-9a-f]{32}/", f"/{uuid.uuid4().hex}/", link),
        "another name": lambda link: link.replace("?", "x?", 1), "a way out": lambda link: re.sub(r"/[^/?]*\?", "/..%2F..%2Fsightline.sqlite?", link),
        "another container": lambda link: link.replace("/anonymisation/", "/batch/"),
        "the first of two times": lambda link: link.replace("?se=", "?se=2999-01-01T00:00:00Z&se="),
        "a fragment of a query": lambda link: link.split("&")[0],
    }
    for name, change in changes.items():
        yield case(f"a link with {name}", "403 AuthenticationFailed", altered(change, None))
    yield case("what a link to write may not be used for", "403 AuthorizationPermissionMismatch",
        lambda stage: code(stage.ask("GET", stage.session(10)[0])))
    for method in ("DELETE", "POST", "PATCH"):
        yield case(f"{method} behind a link", "405 UnsupportedHttpVerb", lambda stage, m=method: code(stage.ask(m, stage.session(10)[0])))

    def result(act):
        def do(stage):
            link, job = stage.session(len(PICTURE))
            stage.put(link, PICTURE)
            stage.approve(job)
            stage.report(job)
            return code(act(stage, stage.anonymiser("GET", f"job_result/{job}").json["tasks"][0]["download_link"]))
        return do
    yield case("writing by a link to read", "403 AuthorizationPermissionMismatch", result(lambda stage, link: stage.put(link, TEN)))
    for span in ("bytes=999999999-", "bytes=0-1,5-6", "bytes=9-1", "x", "bytes=-0", "bytes=" + "0-1," * 5000):
        yield case(f"the range {span[:20]}", ("416 InvalidRange", "200 ", "206 ", "431 "),
            result(lambda stage, link, s=span: stage.ask("GET", link, headers={"Range": s})))


def orders():
    """Approvals and cancellations in the wrong order, and all at once."""
    def sent(stage):
        link, job = stage.session(len(PICTURE))
        stage.put(link, PICTURE)
        stage.until(lambda: stage.anonymiser("GET", f"job_result/{job}").json.get("job_status") == 0)
        return job

    def done(stage, job):
        stage.approve(job)
        stage.report(job)
        return job
    call = lambda stage, path, job: stage.anonymiser("POST", f"{path}/{job}")  # noqa: E731
    yield case("an approval before the upload", "302 ", lambda stage: str(call(stage, "approve_job", stage.session(10)[1])))
    yield case("16 approvals at once", "[200, 202, 202, 202,", lambda stage: (lambda job: str(at_once(16,
        lambda: call(stage, "approve_job", job).status)))(sent(stage)))
    yield case("16 cancellations at once", "[200, 409, 409, 409,", lambda stage: (lambda job: str(at_once(16,
        lambda: call(stage, "cancel_job", job).status)))(sent(stage)))
    yield case("an approval after the end", "202 ", lambda stage: str(call(stage, "approve_job", done(stage, sent(stage)))))
    yield case("an approval after cancelling", "202 ", lambda stage: (lambda job: (call(stage, "cancel_job", job),
        str(call(stage, "approve_job", job)))[1])(sent(stage)))
    yield case("a cancellation after the end", "409 ", lambda stage: str(call(stage, "cancel_job", done(stage, sent(stage)))))
    yield case("a cancelled job", "200 Job cancelled", lambda stage: (lambda job: (call(stage, "cancel_job", job),
        stage.report(job))[1])(sent(stage)))
    yield case("removing what is not over", "409 ", lambda stage: str(stage.anonymiser("DELETE", f"job/{sent(stage)}")))
    yield case("removing twice", "404 ", lambda stage: (lambda job: (stage.anonymiser("DELETE", f"job/{job}"),
        str(stage.anonymiser("DELETE", f"job/{job}")))[1])(done(stage, sent(stage))))
    for number in ("1", "-1", "99999999999999999999", "x", ""):
        yield case(f"a task of the number {number!r}", "404 Task not found",
            lambda stage, n=number: str(stage.anonymiser("POST", f"cancel_task/{sent(stage)}-{n}")))

    def all_at_once(stage):
        """Whoever comes first, the job ends, once."""
        job = sent(stage)
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            codes = list(pool.map(lambda path: call(stage, path, job).status, ["approve_job", "cancel_job"] * 6))
        return f"{'ended' if set(codes) <= {200, 202, 409} and codes[1::2].count(200) <= 1 and codes[::2].count(200) <= 1 else codes} {stage.report(job)}"
    for number in range(4):
        yield case(f"approvals and cancellations at once {number}", ("ended 100", "ended 200 Job cancelled"), all_at_once)
    yield case("8 whole uploads at once", "201 ", lambda stage: (lambda link: " ".join(map(str,
        at_once(8, lambda: stage.put(link, TEN).status))))(stage.session(10)[0]))


def blobs():
    for body in (b"", b"{", b"[]", b"null", b"{}", b"\0", b'{"callback_url":null}', b'{"callback_url":""}', b'{"callback_url":1}',
        b'{"callback_url":["http://h"]}',
                 b'{"callback_url":"\xff"}', b"[" * 10_000, b'{"callback_url":"http://h","callback_url":"http://h"}'):
        yield case(f"a blob of {body[:30]!r}", "400 Invalid callback url supplied", lambda stage, b=body: str(stage.ask("POST", "/blobs", b)))
    for url in ("ftp://h/", "file:///etc/passwd", "http://", "http:///x", "x", "//h", "javascript:1", "http://169.254.169.254/",
        "http://2852039166/", "http://[fe80::1]/", "http://0xA9FEA9FE/",
                "http://[::ffff:169.254.169.254]/", "http://224.0.0.1/", "http://255.255.255.255/", "http://h\r\nX: y/", "http://a b/",
                "http://h:99999/", "http://" + "a" * 60_000):
        yield case(f"a callback to {url[:40]!r}", "400 Invalid callback url supplied",
            lambda stage, u=url: str(stage.ask("POST", "/blobs", {"callback_url": u})))
    yield case("a body of over 64 KiB", "413 ", lambda stage: str(stage.ask("POST", "/blobs", {"callback_url": "http://h/" + "a" * 70_000})))
    for id in ("x", "%00", "..", "a" * 5000, str(uuid.uuid4()), "0" * 32, "%2e%2e%2f"):
        yield case(f"the blob {id[:12]}", ("404 Blob not found", "404 Not found"), lambda stage, i=id: str(stage.ask("GET", f"/dev/blobs/{i}")))
    for method, path in (("DELETE", "/blobs"), ("PUT", "/blobs"), ("GET", "/prod/blobs"), ("POST", f"/blobs/{uuid.uuid4()}"),
        ("PATCH", f"/blobs/{uuid.uuid4()}")):
        yield case(f"{method} {path[:12]}", "405 ", lambda stage, m=method, p=path: str(stage.ask(m, p)))
    yield case("another stage", "404 ", lambda stage: str(stage.ask("POST", "/stage/blobs", {"callback_url": stage.neighbour.at("/labels")})))
    unsigned = {
        "another signature": lambda link: re.sub(r"sig=.{6}", "sig=AAAAAA", link), "no signature": lambda link: link.split("?")[0],
        "another year": lambda link: link.replace("se=20", "se=21"),
        "a time that is over": lambda link: re.sub(r"se=[^&]*", "se=2020-01-01T00:00:00Z", link),
        "another blob": lambda link: re.sub(r"blobs/[^?]*", f"blobs/{uuid.uuid4()}", link),
        "other rights": lambda link: link.replace("sp=w", "sp=rw"), "more behind it": lambda link: link + "x",
    }
    for name, change in unsigned.items():
        yield case(f"a link to a blob with {name}", "403 SignatureDoesNotMatch",
            lambda stage, c=change: code(stage.ask("PUT", c(stage.new_blob()[1]), PICTURE)))
    for method in ("GET", "POST", "DELETE", "HEAD"):
        yield case(f"{method} by a link to a blob", "403 " if method == "HEAD" else "403 SignatureDoesNotMatch",
            lambda stage, m=method: code(stage.ask(m, stage.new_blob()[1])))
    yield case("15 MiB and one", "413 EntityTooLarge", lambda stage: stage.raw(
        f"PUT {stage.new_blob()[1].split(str(stage.port), 1)[1]} HTTP/1.1\r\nHost: x\r\nContent-Length: {(15 << 20) + 1}\r\n\r\n".encode()))
    yield case("16 MiB of unknown length", ("413 EntityTooLarge", "0 "), lambda stage: code(
        stage.ask("PUT", stage.new_blob()[1], iter([bytes(1 << 20)] * 16))))

    def cut(stage):
        id, link = stage.new_blob()
        stage.cut_off("PUT", link, 1000, PICTURE[:500])
        return stage.ask("GET", f"/blobs/{id}").json["status"]
    yield case("a picture cut off", "waiting_for_upload", cut)
    yield case("nothing", "failed: ", lambda stage: stage.blob(b""))
    yield case("a link of anonymisation", "404 ", lambda stage: code(stage.ask("PUT", f"/storage/blobs/{uuid.uuid4()}/x", PICTURE)))
    yield case("8 pictures at once", "done", lambda stage: (lambda made: (at_once(8, lambda: stage.ask("PUT", made[1], PICTURE).status), stage.until(
        lambda: found if (found := stage.ask("GET", f"/blobs/{made[0]}").json["status"]) in ("done", "failed") else None))[1])(stage.new_blob()))

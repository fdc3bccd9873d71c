"""A client of the v6 API as one is written with `requests` and the published documentation, knowing nothing of Sightline.

usage: published_client.py BASE REFERENCE      REFERENCE: of a camera whose streams neither end nor fail while this runs
"""
import sys

import requests

base, reference = sys.argv[1:]
NOBODY = "00000000-0000-4000-8000-000000000000"
wrong = passed = 0


def claim(what, is_true, found=None):
    global wrong, passed
    wrong, passed = wrong + (not is_true), passed + bool(is_true)
    print("ok   " if is_true else "WRONG", what, "" if is_true else getattr(found, "text", found))


def refused(what, reply, status, code, detail=None):
    error = reply.json()
    is_whole = sorted(error) == ["desc", "detail", "error_code", "link"]
    is_expected = (reply.status_code, error.get("error_code")) == (status, code) and detail in (None, error.get("detail"))
    claim(what, is_whole and is_expected, reply)


# ---- An account, with login and password

login, password = "python@example.org", "s:e;c ret ü"
auth = (login, password.encode())  # `requests` would encode a text as Latin-1
reply = requests.post(f"{base}/6/accounts", json={"login": login, "password": password, "account_type": "advanced_user"})
claim("an account with a password of any characters", reply.status_code == 201, reply)
account = reply.json()["account_id"]
reply = requests.get(f"{base}/6/account", auth=auth)
claim("is found by it", reply.status_code == 200 and reply.json()["account_id"] == account, reply)
reply = requests.get(f"{base}/6/accounts", params={"page_size": 100, "account_type": "user"}, auth=auth)
claim("an advanced_user sees other accounts", [a["login"] for a in reply.json()["accounts"]] == ["luna@visionlabs.ru"], reply)
reply = requests.get(f"{base}/6/streams", auth=auth)
claim("and their streams", reply.status_code == 200 and len(reply.json()["streams"]) == 2, reply)
stream = reply.json()["streams"][0]["stream_id"]
refused("but cannot delete them: as if they were not there", requests.delete(f"{base}/6/streams/{stream}", auth=auth), 404, 44001)

# ---- A token with permissions, and streams by it

rights = ["creation", "view", "modification", "deletion"]
permissions = {"video_stream": rights, "video_group": rights, "my_service": ["view"]}
reply = requests.post(
    f"{base}/6/tokens", auth=auth,
    json={"expiration_time": "2100-01-01T03:00:00+03:00", "visibility_area": "account", "permissions": permissions})
claim("a token with a custom key", reply.status_code == 201 and reply.headers["Location"] == reply.json()["url"], reply)
token = reply.json()
reply = requests.get(base + token["url"], auth=auth)
claim("reads back", reply.json()["token"] == token["token"] and reply.json()["permissions"]["my_service"] == ["view"], reply)
session = requests.Session()
session.headers["Authorization"] = "Bearer " + token["token"]


def body(name, **more):
    return {
        "name": name, "data": {"type": "stream", "reference": reference},
        "analytics": [{"analytic_name": "example_analytic", "parameters": {"anything": [1, {"goes": None}]}}], **more}


ids = []
for name in "ab":
    reply = session.post(f"{base}/6/streams", json=body(name))
    claim(f"stream {name} by token", reply.status_code == 201, reply)
    ids.append(reply.json()["stream_id"])
for names in ("a,b", ["a", "b"], ["a,b", "b"]):  # `requests` repeats the key for a list
    reply = session.get(f"{base}/6/streams", params={"order": "asc", "names": names})
    listed = [s["stream_id"] for s in reply.json()["streams"]]
    claim(f"listed by names={names!r}, within the token's visibility", listed == ids, reply)
    reply = session.get(f"{base}/6/streams/count", params={"names": names})
    claim("and counted", reply.json() == {"streams_count": 2}, reply)
reply = session.patch(f"{base}/6/streams/{ids[0]}", params={"action": "stop"})
claim("one is stopped", (reply.status_code, reply.content) == (204, b""), reply)
reply = session.get(f"{base}/6/streams", params={"statuses": "stop"})
claim("and listed as such", [s["stream_id"] for s in reply.json()["streams"]] == ids[:1], reply)
reply = session.patch(f"{base}/6/streams/{ids[0]}", params={"action": "resume"})
claim("and resumed", reply.status_code == 204, reply)
refused("once", session.patch(f"{base}/6/streams/{ids[1]}", params={"action": "resume"}), 409, 44011)
reply = session.put(f"{base}/6/streams/{ids[0]}", json=body("anew", description="by the door"))
claim("and replaced", reply.json() == {"stream_id": ids[0], "version": 2}, reply)
reply = session.get(f"{base}/6/streams/{ids[0]}")
claim("wholly", (reply.json()["name"], reply.json()["description"]) == ("anew", "by the door"), reply)
claim("and is there by HEAD", session.head(f"{base}/6/streams/{ids[0]}").status_code == 200)
refused(
    "but not with what is no field", session.put(f"{base}/6/streams/{ids[0]}", json=body("anew", extra=1)), 400, 12022,
    "Failed to validate input json. Path: 'extra', message: 'Extra inputs are not permitted'")

# ---- Groups with fixed names, and the linker

groups = {}
for name in ("hd_stream_1", "hd_stream_2"):
    reply = session.post(f"{base}/6/groups", json={"group_name": name, "description": "upstairs"})
    claim(f"group {name}, a name that another account has too", reply.status_code == 201, reply)
    groups[name] = reply.json()["group_id"]
    claim("its place", reply.headers["Location"] == "/6/groups/" + groups[name], reply.headers)
refused(
    "but not twice", session.post(f"{base}/6/groups", json={"group_name": "hd_stream_1"}), 409, 44003,
    "Group named 'hd_stream_1' already exists")
for names in ("hd_stream_1,hd_stream_2", ["hd_stream_1", "hd_stream_2"]):
    reply = session.get(f"{base}/6/groups", params={"group_names": names})
    claim(f"listed by group_names={names!r}", [g["group_id"] for g in reply.json()["groups"]] == list(groups.values()), reply)
first, second = groups.values()


def link(action, streams, group):
    return session.patch(f"{base}/6/linker", json={"action": action, "stream_ids": streams, "group_id": group})


def linked(group_name):
    reply = session.get(f"{base}/6/streams", params={"group_name": group_name, "order": "asc"})
    return [s["stream_id"] for s in reply.json()["streams"]]


claim("streams are attached", link("attach", ids, first).status_code == 204 and linked("hd_stream_1") == ids)
refused("with one that is not there", link("attach", [*ids, NOBODY], second), 400, 44001, f"Stream with id {NOBODY} not found")
claim("none is", linked("hd_stream_2") == [])
refused("nor to a group that is not there", link("attach", ids, NOBODY), 400, 44004, f"Group with id {NOBODY} not found")
claim("one is detached", link("detach", ids[:1], first).status_code == 204 and linked("hd_stream_1") == ids[1:])
claim("a group changes", session.patch(f"{base}/6/groups/{first}", json={"description": "downstairs"}).status_code == 204)
reply = session.get(f"{base}/6/groups/{first}")
claim("and shows it", reply.json()["description"] == "downstairs" and reply.json()["account_id"] == account, reply)
claim("and goes", session.delete(f"{base}/6/groups/{first}").status_code == 204)
refused("wholly", session.get(f"{base}/6/groups/{first}"), 404, 44004, f"Group with id {first} not found")

# ---- Logs

for targets in ("stream_id,status", ["stream_id", "status"]):
    reply = session.get(f"{base}/6/streams/logs", params={"stream_ids": ids[0], "targets": targets})
    logs = reply.json()["logs"]
    claim(f"logs with targets={targets!r}", logs and all(sorted(r) == ["status", "stream_id"] for r in logs), reply)
reply = session.get(f"{base}/6/streams/logs", params={"stream_ids": ids[0], "statuses": "stop", "targets": "status"})
claim("by status", reply.json() == {"logs": [{"status": 5}]}, reply)
reply = session.delete(f"{base}/6/streams/logs", params={"log_time__lt": "2100-01-01T00:00:00+03:00"})
claim("are deleted", reply.status_code == 200 and reply.json()["deleted_count"] > 0, reply)

# ---- The end

claim("a stream is deleted by token", session.delete(f"{base}/6/streams/{ids[0]}").status_code == 204)
reply = session.delete(f"{base}/6/streams", json={"stream_ids": ids})
claim("many are, and one that is gone is passed over", (reply.status_code, linked("hd_stream_2")) == (204, []), reply)
refused("all gone", session.get(f"{base}/6/streams/{ids[1]}"), 404, 44001, f"Stream with id '{ids[1]}' not found")
reply = requests.patch(f"{base}/6/account", json={"password": "another"}, auth=auth)
claim("the password is changed", reply.status_code == 204, reply)
reply = requests.get(f"{base}/6/account", auth=auth)
refused("and the old one refused", reply, 401, 11065, "Account login or password are incorrect")
claim("by a challenge", reply.headers.get("WWW-Authenticate") == "Basic realm='login:password'", reply.headers)
claim("tokens outlive the change of a password", session.get(f"{base}/6/streams").status_code == 200)
print(f"{passed} passed, {wrong} failed with requests")
sys.exit(wrong > 0)

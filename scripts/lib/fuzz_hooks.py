"""What generated requests must know of this daemon that its document cannot say, and what the checks must know of its contract."""
import functools
import os
import re

import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi import _auth_retry, checks

# The daemon under test has one analytic that takes any parameters. Which names exist, and what each wants, is in its catalogue
# and not in the document.
ANALYTIC = os.environ["FUZZ_ANALYTIC"]
# The account that sends the requests, as login:password.
LOGIN, PASSWORD = os.environ["FUZZ_LOGIN"].split(":", 1)
# What was registered before the run, a token, and the account's id.
STREAM, GROUP, TOKEN, ACCOUNT = (os.environ[f"FUZZ_{name}"] for name in ("STREAM", "GROUP", "TOKEN", "ACCOUNT"))
ID = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}")
TEXTS = {
    "analytic_name": re.compile(r"[a-zA-Z0-9_\-]{1,36}"),
    "group_name": re.compile(r"[a-zA-Z0-9_\-]{1,128}"),
    "group_id": ID,
    "login": re.compile(r"(?=.{3,128}\Z)[a-z0-9_\-.]+@[a-z]+\.[a-z]{2,}"),
    "password": re.compile(r".{3,128}"),
}
# Keys of a token's permissions that are not custom ones.
STANDARD = set(
    "account face list event attribute handler verifier task face_sample body_sample image object token lambdas video_stream"
    " video_group video_analytic resources emit_events verify".split()
)


def is_good(body, name):
    """Whether a member by itself is what the document wants."""
    return isinstance(body.get(name), str) and TEXTS[name].fullmatch(body[name]) is not None


# ---- Requests: what is wrong stays wrong


def with_known_names(body):
    """Names only things that exist, wherever the name by itself is a good one."""
    body = dict(body)
    data = body.get("data")
    if isinstance(data, dict) and isinstance(data.get("reference"), str):
        # Taken from an answer, which hides secrets: beside anything else that is new they must be written out.
        body["data"] = {**data, "reference": data["reference"].replace("***", "secret")}
    if isinstance(body["analytics"], list):
        body["analytics"] = [
            {**item, "analytic_name": ANALYTIC} if isinstance(item, dict) and is_good(item, "analytic_name") else item
            for item in body["analytics"]
        ]
    if "group_id" not in body and is_good(body, "group_name"):
        del body["group_name"]
    if "group_name" not in body and is_good(body, "group_id"):
        del body["group_id"]
    return body


def with_own_credentials(body):
    """Changes login and password to what they are, so that the requests that follow are not those of a stranger."""
    body = dict(body)
    if is_good(body, "login"):
        body["login"] = LOGIN
    if is_good(body, "password"):
        body["password"] = PASSWORD
    return body


def with_right_credentials(body):
    """An account's id is that of an account, every other token a token; a login with its password stays what nobody has."""
    body = dict(body)
    if isinstance(body.get("account_id"), str) and ID.fullmatch(body["account_id"]):
        body["account_id"] = ACCOUNT
    if isinstance(body.get("token"), str) and 1 <= len(body["token"]) <= 8192 and len(body["token"]) % 2:
        body["token"] = TOKEN
    return body


def with_fitting_grant(query, body):
    """Whether all permissions are granted decides whether standard ones may be named or nothing at all."""
    query = dict(query or {})
    permissions = body.get("permissions")
    grant = str(query.get("grant_all_permissions", 0))
    if grant == "0" and "permissions" not in body:
        query["grant_all_permissions"] = 1
    elif grant == "1" and isinstance(permissions, dict) and STANDARD & permissions.keys():
        query["grant_all_permissions"] = 0
    return query


def with_things_to_link(body):
    """Links a stream and a group that are there, as long as no other request has deleted them."""
    body = dict(body)
    if is_good(body, "group_id"):
        body["group_id"] = GROUP
    if isinstance(body.get("stream_ids"), list):
        body["stream_ids"] = [
            STREAM if isinstance(item, str) and ID.fullmatch(item) else item for item in body["stream_ids"]
        ]
    return body


def bearer(request):
    request.headers["Authorization"] = "Bearer " + TOKEN
    return request


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.label == "POST /6/login" and kwargs.get("auth") is not None:
        kwargs["auth"] = bearer  # it takes nothing else
    if not isinstance(case.body, dict):
        return
    if "analytics" in case.body:
        case.body = with_known_names(case.body)
    elif case.operation.label == "PATCH /6/account":
        case.body = with_own_credentials(case.body)
    elif case.operation.label == "POST /6/credentials_verifier":
        case.body = with_right_credentials(case.body)
    elif case.operation.label == "PATCH /6/linker":
        case.body = with_things_to_link(case.body)
    elif case.operation.label in ("POST /6/tokens", "PUT /6/tokens/{token_id}"):
        case.query = with_fitting_grant(case.query, case.body)


# ---- Answers: where the contract differs from what the checks take for granted


def is_error(response, status, *codes):
    return response.status_code == status and response.json()["error_code"] in codes


def excuse(name, reason):
    """Leaves out a check where `reason` says why."""
    judge = CHECKS.get_one(name)

    @functools.wraps(judge)
    def check(ctx, response, case):
        return None if reason(response, case) else judge(ctx, response, case)

    CHECKS.register(check)


# The linker says 400, not 404, of a stream or group that does not exist, and requests may have deleted it.
excuse(
    "positive_data_acceptance",
    lambda response, case: case.operation.label == "PATCH /6/linker" and is_error(response, 400, 44001, 44004),
)
# Without any credentials every resource says 403, also the one that takes nothing but a token.
excuse(
    "missing_required_header",
    lambda response, case: case.operation.label == "POST /6/login" and is_error(response, 403, 12010),
)
# What a path allows is answered without a look at what lies there, so also after it is deleted.
excuse("use_after_free", lambda response, case: case.operation.method.upper() == "OPTIONS")

# An account's id that is none is a bad header (400) by the contract; one of nobody is a wrong credential.
assert hasattr(_auth_retry, "INVALID_CREDENTIAL")
_auth_retry.INVALID_CREDENTIAL = "00000000-0000-4000-8000-000000000000"

# Where the account itself is what is asked for, the id of nobody is not found.
enforces_auth = checks._enforces_auth


def refuses_nobody(response, authenticated):
    is_own_account = response.request.url.split("?")[0].endswith("/6/account")
    return is_own_account and is_error(response, 404, 28001) or enforces_auth(response, authenticated)


checks._enforces_auth = refuses_nobody

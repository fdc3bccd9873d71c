"""Holds the API's document, and those of the doors to jobs beside it, to the rules of OpenAPI, and the examples of its forms to the document: each is valid, and none is without a
member that the document requires, or with one that it does not know.

usage: check_examples.py OPENAPI FOLDER      the first part of a file's name is that of its schema
"""
import json
import pathlib
import sys

import jsonschema_rs
import yaml
from schemathesis.specs.openapi.definitions import OPENAPI_31

main = pathlib.Path(sys.argv[1])
document = yaml.safe_load(main.read_text())
documents = {main: document} | {file: json.loads(file.read_text()) for file in main.parent.glob("jobs-*.json")}
faults = [
    f"{file}: {'/'.join(map(str, error.instance_path))}: {error.message}"
    for file, value in documents.items()
    for error in jsonschema_rs.validator_for(OPENAPI_31).iter_errors(value)
]


def form(name):
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


files = sorted(pathlib.Path(sys.argv[2]).glob("*.json"))
for file in files:
    name = file.name.split(".")[0]
    example = json.loads(file.read_text())
    schema = form(name)
    faults += [f"{file.name}: {error.message}" for error in schema.iter_errors(example)]
    for member in document["components"]["schemas"][name].get("required", []):
        if schema.is_valid({key: value for key, value in example.items() if key != member}):
            faults.append(f"{file.name}: also valid without {member}")
    if schema.is_valid(example | {"unknown": 1}):
        faults.append(f"{file.name}: also valid with a member that is unknown")

# What is said between events is one of three things.
said = {"position": 17, "expired": {"from": 1, "to": 9}, "lagged": {"from": 18, "to": 20}}
common = {"stream_status": "in_progress", "error": None}
state, live = form("FeedState"), form("LiveMessage")
for name, value in said.items():
    if not (state.is_valid(common | {name: value}) and live.is_valid(common | {name: value})):
        faults.append(f"FeedState: not valid with {name}")
for wrong in [common, common | said, common | {"position": 17, "unknown": 1}]:
    if state.is_valid(wrong):
        faults.append(f"FeedState: also valid is {json.dumps(wrong)}")

for fault in faults:
    print("examples:", fault, file=sys.stderr)
if len(files) < 7:
    sys.exit(f"examples: there are {len(files)} of them")
sys.exit(bool(faults))

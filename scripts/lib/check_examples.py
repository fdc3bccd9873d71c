"""Holds the examples of the API's forms to its document: each is valid, and none is without a member that the document requires.

usage: check_examples.py OPENAPI FOLDER      the first part of a file's name is that of its schema
"""
import json
import pathlib
import sys

import jsonschema_rs
import yaml

document = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
faults = []
files = sorted(pathlib.Path(sys.argv[2]).glob("*.json"))
for file in files:
    name = file.name.split(".")[0]
    example = json.loads(file.read_text())
    schema = jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": document["components"]})
    faults += [f"{file.name}: {error.message}" for error in schema.iter_errors(example)]
    for member in document["components"]["schemas"][name].get("required", []):
        if schema.is_valid({key: value for key, value in example.items() if key != member}):
            faults.append(f"{file.name}: also valid without {member}")
for fault in faults:
    print("examples:", fault, file=sys.stderr)
if len(files) < 7:
    sys.exit(f"examples: there are {len(files)} of them")
sys.exit(bool(faults))

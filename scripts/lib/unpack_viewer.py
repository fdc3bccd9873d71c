"""Unpacks Swagger UI and its licence from the package that carries it.

usage: unpack_viewer.py PACKAGE.whl FOLDER
"""
import pathlib
import sys
import zipfile

WANTED = ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE"]

folder = pathlib.Path(sys.argv[2])
folder.mkdir(parents=True)
with zipfile.ZipFile(sys.argv[1]) as package:
    for name in WANTED:
        (folder / name).write_bytes(package.read(f"swagger_ui/static/{name}"))

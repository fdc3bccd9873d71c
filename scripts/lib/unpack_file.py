"""Unpacks one file of a package.

usage: unpack_file.py PACKAGE.whl ENTRY FILE
"""
import pathlib
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as package:
    pathlib.Path(sys.argv[3]).write_bytes(package.read(sys.argv[2]))

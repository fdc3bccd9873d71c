"""Unpacks the libraries that Sightline uses, and the licence texts, from the engine's package.

usage: unpack_engine.py PACKAGE.whl FOLDER
"""
import pathlib
import re
import shutil
import sys
import zipfile

# Seven libraries: the core, its C interface, one processor plugin, three readers of model files, and threads.
WANTED = [
    r"libopenvino\.so\.\d+",
    r"libopenvino_c\.so\.\d+",
    r"libopenvino_(intel|arm)_cpu_plugin\.so",
    r"libopenvino_onnx_frontend\.so\.\d+",
    r"libopenvino_ir_frontend\.so\.\d+",
    r"libopenvino_tensorflow_lite_frontend\.so\.\d+",
    r"libtbb\.so\.\d+",
]


def copy(package, entry, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with package.open(entry) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink)


def main():
    folder = pathlib.Path(sys.argv[2])
    with zipfile.ZipFile(sys.argv[1]) as package:
        entries = package.namelist()
        for pattern in WANTED:
            matches = [entry for entry in entries if re.fullmatch(r"openvino/libs/" + pattern, entry)]
            if len(matches) != 1:
                sys.exit(f"setup: the engine's package holds {len(matches)} files named {pattern}, wanted 1")
            target = folder / pathlib.PurePosixPath(matches[0]).name
            copy(package, matches[0], target)
            target.chmod(0o755)
        for entry in entries:
            if ".dist-info/licenses/" in entry and not entry.endswith("/"):
                copy(package, entry, folder / "licenses" / pathlib.PurePosixPath(entry).name)


main()

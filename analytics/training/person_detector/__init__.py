"""How the bundled person detectors are made: from labelled pictures to ONNX files and their card. See ../README.md."""

"""For scripts that start a daemon."""

import http.client
import pathlib
import socket
import sys
import time


def free_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(process, port, log, host="127.0.0.1"):
    """Returns when the daemon answers at the port; if it ends, or three minutes pass, the program ends with its last words."""
    deadline = time.monotonic() + 180
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(host, port, timeout=10)
        try:
            connection.request("GET", "/6/healthcheck")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass  # it is not there yet
        finally:
            connection.close()
        time.sleep(0.05)
    what = "gave no sign of health within three minutes" if process.poll() is None else "did not start"
    words = pathlib.Path(log).read_text(errors="replace")[-2000:]
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: the daemon {what}:\n{words}")

"""nginx as a server of files, for trials."""

import pathlib
import shutil
import subprocess
import sys
import time

from daemon import free_port

CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/errors.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; video/mp4 mp4 m4s; image/jpeg jpg; }}
    server {{ listen 127.0.0.1:{port}; location / {{ root {root}; {more} }} }}
}}
"""


class Nginx:
    """Serves `root` at `address`; its own files lie in `folder`. `more`: further lines of its configuration."""

    def __init__(self, folder, root, more=""):
        self.program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        if not self.program:
            sys.exit(f"{pathlib.Path(sys.argv[0]).name}: there is no nginx; on Debian: apt-get install nginx-light")
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        self.file = folder / "nginx.conf"
        self.file.write_text(CONFIGURATION.format(folder=folder, root=root, port=self.port, more=more))
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "-e", self.folder / "errors.log", "-c", self.file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        if self.process.poll() is not None:
            sys.exit(f"nginx did not start: {(self.folder / 'errors.log').read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait()

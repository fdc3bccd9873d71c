"""On which database the daemon of a script is to work."""

import os
import pathlib
import sqlite3
import subprocess
import sys
import uuid


class PostgresServer:
    """What scripts/lib/postgres starts; ends with this process."""

    def __init__(self, *options):
        script = pathlib.Path(__file__).with_name("postgres")
        self.process = subprocess.Popen([script, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.line()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("PostgreSQL does not run; the reason stands above")
        return line.rstrip("\n")

    def tell(self, command):
        """`stop`, `kill`, `start` or `in DATABASE STATEMENT`; returns the lines of the answer."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.line()) not in ("done", "failed"):
            lines.append(line)
        if line == "failed":
            sys.exit(f"'{command}' failed")
        return lines

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def choose_database(*options):
    """The server for DATABASE=postgres, and None for the database in the data directory."""
    kind = os.environ.get("DATABASE", "sqlite")
    if kind not in ("sqlite", "postgres"):
        sys.exit(f"DATABASE={kind} is neither 'sqlite' nor 'postgres'")
    return PostgresServer(*options) if kind == "postgres" else None


def environment(server):
    """What a daemon on the server, if there is one, has in its environment."""
    own = {name: value for name, value in os.environ.items() if name != "SIGHTLINE_DATABASE"}
    return own | ({"SIGHTLINE_DATABASE": server.url} if server else {})


def rows(server, data, statement):
    """The answer to a statement, of the server or of the database in the data directory; ids and numbers as text."""
    if server:
        return [line.split("|") for line in server.tell(f"in sightline {statement}")]
    store = sqlite3.connect(f"file:{data / 'sightline.sqlite'}?mode=ro", uri=True)
    try:
        return [[str(uuid.UUID(bytes=cell)) if isinstance(cell, bytes) else str(cell) for cell in row]
                for row in store.execute(statement)]
    finally:
        store.close()

"""Processes of this machine and what they hold, as /proc tells it. Source: proc(5)."""

import collections
import dataclasses
import os
import pathlib


@dataclasses.dataclass(frozen=True)
class Member:
    """A process of a family."""
    id: int
    parent: int
    is_zombie: bool  # it has ended, and its parent has not asked how


@dataclasses.dataclass(frozen=True)
class Holdings:
    """What a process holds; memory in MiB."""
    resident: float
    own: float  # of that, what no file or other process gave it
    shared: float  # of that, what it has in common with others, such as pictures
    descriptors: int
    names: collections.Counter  # of threads

    @property
    def threads(self):
        return self.names.total()


def family(root):
    """The process and all that descend from it, zombies too."""
    result, waiting = [], [root]
    while waiting:
        member = _member(waiting.pop())
        if member is not None:
            result.append(member)
            waiting += _children(member.id)
    return result


def _member(process):
    try:
        text = pathlib.Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None  # it has gone
    state, parent = text[text.rindex(")") + 2:].split()[:2]
    return Member(process, int(parent), state == "Z")


def _children(process):
    result = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            result += map(int, pathlib.Path(f"/proc/{process}/task/{thread}/children").read_text().split())
    except OSError:
        pass  # it ends just now
    return result


def holdings(process):
    folder = pathlib.Path(f"/proc/{process}")
    fields = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())

    def mebibytes(name):
        return int(fields[name].split()[0]) / 1024

    return Holdings(
        mebibytes("VmRSS"), mebibytes("RssAnon"), mebibytes("RssShmem"), len(os.listdir(folder / "fd")),
        collections.Counter(_name(thread) for thread in (folder / "task").iterdir()))


def _name(thread):
    try:
        return (thread / "comm").read_text().strip()
    except OSError:
        return "ended"


def proportional_memory(members):
    """What they take of the machine's memory, what they share counted once, in MiB."""
    kilobytes = 0
    for member in members:
        try:
            text = pathlib.Path(f"/proc/{member.id}/smaps_rollup").read_text()
        except OSError:
            continue  # it has gone, or is a zombie
        kilobytes += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024

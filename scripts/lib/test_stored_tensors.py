"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import array
import collections
import io
import os
import pathlib
import pickle
import struct
import sys
import tempfile
import types
import unittest
from unittest import mock

import stored_tensors
from stored_tensors import MAGIC, VERSION, read


def torch_modules():
    """Names as PyTorch has them, behind which is nothing."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage", "HalfStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2():
        pass

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    return {"torch": torch, "torch._utils": utils}


MODULES = torch_modules()


class Stored:
    """A tensor on its way into a file."""

    def __init__(self, key, count, offset, shape, strides, kind="FloatStorage"):
        self.storage = (key, count, kind)
        self.rest = (offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return MODULES["torch._utils"]._rebuild_tensor_v2, (Handle(*self.storage), *self.rest)


class Handle:
    def __init__(self, key, count, kind):
        self.identity = ("storage", getattr(MODULES["torch"], kind), key, "cpu", count, None)


class Pickler(pickle.Pickler):
    def persistent_id(self, item):
        return item.identity if isinstance(item, Handle) else None


def written(tensors, storages, magic=MAGIC, little_endian=True):
    """A file as PyTorch wrote them: `storages` are (key, code, numbers)."""
    file = io.BytesIO()
    with mock.patch.dict(sys.modules, MODULES):
        for item in (magic, VERSION, {"little_endian": little_endian}, tensors, [key for key, _, _ in storages]):
            Pickler(file, 2).dump(item)
    for _, code, numbers in storages:
        file.write(struct.pack("<q", len(numbers)) + array.array(code, numbers).tobytes())
    return file.getvalue()


def named(**tensors):
    result = collections.OrderedDict(tensors)
    result._metadata = collections.OrderedDict(version=1)
    return result


class Tensors(unittest.TestCase):
    def test_numbers_come_in_the_order_of_the_dimensions_whatever_the_storage(self):
        tensors = named(a=Stored("1", 6, 0, (2, 3), (1, 2)), b=Stored("1", 6, 2, (4,), (1,)), n=Stored("2", 1, 0, (), (), "LongStorage"))
        found = read(io.BytesIO(written(tensors, [("1", "f", [1, 2, 3, 4, 5, 6]), ("2", "q", [7])])))
        self.assertEqual(list(found["a"].values()), [1, 3, 5, 2, 4, 6])
        self.assertEqual(list(found["b"].values()), [3, 4, 5, 6])
        self.assertEqual((found["a"].shape, found["n"].shape, list(found["n"].values())), ((2, 3), (), [7]))

    def test_a_dimension_of_one_and_one_that_repeats(self):
        tensors = named(a=Stored("1", 4, 0, (2, 1, 2), (2, 9, 1)), b=Stored("1", 4, 3, (3,), (0,)), c=Stored("1", 4, 0, (0, 2), (1, 1)))
        found = read(io.BytesIO(written(tensors, [("1", "f", [1, 2, 3, 4])])))
        self.assertEqual([list(found[name].values()) for name in "abc"], [[1, 2, 3, 4], [4, 4, 4], []])

    def refuses(self, contents, words):
        with self.assertRaisesRegex(pickle.UnpicklingError, words):
            read(io.BytesIO(contents))

    def test_a_tensor_beyond_its_storage_is_refused(self):
        for offset, shape, strides in ((0, (5,), (1,)), (1, (4,), (1,)), (0, (2, 3), (2, 1)), (-1, (1,), (1,)), (0, (2,), (-1,)), (0, (2, 2), (1,))):
            with self.subTest(shape=shape, strides=strides):
                self.refuses(written(named(a=Stored("1", 4, offset, shape, strides)), [("1", "f", [1, 2, 3, 4])]), "beyond|shape")

    def test_files_of_another_kind_or_cut_off_are_refused(self):
        good = written(named(a=Stored("1", 2, 0, (2,), (1,))), [("1", "f", [1, 2])])
        self.assertEqual(list(read(io.BytesIO(good))["a"].values()), [1, 2])
        for end in (0, 10, 60, len(good) - 9, len(good) - 1):
            with self.subTest(end=end):
                self.refuses(good[:end], "")
        tensors, storages = named(a=Stored("1", 2, 0, (2,), (1,))), [("1", "f", [1, 2])]
        self.refuses(written(tensors, storages, magic=1), "of this format")
        self.refuses(written(tensors, storages, little_endian=False), "order")
        self.refuses(written(tensors, [("1", "f", [1, 2, 3])]), "length")
        self.refuses(written(tensors, []), "not all of their numbers")
        self.refuses(written(named(a=Stored("1", 2, 0, (2,), (1,), "HalfStorage")), storages), "torch.HalfStorage")
        self.refuses(written(named(a=3), []), "other things")


class Calls:
    """Calls a function when it is unpickled by pickle's own means."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


class Malice(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.mark = pathlib.Path(folder.name) / "mark"

    def test_what_a_pickle_would_call_is_refused_and_not_called(self):
        calls = [
            Calls(os.system, f"touch {self.mark}"),
            Calls(os.mkdir, str(self.mark)),
            Calls(eval, f"open({str(self.mark)!r}, 'w')"),
            Calls(getattr, collections.OrderedDict, "fromkeys"),
            Calls(__import__, "os"),
        ]
        for call in calls:
            good = written(named(), [])
            head = pickle.dumps(MAGIC, 2) + pickle.dumps(VERSION, 2) + pickle.dumps({"little_endian": True}, 2)
            self.assertTrue(good.startswith(head))
            for contents in (pickle.dumps(call, 2), pickle.dumps(call, 4), head + pickle.dumps(call, 2), head + pickle.dumps({"a": call}, 4)):
                with self.subTest(call=call.call), self.assertRaisesRegex(pickle.UnpicklingError, "which no file of tensors needs"):
                    read(io.BytesIO(contents))
        self.assertFalse(self.mark.exists())

    def test_the_first_of_these_would_have_done_it(self):
        pickle.loads(pickle.dumps(Calls(os.mkdir, str(self.mark)), 2))
        self.assertTrue(self.mark.exists())

    def test_every_name_that_is_known_stands_for_something_of_its_own(self):
        for known in stored_tensors._Unpickler.KNOWN.values():
            self.assertTrue(known in ("f", "q") or known.__module__ == "stored_tensors")


if __name__ == "__main__":
    unittest.main()

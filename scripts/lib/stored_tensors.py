"""Reads the tensors of a file that PyTorch wrote before its version 1.6, without PyTorch.

Such a file is five pickles (a magic number, a version, sizes of numbers, the tensors by their names, the order of the storages), then
each storage: how many numbers it has, and these. A pickle may call whatever function it names, so nobody's may be read by pickle's own
means: here a few names are known, behind which lies code of this file alone, and every other one is refused.
"""
import array
import pickle
import struct
import sys

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001


class Storage:
    """Numbers in a row; tensors are views of it."""

    def __init__(self, code, count):
        self.values, self.code, self.count = None, code, count


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        whole = [storage.count, offset, *shape, *strides]
        if not all(isinstance(number, int) and number >= 0 for number in whole) or len(shape) != len(strides):
            raise pickle.UnpicklingError("a tensor has a shape that is none")
        if all(shape) and offset + sum((n - 1) * step for n, step in zip(shape, strides)) >= storage.count:
            raise pickle.UnpicklingError("a tensor lies beyond its storage")
        self.storage, self.offset, self.shape, self.strides = storage, offset, tuple(shape), strides

    def values(self):
        """Its numbers in the order of its dimensions, the last one fastest."""
        steps = [(n, step) for n, step in zip(self.shape, self.strides) if n != 1] or [(1, 1)]
        return self._gathered(self.offset, steps)

    def _gathered(self, start, steps):
        (count, step), *inner = steps
        if count == 0:
            return array.array(self.storage.code)
        if not inner:
            end = start + (count - 1) * step + 1
            return self.storage.values[start:end:step] if step else self.storage.values[start:end] * count
        result = array.array(self.storage.code)
        for index in range(count):
            result.extend(self._gathered(start + index * step, inner))
        return result


class _Named(dict):
    """What stands for an ordered dictionary: it takes attributes, which nobody reads."""


def _tensor(storage, offset, shape, strides, *_):
    if not isinstance(storage, Storage):
        raise pickle.UnpicklingError("a tensor has no storage")
    return Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    KNOWN = {
        ("collections", "OrderedDict"): _Named,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        # Types of storages, as codes of arrays.
        ("torch", "FloatStorage"): "f",
        ("torch", "LongStorage"): "q",
    }

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        try:
            return self.KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it wants {module}.{name}, which no file of tensors needs") from None

    def persistent_load(self, identity):
        kind, code, key, _, count, view = identity
        if kind != "storage" or code not in ("f", "q") or not isinstance(count, int) or view is not None:
            raise pickle.UnpicklingError("it has storages of a kind that is not known")
        return self.storages.setdefault(key, Storage(code, count))


def read(file):
    """The tensors by name.

    Whatever is wrong with the file is an UnpicklingError.
    """
    try:
        return _read(file)
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a pickle that is none raises nearly anything
        raise pickle.UnpicklingError(f"it is no file of tensors: {error!r}") from error


def _read(file):
    if _Unpickler(file).load() != MAGIC or _Unpickler(file).load() != VERSION:
        raise pickle.UnpicklingError("it is no file of tensors of this format")
    if not _Unpickler(file).load()["little_endian"]:
        raise pickle.UnpicklingError("its numbers have their bytes in another order")
    unpickler = _Unpickler(file)
    tensors = unpickler.load()
    for key in _Unpickler(file).load():
        storage = unpickler.storages[key]
        (count,) = struct.unpack("<q", file.read(8))
        size = storage.count * array.array(storage.code).itemsize
        content = file.read(size) if count == storage.count else b""
        if len(content) != size:
            raise pickle.UnpicklingError("a storage has another length than its tensors say")
        storage.values = array.array(storage.code, content)
        if sys.byteorder == "big":
            storage.values.byteswap()
    if not all(isinstance(t, Tensor) and t.storage.values is not None for t in tensors.values()):
        raise pickle.UnpicklingError("it has other things than tensors, or not all of their numbers")
    return dict(tensors)

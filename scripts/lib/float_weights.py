"""Writes an ONNX model whose weights come in blocks of 8-bit integers as the same model with 32-bit floats.

usage: float_weights.py MODEL.onnx FLOATS.onnx

Each DequantizeLinear over constants becomes the constant that it makes: (integer - zero point) * scale of its block. What the graph lists as its
inputs and is a constant, or read by nothing any more, is listed no longer. Nothing else changes. A model in ONNX is a Protocol Buffers message, of which this reads as much as it needs, with Python's own library alone.
"""
import math
import pathlib
import struct
import sys

FLOAT, INT8 = 1, 3  # TensorProto.DataType
# Numbers of the fields that are looked at.
GRAPH = 7
NODE, INITIALIZER, GRAPH_INPUT = 1, 5, 11
VALUE_NAME = 1
INPUT, OUTPUT, OPERATION, ATTRIBUTE = 1, 2, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INTEGER = 1, 3
DIMENSIONS, TYPE, NAME, RAW = 1, 2, 8, 9


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The fields of a message in their order: number, value, and all the bytes that it is written in."""
    at = 0
    while at < len(data):
        start = at
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            length = {1: 8, 5: 4}[kind]
            value, at = data[at : at + length], at + length
        yield number, value, data[start:at]


def written(value):
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)


def field(number, value):
    """A field that holds a number or bytes."""
    if isinstance(value, int):
        return written(number << 3) + written(value)
    return written(number << 3 | 2) + written(len(value)) + value


def all_of(message, number):
    return [value for found, value, _ in fields(message) if found == number]


class Tensor:
    def __init__(self, message):
        self.shape = []
        for value in all_of(message, DIMENSIONS):
            if isinstance(value, int):
                self.shape.append(value)
            else:  # packed
                at = 0
                while at < len(value):
                    dimension, at = varint(value, at)
                    self.shape.append(dimension)
        self.type = all_of(message, TYPE)[0]
        self.name = all_of(message, NAME)[0]
        raw = b"".join(all_of(message, RAW))
        code = {FLOAT: "f", INT8: "b"}.get(self.type)
        self.values = struct.unpack(f"<{len(raw) // struct.calcsize(code)}{code}", raw) if code else None


def integer_attribute(node, name, default):
    for attribute in all_of(node, ATTRIBUTE):
        if all_of(attribute, ATTRIBUTE_NAME)[0].decode() == name:
            value = all_of(attribute, ATTRIBUTE_INTEGER)[0]
            return value - (1 << 64) if value >> 63 else value
    return default


def floats(node, tensors):
    """The constant that a DequantizeLinear makes, as a TensorProto, and the names of those that it is made of."""
    names = all_of(node, INPUT)
    weights, scales, zeros = (tensors[name] for name in names)
    if not all(tensor.values for tensor in (weights, scales, zeros)) or scales.shape != zeros.shape:
        raise SystemExit(f"{names[0].decode()}: weights are none that this can read")
    axis = integer_attribute(node, "axis", 1) % len(weights.shape)
    block = integer_attribute(node, "block_size", 0)
    inner = math.prod(weights.shape[axis + 1 :])
    length, blocks = weights.shape[axis], scales.shape[axis]
    if block == 0 or blocks != -(-length // block):
        raise SystemExit(f"{names[0].decode()}: its blocks are none that this can read")
    values = []
    for index, weight in enumerate(weights.values):
        outer, rest = divmod(index, length * inner)
        at = (outer * blocks + rest // inner // block) * inner + rest % inner
        # A double holds the product exactly, so it is rounded once, as a product of floats is.
        values.append((weight - zeros.values[at]) * scales.values[at])
    message = b"".join(field(DIMENSIONS, dimension) for dimension in weights.shape)
    message += field(TYPE, FLOAT) + field(NAME, all_of(node, OUTPUT)[0])
    return message + field(RAW, struct.pack(f"<{len(values)}f", *values)), names


def with_floats(graph):
    tensors = {tensor.name: tensor for tensor in map(Tensor, all_of(graph, INITIALIZER))}
    made, used = [], set()
    rest = []
    for number, value, whole in fields(graph):
        if number == NODE and all_of(value, OPERATION)[0] == b"DequantizeLinear":
            constant, names = floats(value, tensors)
            made.append(field(INITIALIZER, constant))
            used.update(names)
        else:
            rest.append((number, value, whole))
    read = {name for number, value, _ in rest if number == NODE for name in all_of(value, INPUT)}

    def stays(number, value):
        if number == INITIALIZER:
            return all_of(value, NAME)[0] not in used
        if number == GRAPH_INPUT:
            name = all_of(value, VALUE_NAME)[0]
            return name in read and name not in tensors
        return True

    return b"".join([whole for number, value, whole in rest if stays(number, value)] + made)


def convert(model):
    return b"".join(
        field(GRAPH, with_floats(value)) if number == GRAPH else whole for number, value, whole in fields(model)
    )


if __name__ == "__main__":
    pathlib.Path(sys.argv[2]).write_bytes(convert(pathlib.Path(sys.argv[1]).read_bytes()))

"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import struct
import unittest

import float_weights
from float_weights import DIMENSIONS, FLOAT, INT8, NAME, RAW, TYPE, Tensor, all_of, convert, field, fields


def tensor(name, kind, shape, values):
    code = {FLOAT: "f", INT8: "b"}[kind]
    message = b"".join(field(DIMENSIONS, dimension) for dimension in shape) + field(TYPE, kind)
    return message + field(NAME, name) + field(RAW, struct.pack(f"<{len(values)}{code}", *values))


def attribute(name, value):
    return field(5, field(1, name) + field(3, value) + field(20, 2))


def model(block=2, axis=1):
    """Weights of 2 x 4 in blocks of two along their second axis, and a node that uses them."""
    dequantize = b"".join(field(1, name) for name in (b"w", b"s", b"z")) + field(2, b"floats") + field(3, b"node")
    dequantize += field(4, b"DequantizeLinear") + attribute(b"axis", axis) + attribute(b"block_size", block)
    conv = field(1, b"input") + field(1, b"floats") + field(2, b"output") + field(4, b"Conv")
    graph = field(1, dequantize) + field(1, conv) + field(2, b"graph")
    graph += b"".join(field(11, field(1, name)) for name in (b"input", b"w", b"bias"))
    graph += field(5, tensor(b"w", INT8, [2, 4], [1, 2, 3, 4, -5, -6, -7, -8]))
    graph += field(5, tensor(b"s", FLOAT, [2, 2], [0.5, 0.25, 2, 1]))
    graph += field(5, tensor(b"z", INT8, [2, 2], [0, 1, 0, -8]))
    graph += field(5, tensor(b"bias", FLOAT, [1], [7]))
    return field(1, 10) + field(7, graph) + field(8, field(2, 21))


class FloatWeights(unittest.TestCase):
    def graph(self, message):
        return all_of(message, 7)[0]

    def test_each_weight_is_its_distance_from_the_blocks_zero_times_its_scale(self):
        tensors = {t.name: t for t in map(Tensor, all_of(self.graph(convert(model())), 5))}
        self.assertEqual(set(tensors), {b"floats", b"bias"})
        self.assertEqual(tensors[b"floats"].shape, [2, 4])
        self.assertEqual(tensors[b"floats"].values, (0.5, 1.0, 0.5, 0.75, -10.0, -12.0, 1.0, 0.0))

    def test_nothing_else_changes(self):
        before, after = model(), convert(model())
        self.assertEqual([whole for number, _, whole in fields(before) if number != 7],
                         [whole for number, _, whole in fields(after) if number != 7])
        nodes = all_of(self.graph(after), 1)
        self.assertEqual(nodes, all_of(self.graph(before), 1)[1:])
        self.assertEqual(all_of(self.graph(after), 2), [b"graph"])

    def test_what_is_no_input_is_listed_as_one_no_longer(self):
        self.assertEqual(all_of(self.graph(convert(model())), 11), [field(1, b"input")])

    def test_a_model_that_has_floats_stays_as_it_is(self):
        self.assertEqual(convert(convert(model())), convert(model()))

    def test_blocks_along_the_first_axis(self):
        graph = self.graph(model())
        node = next(value for value in all_of(graph, 1))
        tensors = {t.name: t for t in map(Tensor, all_of(graph, 5))}
        tensors[b"s"].shape = tensors[b"z"].shape = [1, 4]
        node = node.replace(attribute(b"axis", 1), attribute(b"axis", 0))
        message, names = float_weights.floats(node, tensors)
        self.assertEqual(names, [b"w", b"s", b"z"])
        self.assertEqual(Tensor(message).values, (0.5, 0.25, 6.0, 12.0, -2.5, -1.75, -14.0, 0.0))

    def test_blocks_that_do_not_fit_are_refused(self):
        for block in (0, 1, 4):
            with self.subTest(block=block), self.assertRaises(SystemExit):
                convert(model(block=block))


if __name__ == "__main__":
    unittest.main()

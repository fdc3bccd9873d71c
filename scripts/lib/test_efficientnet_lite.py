"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import array
import math
import unittest

import efficientnet_lite
import float_weights
from efficientnet_lite import EPSILON, Graph, blocks, model, scaled_channels
from float_weights import GRAPH, INITIALIZER, INPUT, NAME, NODE, OPERATION, all_of
from stored_tensors import Storage, Tensor


def tensor(shape, values):
    storage = Storage("f", len(values))
    storage.values = array.array("f", values)
    strides = [math.prod(shape[at + 1 :]) for at in range(len(shape))]
    return Tensor(storage, 0, shape, strides)


def normalisation(name, outputs):
    return {
        f"{name}.weight": tensor([outputs], [2] * outputs),
        f"{name}.bias": tensor([outputs], [3] * outputs),
        f"{name}.running_mean": tensor([outputs], [5] * outputs),
        f"{name}.running_var": tensor([outputs], [1 - EPSILON] * outputs),
    }


def constants(graph):
    tensors = [float_weights.Tensor(all_of(constant, INITIALIZER)[0]) for constant in graph.constants]
    return {tensor.name.decode(): tensor for tensor in tensors}


def whole(variant):
    """All weights of a network, each 0 or, of variances, 1; nothing of any size is in them."""
    zero, one = Storage("f", 10**9), Storage("f", 10**9)
    zero.values, one.values = array.array("f", [0]), array.array("f", [1])

    def constant(shape, storage=zero):
        return Tensor(storage, 0, shape, [0] * len(shape))

    names = {}

    def convolution(name, norm, shape):
        names[f"{name}.weight"] = constant(shape)
        for part in ("weight", "bias", "running_mean"):
            names[f"{norm}.{part}"] = constant(shape[:1])
        names[f"{norm}.running_var"] = constant(shape[:1], one)
        names[f"{norm}.num_batches_tracked"] = constant([])

    convolution("_conv_stem", "_bn0", [32, 3, 3, 3])
    for number, (kernel, _, expansion, before, after) in enumerate(blocks(variant)):
        name, inner = f"_blocks.{number}", before * expansion
        if expansion != 1:
            convolution(f"{name}._expand_conv", f"{name}._bn0", [inner, before, 1, 1])
        convolution(f"{name}._depthwise_conv", f"{name}._bn1", [inner, 1, kernel, kernel])
        convolution(f"{name}._project_conv", f"{name}._bn2", [after, inner, 1, 1])
    convolution("_conv_head", "_bn1", [1280, 320, 1, 1])
    names["_fc.weight"], names["_fc.bias"] = constant([1000, 1280]), constant([1000])
    return names


class Structure(unittest.TestCase):
    def test_the_smallest_network_has_the_paper_s_blocks(self):
        found = list(blocks("lite0"))
        self.assertEqual([row[4] for row in found], [16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320])
        self.assertEqual([row[1] for row in found], [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1])
        self.assertEqual(found[3], (5, 2, 6, 24, 40))

    def test_deeper_ones_repeat_all_stages_but_the_first_and_the_last(self):
        channels = [row[4] for row in blocks("lite1")]
        self.assertEqual([channels.count(width) for width in (16, 24, 40, 80, 112, 192, 320)], [1, 3, 3, 4, 4, 5, 1])

    def test_wider_channels_are_multiples_of_eight(self):
        self.assertEqual([scaled_channels(width, 1.1) for width in (16, 24, 40, 80, 112, 192)], [16, 24, 48, 88, 120, 208])


class Weights(unittest.TestCase):
    def test_normalisation_is_in_the_weights_of_the_convolution_before(self):
        graph = Graph({"c.weight": tensor([2, 1, 1, 1], [10, -4]), **normalisation("n", 2)})
        result = graph.convolution("picture", "c", "n", [2, 1, 1, 1])
        made = constants(graph)
        self.assertEqual(result, "c.relu6")
        for value, wanted in zip(made["c.weights"].values + made["c.bias"].values, (20, -8, 3 - 10, 3 - 10)):
            self.assertAlmostEqual(value, wanted, places=5)
        operations = [all_of(all_of(node, NODE)[0], OPERATION)[0] for node in graph.nodes]
        self.assertEqual(operations, [b"Conv", b"Clip"])

    def test_weights_that_are_missing_or_of_another_shape_are_refused(self):
        for tensors in ({}, {"c.weight": tensor([1, 1, 1, 1], [1])}):
            with self.subTest(tensors=tensors), self.assertRaisesRegex(SystemExit, "'c.weight' are missing or not of the shape"):
                Graph(tensors).convolution("picture", "c", "n", [2, 1, 1, 1])


class Whole(unittest.TestCase):
    def test_a_network_is_written_from_picture_to_probabilities_with_its_temperature(self):
        tensors = whole("lite0")
        one = Storage("f", 1000)
        one.values = array.array("f", range(1000))
        tensors["_fc.bias"] = Tensor(one, 0, [1000], [1])
        graph = all_of(model(tensors, "lite0", 0.5), GRAPH)[0]
        operations = [all_of(node, OPERATION)[0].decode() for node in all_of(graph, NODE)]
        self.assertEqual(operations[-4:], ["GlobalAveragePool", "Flatten", "Gemm", "Softmax"])
        # Stem, head and three convolutions a block, of which the first block has one less; a sum in each block that keeps its shape.
        self.assertEqual((operations.count("Conv"), operations.count("Clip"), operations.count("Add")), (49, 33, 9))
        made = {all_of(message, NAME)[0]: message for message in all_of(graph, INITIALIZER)}
        self.assertEqual(float_weights.Tensor(made[b"_fc.bias"]).values[3], 6)
        used = {name for node in all_of(graph, NODE) for name in all_of(node, INPUT)}
        self.assertEqual(set(made) - used, set())

    def test_weights_that_no_part_uses_are_refused(self):
        with self.assertRaisesRegex(SystemExit, "'_blocks.1._se_reduce.weight' are of another network"):
            model({**whole("lite0"), "_blocks.1._se_reduce.weight": tensor([1], [1])}, "lite0")
        with self.assertRaisesRegex(SystemExit, "missing or not of the shape"):
            model(whole("lite0"), "lite2")


if __name__ == "__main__":
    unittest.main()

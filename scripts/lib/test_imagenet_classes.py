"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import json
import pathlib
import unittest

import imagenet_classes
from imagenet_classes import TOP, synset, text, things

CLASSES = pathlib.Path(__file__).resolve().parents[2] / "analytics/models/imagenet.json"


def nouns(*entries):
    """A file of nouns: each entry a word or words, and the numbers of the entries above it; and the ids."""
    contents, identities = b"", []
    for words, above in entries:
        place = len(contents)
        identities.append(f"n{place:08d}")
        pointers = "".join(f"{symbol} {identities[number][1:]} n 0000 " for symbol, number in above)
        named = "".join(f"{word} 0 " for word in words.split())
        line = f"{place:08d} 05 n {len(words.split()):02x} {named}{len(above):03d} {pointers}| a gloss with an @ 00000000 n 0000 in it  \n"
        contents += line.encode()
    return contents, identities


class Nouns(unittest.TestCase):
    def setUp(self):
        entries = ("beast animal", []), ("pet", [("@", 0)]), ("Domestic_cat house_cat", [("~", 0), ("@", 1), ("@i", 0), ("#p", 1)])
        self.contents, self.ids = nouns(*entries)

    def test_a_synset_has_its_first_word_and_what_it_is_a_kind_or_an_instance_of(self):
        self.assertEqual(synset(self.contents, self.ids[2]), ("Domestic cat", [self.ids[1], self.ids[0]]))
        self.assertEqual(synset(self.contents, self.ids[0]), ("beast", []))

    def test_an_id_of_another_version_is_refused(self):
        for identity in ("n00000003", "v" + self.ids[2][1:], "n99999999"):
            with self.subTest(identity=identity), self.assertRaisesRegex(SystemExit, "3.0 is wanted"):
                synset(self.contents, identity)

    def test_all_above_the_classes_is_there_but_the_top(self):
        self.assertEqual(things(self.contents, [self.ids[1]]), {self.ids[0]: ("beast", []), self.ids[1]: ("pet", [self.ids[0]])})
        before, imagenet_classes.TOP = TOP, {self.ids[0]}
        self.addCleanup(setattr, imagenet_classes, "TOP", before)
        self.assertEqual(things(self.contents, [self.ids[2]])[self.ids[2]], ("Domestic cat", [self.ids[1]]))

    def test_classes_come_first_in_their_order(self):
        rows = json.loads(text(self.contents, [self.ids[2]]))
        self.assertEqual(rows["count"], 1)
        self.assertEqual([row[1] for row in rows["things"]], ["Domestic cat", "beast", "pet"])


class Committed(unittest.TestCase):
    def test_the_classes_of_imagenet_are_whole(self):
        rows = json.loads(CLASSES.read_text())
        found = {identity: (name, above) for identity, name, *above in rows["things"]}
        classes = [row[1] for row in rows["things"][: rows["count"]]]
        self.assertEqual((len(classes), len(found)), (1000, len(rows["things"])))
        self.assertTrue(all(parent in found for _, above in found.values() for parent in above))
        self.assertFalse(TOP & found.keys())
        # Places in the order that everybody's classifiers have.
        places = {0: "tench", 285: "Egyptian cat", 483: "castle", 621: "lawn mower", 912: "worm fence", 975: "lakeside", 979: "valley", 999: "toilet tissue"}
        self.assertEqual({place: classes[place] for place in places}, places)
        self.assertEqual({name for name in classes if classes.count(name) > 1}, {"crane", "maillot"})


if __name__ == "__main__":
    unittest.main()

"""Writes the classes of ImageNet-1k, with what each is a kind of, from WordNet.

usage: imagenet_classes.py SYNSETS data.noun CLASSES.json

SYNSETS has a synset id of WordNet 3.0 a line (n02124075), in the order of the classes: imagenet_synsets.txt of the package timm 1.0.31
(Apache-2.0). data.noun is WordNet's file of nouns, of the Debian package wordnet-base 3.0: the digits of an id are the place of the synset's line in
it, so that of another version does not fit. A synset is called by its first word. What stands above all else says nothing about a picture
and is left out. analytics/models/imagenet.json was made so; run this again only to change it.
"""
import json
import pathlib
import sys

# entity, physical entity, abstraction, causal agent, matter, object, whole
TOP = {"n00001740", "n00001930", "n00002137", "n00007347", "n00020827", "n00002684", "n00003553"}


def synset(nouns, identity):
    """The name of a synset, and the ids of what it is a kind or an instance of.

    A line of the file: place, lexicographer's file, part of speech, number of words (hexadecimal), for each the word and a number, number of pointers,
    for each its symbol, place, part of speech and a number; then the gloss.
    """
    place = identity[1:]
    line = nouns[int(place) : nouns.find(b"\n", int(place))].split(b"|")[0].decode("ascii").split()
    if identity[0] != "n" or not line or line[0] != place or line[2] != "n":
        raise SystemExit(f"{identity} is no noun of this WordNet; version 3.0 is wanted")
    pointers = 4 + 2 * int(line[3], 16)
    above = [
        f"n{line[at + 1]}"
        for at in range(pointers + 1, pointers + 1 + 4 * int(line[pointers]), 4)
        if line[at] in ("@", "@i")
    ]
    return line[4].replace("_", " "), above


def things(nouns, classes):
    """Name and direct parents of each class and of all that is above one, by id."""
    found, left = {}, list(classes)
    while left:
        identity = left.pop()
        if identity not in found:
            name, above = synset(nouns, identity)
            found[identity] = (name, [parent for parent in above if parent not in TOP])
            left += found[identity][1]
    return found


def text(nouns, classes):
    """A line for each thing: the classes in their order, then what is above them."""
    found = things(nouns, classes)
    order = list(classes) + sorted(found.keys() - set(classes))
    lines = [f"    {json.dumps([identity, found[identity][0], *found[identity][1]])}" for identity in order]
    head = {
        "description": f"The {len(classes)} classes of ImageNet-1k in their order, then what they are kinds of: synset, name, direct parents.",
        "source": "WordNet 3.0, Copyright 2006 by Princeton University; its licence is in wordnet.licence",
        "count": len(classes),
    }
    rows = "".join(f"  {json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    return "{\n" + rows + '  "things": [\n' + ",\n".join(lines) + "\n  ]\n}\n"


if __name__ == "__main__":
    synsets, nouns, result = map(pathlib.Path, sys.argv[1:])
    result.write_text(text(nouns.read_bytes(), synsets.read_text().split()))

"""What fuzzing starts from: the samples, by what they are, and every key that signed one.

Reads ``samples/`` as a stranger would, by its index. Knows no reader and no fuzzer.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from fuzz_trees import Forge, leaves
from ledgerpost import cbor
from ledgerpost.sealed import Signer
from ledgerpost.terms import Fingerprint, PublicKey
from town import seed_of

PEOPLE: Final = ("alice", "bob", "carol", "dora", "treasurer", "bank")
"""Whose quarrels are among the samples: the tests' own people, who are not those of the other samples."""

SAMPLES: Final = Path(__file__).resolve().parent.parent / "samples"


@cache
def index() -> dict[str, Any]:
    """The index of the samples."""
    read: dict[str, Any] = json.loads((SAMPLES / "index.json").read_bytes())
    return read


def sample(file: str) -> bytes:
    """One file's bytes."""
    return (SAMPLES / file).read_bytes()


def of_form(*forms: str) -> list[bytes]:
    """Good samples of these forms."""
    entries = (each for each in index()["samples"] if each["form"] in forms and "error" not in each["expect"])
    return [sample(each["file"]) for each in entries]


def under(folder: str) -> list[bytes]:
    """Good samples in one folder."""
    return [sample(each["file"]) for each in index()["samples"] if each["file"].startswith(f"{folder}/")]


def bad() -> list[bytes]:
    """Every spoilt sample."""
    return under("bad")


@cache
def cast() -> dict[str, Signer]:
    """The signers of the samples by name."""
    return {path.stem: _key(path) for path in sorted((SAMPLES / "keys").iterdir())}


def _key(path: Path) -> Signer:
    return Signer.from_seed(bytes.fromhex(json.loads(path.read_bytes())["seed"]))


@cache
def signers() -> dict[Fingerprint, Signer]:
    """Everybody whose key is at hand: the cast, and the people of the quarrels."""
    people = (*cast().values(), *(Signer.from_seed(seed_of(name)) for name in PEOPLE))
    return {each.fingerprint: each for each in people}


BANK: Final = cast()["bank"]


def key_of(who: Fingerprint) -> PublicKey:
    """The key of anybody. Raises KeyError."""
    return signers()[who].key


@cache
def forge() -> Forge:
    """A forge that signs as anybody and knows every value that stands in a sample."""
    plain = Forge(signers())
    documents = of_form("message", "statement", "instrument", "proof")
    words = dict.fromkeys(word for raw in documents for word in leaves(plain.unfold(raw)) if not _long(word))
    return Forge(signers(), [*words])


def _long(word: object) -> bool:
    return isinstance(word, bytes | str) and len(word) > 256


# --- documents that belong together


def bundle(raws: list[bytes]) -> bytes:
    """Several documents as one input."""
    return cbor.encode(tuple(raws))


def unbundle(raw: bytes) -> list[bytes]:
    """The documents of an input. Raises BadBytes, ValueError."""
    value = cbor.decode(raw)
    if type(value) is not tuple or not all(type(each) is bytes for each in value):
        raise ValueError("no bundle")
    return list(value)


def receipts() -> Iterator[list[bytes]]:
    """Each receipt with what stands beside it, the terms last."""
    terms = under("terms")
    for entry in index()["samples"]:
        if entry["file"].startswith("receipts/"):
            yield [sample(entry["file"]), *map(sample, entry["beside"]), *terms]


def quarrels() -> Iterator[list[bytes]]:
    """The documents of each quarrel, and of the story told of a few letters."""
    for folder in sorted((SAMPLES / "quarrels").iterdir()):
        yield [path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".json"]


def steps() -> list[dict[str, Any]]:
    """Letters and answers in the order they happened."""
    told: list[dict[str, Any]] = index()["steps"]
    return told

"""Signed documents taken apart into trees, spoilt in one place or more, and put together again with good signatures.

Without this a fuzzer never gets past the first signature: it would try bytes that no key vouches for, and all that is
read behind the signature would rest untried. Here whoever signs is the attacker: every key of the cast and of the
quarrels is at hand, and what a change makes wrong elsewhere is put right, signatures, endorsements and digests alike.
Knows no reader and no fuzzer: chance is handed in, so the same chance gives the same bytes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any, Final

import cbor2

from ledgerpost import cbor
from ledgerpost.errors import BadBytes
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.instrument import ENDORSEMENT, ENDORSEMENT_SIZE
from ledgerpost.sealed import COSE_SIGN1, VERSION, Signer, fingerprint, signable
from ledgerpost.statement import KIND, digest_of
from ledgerpost.terms import MAX_INT, Fingerprint

Tree = Any
"""What cbor2 decodes, lists and maps to be changed in place, with ``Signed`` and ``Inside`` among the leaves."""

MAX_DEPTH: Final = 12
NUMBERS: Final = (0, 1, -1, 2, 23, 24, 255, 256, 65535, 65536, 2**31, 2**32, 2**53, MAX_INT - 1, MAX_INT, 2**63, 2**64)
ODDITIES: Final[tuple[Tree, ...]] = (
    None,
    True,
    False,
    1.5,
    "",
    b"",
    [],
    {},
    cbor2.undefined,
    "lp1.letter",
    b"\xd2\x84",
    "\u202e",
)


@dataclass(slots=True)
class Signed:
    """A message: its protected header, and its body."""

    header: Tree
    body: Tree


@dataclass(slots=True)
class Inside:
    """A byte string that holds a document of its own."""

    tree: Tree


class Forge:
    """Takes documents apart and puts them together again. ``signers``: by fingerprint, whose names it can sign."""

    def __init__(self, signers: Mapping[Fingerprint, Signer], words: Sequence[Tree] = ()) -> None:
        self.signers = signers
        self.words = [*NUMBERS, *ODDITIES, *words]  # what may stand in a field's place

    # --- bytes to trees

    def unfold(self, raw: bytes, depth: int = MAX_DEPTH) -> Tree:
        """The tree of a document. Raises ValueError for bytes that are none."""
        if depth < 0:
            raise ValueError("too deep")
        if raw[:2] == COSE_SIGN1 + b"\x84":
            protected, _, payload, _ = _loads(raw[1:])
            return Signed(_loads(protected), self._grown(_loads(payload), depth))
        return self._grown(_loads(raw), depth)

    def _grown(self, value: Tree, depth: int) -> Tree:
        if type(value) is list:
            return [self._grown(each, depth) for each in value]
        if type(value) is bytes and _may_hold(value):
            try:
                return Inside(self.unfold(value, depth - 1))
            except ValueError:
                return value
        return value

    # --- trees to bytes

    def fold(self, tree: Tree) -> bytes:
        """A document again, deterministic and signed by whoever its header names, if that key is at hand."""
        if isinstance(tree, Signed):
            return self._sign(_dumps(tree.header), _dumps(self._flat(tree.body)), tree.header)
        return _dumps(self._flat(tree))

    def _flat(self, tree: Tree) -> Tree:
        if isinstance(tree, Inside):
            return self.fold(tree.tree)
        if isinstance(tree, Signed):
            return self.fold(tree)
        if type(tree) is list:
            return self._endorsed([self._flat(each) for each in tree])
        return tree

    def _sign(self, protected: bytes, payload: bytes, header: Tree) -> bytes:
        kid = header.get(4) if type(header) is dict else None
        signer = self.signers.get(Fingerprint(kid)) if type(kid) is bytes else None
        signed = _dumps(["Signature1", protected, b"", payload])
        signature = signer.sign_bytes(signed) if signer else bytes(64)
        return COSE_SIGN1 + _dumps([protected, {}, payload, signature])

    def _endorsed(self, row: list[Tree]) -> list[Tree]:
        """An instrument, or the order that presents one, with its endorsements signed anew (B2)."""
        at = _chain_in(row)
        if at is None:
            return row
        body, first, endorsements = at
        try:
            claim = self.unfold(row[body])
            holder = row[first] if row[first] is not None else claim.body[5]
            before = identity_of_part(row[body])
            renewed = list(self._chain(claim.body[0], before, holder, row[endorsements]))
        except (LookupError, TypeError, ValueError, AttributeError, BadBytes):  # no cheque: nothing endorses it
            return row
        return [*row[:endorsements], renewed, *row[endorsements + 1 :]]

    def _chain(self, bank: bytes, before: bytes, holder: bytes, endorsements: list[bytes]) -> Iterator[bytes]:
        for raw in endorsements:
            signer = self.signers.get(fingerprint(holder)) if len(holder) == 32 else None
            if signer is None or type(raw) is not bytes or len(raw) != ENDORSEMENT_SIZE:
                yield raw
                continue
            signed = signable(signer.fingerprint, ENDORSEMENT, cbor.encode((bank, before, raw[:32])))
            yield raw[:32] + signer.sign_bytes(signed)
            before, holder = sha256(signed).digest(), raw[:32]

    # --- changes

    def spoil(self, raw: bytes, chance: Random) -> bytes:
        """The document with one to four changes somewhere in it; bytes that are none are given back."""
        try:
            tree = [self.unfold(raw)]
        except ValueError:
            return raw
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            self._change(tree, chance)
        try:
            return self.fold(tree[0]) if len(tree) == 1 else raw
        except (cbor2.CBOREncodeError, TypeError, RecursionError, OverflowError):  # a map as a key, say
            return raw

    def _change(self, tree: list[Tree], chance: Random) -> None:
        places = [*_places(tree[0])]
        if not places:
            return
        held, at = chance.choice(places)
        other = chance.choice(places)
        value = held[at]
        changes: list[Callable[[], Tree]] = [
            lambda: _nudged(value, chance),
            lambda: _nudged(value, chance),
            lambda: chance.choice(self.words),
            lambda: _alike(value, self.words, chance),
            lambda: other[0][other[1]],
        ]
        if type(held) is list and chance.random() < 0.25:
            _restack(held, at, chance)
        else:
            held[at] = _copied(chance.choice(changes)())  # what held itself would have no bytes

    def spoil_bundle(self, raws: Sequence[bytes], chance: Random) -> list[bytes]:
        """Documents that name each other, one of them changed, left out or doubled, and the names put right."""
        raws = list(raws)
        if not raws:
            return raws
        at = chance.randrange(len(raws))
        if chance.random() < 0.1:
            return [*raws[:at], *raws[at + 1 :]] if chance.random() < 0.5 else [*raws, raws[at]]
        new = self.spoil(raws[at], chance)
        return [*raws[:at], new, *raws[at + 1 :]] if chance.random() < 0.2 else self._renamed(raws, at, new)

    def _renamed(self, raws: list[bytes], at: int, new: bytes) -> list[bytes]:
        """With ``new`` in place ``at``, and whatever named the old one naming it instead, and so on."""
        waiting = [(at, new)]
        for _ in range(24):  # names cannot run in a circle; a change of many that name many is cut off all the same
            if not waiting:
                break
            at, new = waiting.pop(0)
            names = [pair for pair in zip(_names(raws[at]), _names(new), strict=False) if pair[0] != pair[1]]
            raws[at] = new
            for place, raw in enumerate(raws):
                if place != at and any(old in raw for old, _ in names):
                    waiting.append((place, self._with_names(raw, names)))
        return raws

    def _with_names(self, raw: bytes, names: Sequence[tuple[bytes, bytes]]) -> bytes:
        for old, new in names:
            raw = raw.replace(old, new)
        try:
            return self.fold(self.unfold(raw))
        except ValueError:
            return raw


def _loads(raw: bytes) -> Tree:
    try:
        return cbor2.loads(raw)
    except Exception as error:  # any decoding library's own: these bytes are no tree
        raise ValueError("no document") from error


def _dumps(value: Tree) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _may_hold(value: bytes) -> bool:
    statement = value[2 : 2 + len(KIND)] == KIND.encode()
    return value[:2] == COSE_SIGN1 + b"\x84" or value[:1] in (b"\x82", b"\x83", b"\x84", b"\x88") or statement


def _chain_in(row: list[Tree]) -> tuple[int, int, int] | None:
    """Where body, first holder's key and endorsements stand."""
    if len(row) == 4 and type(row[0]) is bytes and type(row[2]) is list:
        return 0, 1, 2
    if len(row) == 8 and row[0] == "depositcheque" and type(row[4]) is list:
        return 1, 3, 4
    return None


def _names(raw: bytes) -> list[bytes]:
    """What others call a document by, and the statement in a receipt."""
    try:
        names: list[bytes] = [identity_of_part(raw)]
        if (VERSION + "receipt").encode() in raw[:64]:
            body = _loads(_loads(raw[1:])[2])
            names.append(digest_of(body[3]))
    except Exception:  # not even a message: nobody names it
        return []
    return names


def _places(tree: Tree) -> Iterator[tuple[Any, Any]]:
    """Every place that holds something: a list or map or node, and where in it."""
    if isinstance(tree, Signed):
        if type(tree.header) is dict:
            yield from ((tree.header, key) for key in tree.header)
        yield from _places(tree.body)
    elif isinstance(tree, Inside):
        yield from _places(tree.tree)
    elif type(tree) is list:
        for at, each in enumerate(tree):
            yield tree, at
            yield from _places(each)


def _nudged(value: Tree, chance: Random) -> Tree:
    """Nearly the same."""
    if type(value) is int:
        return value + chance.choice((1, -1, 1 << chance.randrange(64), -(1 << chance.randrange(64))))
    if type(value) is bytes and value:
        at = chance.randrange(len(value))
        flipped = value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
        return chance.choice((flipped, value[:at], value + b"\0", value[at:]))
    if type(value) is str:
        return chance.choice((value[:-1], value + "x", value * 40, value.upper(), value[::-1], value + "\n"))
    if type(value) is list:
        return chance.choice((value[:-1], value + value, value[::-1], value * 20, []))
    return value


def _copied(value: Tree) -> Tree:
    if isinstance(value, Signed):
        return Signed(_copied(value.header), _copied(value.body))
    if isinstance(value, Inside):
        return Inside(_copied(value.tree))
    if type(value) is list:
        return [_copied(each) for each in value]
    return dict(value) if type(value) is dict else value


def _alike(value: Tree, words: Sequence[Tree], chance: Random) -> Tree:
    return chance.choice([each for each in words if type(each) is type(value)] or [value])


def _restack(held: list[Tree], at: int, chance: Random) -> None:
    """Leave one out, double it, or let two change places."""
    how = chance.randrange(3)
    if how == 0:
        del held[at]
    elif how == 1:
        held.insert(at, _copied(held[at]))
    else:
        other = chance.randrange(len(held))
        held[at], held[other] = held[other], held[at]


def leaves(tree: Tree) -> Iterator[Tree]:
    """Every plain value in a tree."""
    yield from (held[at] for held, at in _places(tree) if type(held[at]) in (int, bytes, str))

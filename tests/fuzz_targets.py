"""The table of what is fuzzed: for each reader its check, what to start from, and how to spoil it on purpose.

No fuzzer is needed to walk it: ``tests/test_fuzz.py`` does so with chance alone, ``scripts/fuzz`` with atheris.
"""

import zlib
from base64 import b32encode
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import blake2b, sha256
from io import BytesIO
from random import Random
from typing import Any, Final, NamedTuple

import cbor2

import fuzz_courts as courts
import fuzz_readers as readers
import fuzz_seeds as s
import fuzz_texts as texts
import fuzz_wallets as wallets
from fuzz_readers import Check
from ledgerpost import cbor, envelope, paperkey, spelling, vault
from ledgerpost.desk.backup import KEY
from ledgerpost.desk.delivery import mark
from ledgerpost.papers.backup import BANK, WALLET, Backup
from ledgerpost.papers.delivered import Delivered
from ledgerpost.pictures import bbqr, bytewords, frame, text, ur
from ledgerpost.pictures.fountain import fountain
from ledgerpost.pictures.text import Kind
from ledgerpost.terms import Digest

Spoil = Callable[[bytes, Random], bytes]
NOW: Final = 1_800_000_000


class Target(NamedTuple):
    """``most``: bytes of an input. ``share``: of a run over all targets, in thousandths; what is dear gets less."""

    check: Check
    seeds: Callable[[], list[bytes]]
    spoil: Spoil
    share: int
    most: int = 4096


# --- ways to spoil


def bytes_at_random(raw: bytes, chance: Random) -> bytes:
    """One to three bytes changed, put in or left out."""
    new = bytearray(raw)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(new) + 1)
        how = chance.randrange(4)
        if how == 0 or not new:
            new[at:at] = chance.randbytes(chance.choice((1, 1, 4)))
        elif how == 1:
            del new[at : at + chance.choice((1, 1, 8))]
        else:
            new[min(at, len(new) - 1)] = chance.choice((0, 255, 0x7F, 0x80, chance.randrange(256)))
    return bytes(new)


def document(raw: bytes, chance: Random) -> bytes:
    """A change in one document, signed."""
    return s.forge().spoil(raw, chance)


def item(raw: bytes, chance: Random) -> bytes:
    """A change in a decoded item, or in its bytes."""
    return document(raw, chance) if chance.random() < 0.5 else bytes_at_random(raw, chance)


def documents(raw: bytes, chance: Random, keep: int = 0) -> bytes:
    """A change in one of several, all that name it following; the first ``keep`` are no documents."""
    try:
        raws = s.unbundle(raw)
    except Exception:  # whatever is wrong with it: bytes can still be changed
        return bytes_at_random(raw, chance)
    return s.bundle([*raws[:keep], *s.forge().spoil_bundle(raws[keep:], chance)])


def parcel(raw: bytes, chance: Random) -> bytes:
    """A change outside or inside, sealed again if it was."""
    try:
        outside = cbor2.loads(raw[3:])
        sealed = outside[1] == "sealed"
        inner = envelope._unseal(outside[4], s.BANK.seed) if sealed else outside[4]
        if chance.random() < 0.3:
            return cbor.SELF_DESCRIBED + s.forge().spoil(cbor.encode(outside), chance)
        inner = s.forge().spoil(inner, chance)
        outside[4] = envelope._seal(inner, s.BANK.key, bytes(32)) if sealed else inner
        return cbor.SELF_DESCRIBED + cbor.encode(outside)
    except Exception:  # no envelope any more
        return bytes_at_random(raw, chance)


def key_file(raw: bytes, chance: Random) -> bytes:
    """A change in a field, with the check bytes right."""
    try:
        fields = cbor2.loads(raw[3:])[:-1]
        fields = cbor2.loads(s.forge().spoil(cbor.encode(fields), chance))
        check = blake2b(cbor2.dumps(fields), digest_size=8, person=vault._PERSON).digest()
        return cbor.SELF_DESCRIBED + cbor2.dumps([*fields, check])
    except Exception:  # no key file any more
        return bytes_at_random(raw, chance)


def backup(raw: bytes, chance: Random) -> bytes:
    """A change in a record or in the head, which is signed over what follows it as it is now."""
    try:
        tag, *items = _sequence(raw[3:])
        at = chance.randrange(len(items))
        items[at : at + 1] = chance.choice(
            ([cbor2.loads(s.forge().spoil(cbor2.dumps(items[at]), chance))], [], [items[at]] * 2, [items[at], items[0]])
        )
        rest = b"".join(cbor2.dumps(item) for item in items)
        owner, kind, time, *_ = cbor2.loads(tag.value[2])
        head = Backup(owner, kind, time, len(items), Digest(sha256(rest).digest()))
        signed = head.sign(s.signers()[owner])
        return cbor.SELF_DESCRIBED + (s.forge().spoil(signed, chance) if chance.random() < 0.3 else signed) + rest
    except Exception:  # no backup any more
        return bytes_at_random(raw, chance)


def _sequence(raw: bytes) -> Iterator[Any]:
    file = BytesIO(raw)
    while file.tell() < len(raw):
        yield cbor2.load(file)


def code(raw: bytes, chance: Random) -> bytes:
    """A change in the bytes that a text stands for, spelt right; or in the text."""
    words = raw.decode(errors="replace")
    try:
        if words.startswith("UR:"):
            head, _, letters = words.lower().rpartition("/")
            return f"{head}/{bytewords.spell(bytes_at_random(bytewords.read(letters), chance))}".upper().encode()
        if words.startswith("B$"):
            packed = zlib.compressobj(level=9, wbits=-10)
            body = packed.compress(chance.randbytes(2) * chance.choice((1, 1000, 100_000))) + packed.flush()
            return (words[:8] + b32encode(body).decode().rstrip("=")).encode()
        kind, inner = text.read(words)
        return text.spell(bytes_at_random(inner, chance) or b"\0", kind).encode()
    except Exception:  # no such text any more
        return bytes_at_random(raw, chance)


def lines(raw: bytes, chance: Random) -> bytes:
    """One line changed, doubled, moved or left out."""
    rows = raw.split(b"\n")
    at, other = chance.randrange(len(rows)), chance.randrange(len(rows))
    how = chance.randrange(4)
    if how == 0:
        rows[at] = code(rows[at], chance)
    elif how == 1:
        rows[at], rows[other] = rows[other], rows[at]
    elif how == 2:
        rows.insert(at, rows[other])
    else:
        del rows[at]
    return b"\n".join(rows)


# --- what to start from


def _forms(*forms: str) -> Callable[[], list[bytes]]:
    return lambda: s.of_form(*forms)


def _decodable() -> list[bytes]:
    whole = [raw[1:] if raw[:1] == b"\xd2" else raw for raw in s.of_form("message", "statement", "instrument")]
    return [*whole, *(cbor2.loads(raw)[2] for raw in whole if raw[:1] == b"\x84" and raw[1:2] not in b"\x58\x59")]


def _bad_and(*forms: str) -> Callable[[], list[bytes]]:
    return lambda: [*s.of_form(*forms), *s.bad()]


def _cards() -> list[bytes]:
    return [*s.under("cards"), *s.under("contracts"), *s.bad()]


def _parcels() -> list[bytes]:
    return [*s.of_form("envelope"), *s.bad()]


def _key_files() -> list[bytes]:
    salt, nonce = bytes(16), bytes(24)
    sealed = vault.seal_key(bytes(32), b"words", salt=salt, nonce=nonce, ops=vault.MIN_OPS, mem=vault.MIN_MEM)
    return [vault.seal_key(s.BANK.seed, None, salt=salt, nonce=nonce), sealed]


def _backups() -> list[bytes]:
    return [_backup(BANK, 3), _backup(WALLET, 1), _backup(BANK, 0)]


def _backup(kind: str, count: int) -> bytes:
    key = vault.seal_key(s.BANK.seed, None, salt=bytes(16), nonce=bytes(24))
    records = sorted((f"record/{n}".encode(), bytes([n]) * 30) for n in range(count))
    rest = b"".join(map(cbor.encode, [(KEY, key), *records]))
    head = Backup(s.BANK.fingerprint, kind, NOW, 1 + count, Digest(sha256(rest).digest()))
    return cbor.SELF_DESCRIBED + head.sign(s.BANK) + rest


def _words() -> list[bytes]:
    envelopes = tuple(Digest(bytes([n]) * 32) for n in range(3))
    word = Delivered(s.BANK.fingerprint, NOW, envelopes).sign(s.BANK)
    return [envelope.pack((word,), sender=s.BANK.key, recipient=None, until=NOW), mark(NOW)]


def _codes() -> list[bytes]:
    small = s.under("cards")[0]
    message = s.under("receipts")[-1]
    frames = [frame.pack(each) for each in fountain(message, 200).frames(6)]
    ours = [text.spell(small), *(text.spell(raw, Kind.PART) for raw in frames)]
    part = cbor2.dumps([1, 2, 20, zlib.crc32(bytes(20)), bytes(10)])
    other = [ur.spell(small), ur.spell(b"any bytes"), f"UR:BYTES/1-2/{bytewords.spell(part).upper()}"]
    many = bbqr.spell(message, 200)
    return [each.encode() for each in (*ours, *other, *many, *bbqr.spell(small, 4000))]


def _lines() -> list[bytes]:
    messages = [s.under("receipts")[-1], s.under("cards")[0]]
    cut = [fountain(each, 120) for each in messages]
    own = [[text.spell(frame.pack(each), Kind.PART) for each in f.frames(f.parts + 3)] for f in cut]
    mixed = [row for pair in zip(*own, strict=False) for row in pair]
    return ["\n".join(rows).encode() for rows in (*own, own[0][3:], mixed, bbqr.spell(messages[0], 150), _ur_parts())]


def _ur_parts() -> list[str]:
    body = cbor.encode(s.under("cards")[0])
    size = -(-len(body) // 3)
    rows = []
    for n in range(1, 4):
        piece = body[(n - 1) * size : n * size].ljust(size, b"\0")
        part = cbor2.dumps([n, 3, len(body), zlib.crc32(body), piece])
        rows.append(f"UR:BYTES/{n}-3/{bytewords.spell(part).upper()}")
    return rows


def _steps() -> list[bytes]:
    return [courts.counter_seed(n) for n in range(len(s.steps()))]


def _mail() -> list[bytes]:
    return [wallets.mail_seed(n) for n in range(len(s.steps()))]


def _typed() -> list[bytes]:
    seed = bytes(range(32))
    key = (" ".join(paperkey.to_words(seed)), " ".join(paperkey.to_numbers(seed)), paperkey.to_code(seed))
    who = (spelling.spell_fingerprint(s.BANK.fingerprint), spelling.group_fingerprint(s.BANK.fingerprint))
    return [each.encode() for each in (*key, *who, "12.50", "7", "2027-01-19T12:00Z", "30d")]


TARGETS: Final[dict[str, Target]] = {
    "codec": Target(readers.codec, _decodable, item, 230),
    "message": Target(readers.message, _bad_and("message"), document, 110),
    "letter": Target(readers.letter, lambda: s.under("letters"), document, 20),
    "statement": Target(readers.statement, _forms("statement"), document, 170),
    "instrument": Target(readers.instrument, _forms("instrument", "proof"), document, 35),
    "receipt": Target(readers.receipt, lambda: [s.bundle(raws) for raws in s.receipts()], documents, 8, 16384),
    "notice": Target(readers.notice, lambda: s.under("notices"), document, 40),
    "envelope": Target(readers.parcel, _parcels, parcel, 80),
    "card": Target(readers.card, _cards, document, 100),
    "key file": Target(readers.key_file, _key_files, key_file, 110, 1100),
    "backup": Target(readers.backup, _backups, backup, 25),
    "delivered": Target(readers.delivered, _words, parcel, 40, 2048),
    "code": Target(texts.code, _codes, code, 20, 8192),
    "codes": Target(texts.codes, _lines, lines, 5, 16384),
    "kept codes": Target(texts.kept, _lines, lines, 6, 16384),
    "typed": Target(texts.typed, _typed, bytes_at_random, 4, 512),
    "case": Target(courts.case, lambda: [s.bundle(raws) for raws in s.quarrels()], documents, 1, 32768),
    "counter": Target(courts.counter, _steps, partial(documents, keep=1), 2, 16384),
    "mail": Target(wallets.mail, _mail, partial(documents, keep=1), 2, 16384),
    "record": Target(wallets.record, wallets.record_seeds, wallets.behind(item), 40, 8192),
}
"""By name, in the order of docs/reliability.md."""

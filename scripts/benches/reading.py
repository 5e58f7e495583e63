"""Sizes of what travels, and the cost of reading one message beside that of cryptography.

Times are processor time of this thread: medians of short rounds whose order rotates. A ratio is the median of the
ratios within each round. The message is a letter of two large orders under one signer, whose header is in the cache:
few items, so the best case for decoding.
"""

from collections.abc import Callable, Iterator
from time import thread_time_ns

from nacl import bindings

from benches.rows import Row, middle
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import Signer, open_message, read
from ledgerpost.terms import Digest
from ledgerpost.wallet.drawer import Draft, draw
from market import lead, market

ROUNDS, CALLS = 401, 8
QR = 2331
"""Bytes of the largest QR code at level M."""


def sizes() -> Iterator[Row]:
    """Bytes of instruments, of the letter that presents one, and of the receipt that answers."""
    m = market("alice", "bob", "carol", funds=10**6)
    alice, bob, bank = m["alice"], m["bob"], m.bank
    until = bank.now + 30 * DAY
    for memo, name in (
        ("rent for October", "a cheque with its chequebook"),
        ("x" * 48, "the same, with the longest memo"),
    ):
        drawn = draw(alice.account, alice.signer, bank.now, Draft(bob.me, m.grain, 123_456, bank.now, until, memo))[1]
        yield Row(name, len(drawn.encode()), "bytes", 449)
    held = alice.buy(m.grain, 123_456)
    yield Row("a certificate", len(held.encode()), "bytes", 239)
    ten = lead(held, *(m[name] for name in ("alice", "bob") * 5), alice)
    yield Row("each endorsement on it", (len(ten.encode()) - len(held.encode())) / 10, "bytes", 100)
    drawn = alice.draw(bob, m.grain, 123_456)
    bob.take(drawn)
    bob.queue(drawn)
    sealed = bob.send()
    [letter] = bob.account.letters
    [reply] = bank.judge(sealed).replies
    yield Row("a letter that deposits one cheque", len(letter), "bytes", QR)
    yield Row("the same in its sealed envelope", len(sealed), "bytes", QR)
    yield Row("the receipt that answers it", len(reply.messages[0]), "bytes", QR)
    answer = sum(map(len, bank.seal(bob.signer.key, reply.messages)))
    yield Row("the same in its sealed envelope, with what the sender lacks", answer, "bytes", QR)


def times() -> Iterator[Row]:
    """Reading, verifying and signing a message of 600 bytes, beside what libsodium alone takes for it."""
    signer = Signer.from_seed(bytes(32))
    raw = _letter(signer, 600)
    claim = read(raw)
    joined = claim.signature + claim.to_be_signed
    body = claim.body
    took = _rounds(
        {
            "decode": lambda: read(raw),
            "check": lambda: bindings.crypto_sign_open(joined, signer.key),
            "open": lambda: open_message(raw, signer.key),
            "bare": lambda: bindings.crypto_sign(claim.to_be_signed, signer.secret),
            "sign": lambda: signer.sign("letter", body),
        }
    )
    yield middle("libsodium alone: checking the signature of a 600-byte message", took["check"], "us")
    yield middle("libsodium alone: signing it", took["bare"], "us")
    yield middle("strict decoding of a 600-byte message", took["decode"], "us")
    for what, one, other, most in (
        ("strict decoding of a 600-byte message vs its signature check", "decode", "check", 0.2),
        ("opening a message (decode, check) vs its signature check", "open", "check", None),
        ("signing a message (encode, sign) vs libsodium alone", "sign", "bare", None),
    ):
        yield middle(what, [a / b for a, b in zip(took[one], took[other], strict=True)], "ratio", most=most)


def _letter(signer: Signer, size: int) -> bytes:
    """A signed letter of just so many bytes; two orders fill it."""
    none = Digest(bytes(32))
    for length in range(size):
        orders = (bytes(length // 2), bytes(length - length // 2))
        now = 1_800_000_000
        raw = Letter(signer.fingerprint, 7, none, Seen(6, none), none, now, bytes(16), none, orders).sign(signer)
        if len(raw) == size:
            return raw
    raise AssertionError(f"no letter has {size} bytes")


def _rounds(calls: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Microseconds of one call each, round by round; every round starts with another of them."""
    took: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for _ in range(ROUNDS):
        names.append(names.pop(0))
        for name in names:
            call = calls[name]
            began = thread_time_ns()
            for _ in range(CALLS):
                call()
            took[name].append((thread_time_ns() - began) / CALLS / 1000)
    return took

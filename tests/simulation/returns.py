"""How rogues come to a bank that asks what they hold (L11): truly, as they were once, with lies, or others' papers.

Each takes its quarter and a rogue, as the cheats do. What they declare is kept with the files, for the judge.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ledgerpost.bank.brought import ORDERS
from ledgerpost.errors import LedgerpostError
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import identity_of, read
from ledgerpost.wallet.restored import asking, bring, declare, is_wanted
from rogues import claim, handed
from simulation.quarter import Quarter
from town import Party

Return = Callable[[Any, Party], None]


def _ask(h: Quarter, rogue: Party) -> None:
    """A letter that brings nothing: the bank says what it wants."""
    rogue.wish("getq")
    h._now(rogue)


def _with(h: Quarter, rogue: Party, *more: bytes) -> None:
    """An envelope with its letters and all this; the answer is taken in."""
    if not rogue.account.letters:
        rogue.wish("getq")
        rogue.write()
    h.files.add(rogue.name, h.at, *(raw for raw in more if not is_instrument(raw)))
    for to, raw in h.post(rogue.seal((*rogue.account.letters, *more))):
        if to == rogue.me:
            h._receive(rogue, raw)


def _comes(h: Quarter, rogue: Party) -> None:
    """As an honest party does."""
    _ask(h, rogue)
    rogue.account = declare(rogue.account, rogue.signer, h.bank.now)
    _with(h, rogue, *bring(rogue.account, rogue.contracts.values()))


def _comes_as_before(h: Quarter, rogue: Party) -> None:
    """It signs that it holds an older receipt, and keeps the newer one: what it paid since comes back to it."""
    _ask(h, rogue)
    if not is_wanted(rogue.account):
        return
    now, past = rogue.account, h.dice.choice(h.pasts[rogue.name])
    said = declare(replace(past, asked=now.asked, declared=None, letters=()), rogue.signer, h.bank.now)
    rogue.account = said
    _with(h, rogue, *bring(said, rogue.contracts.values()))
    if h.dice.random() < 0.3:
        rogue.account = replace(now, letters=())


def _keeps_back(h: Quarter, rogue: Party) -> None:
    """It brings its receipt, and not what it signed and was told."""
    _ask(h, rogue)
    rogue.account = declare(rogue.account, rogue.signer, h.bank.now)
    account = replace(rogue.account, said={}, kept={}, notices={}, items={})
    _with(h, rogue, *bring(account, ()))


def _declares_falsely(h: Quarter, rogue: Party) -> None:
    """Receipts that it has not, of others, of long ago, under any number; and notices at random. Unasked too."""
    _ask(h, rogue)
    ask, asked, dice = asking(rogue.account), rogue.account.asked, h.dice
    if ask is None or asked is None:
        return
    receipts = [raw for raw in h.files.kept if (said := claim(raw)) and said.type == Receipt.TYPE]
    raw = dice.choice(sorted(receipts))
    seq, shift = rogue.account.statement.seq, dice.choice([0, 0, 0, 1, -1])
    if shift:
        asked = replace(ask, last=max(ask.first, ask.last + shift)).sign(rogue.signer)
    paper = Declaration(
        h.bank.signer.fingerprint,
        asked,
        max(1, seq + dice.choice([-2, -1, 0, 1, 5])),
        identity_of(read(raw)),
        dice.choice([0, 3, 1 << 33]),
        tuple(sorted({identity_of(read(each)) for each in _notices(h)[:3]})),
        tuple(range(1, dice.choice([1, 4]))),
    )
    _with(h, rogue, paper.sign(rogue.signer), raw)


def _notices(h: Quarter) -> list[bytes]:
    return sorted(raw for raw in h.files.kept if (said := claim(raw)) and said.type == Notice.TYPE)


def _brings_others(h: Quarter, rogue: Party) -> None:
    """With its own declaration: others' notices and orders; instruments that it never handed in, as paid ones."""
    _ask(h, rogue)
    rogue.account = declare(rogue.account, rogue.signer, h.bank.now)
    mine = bring(rogue.account, rogue.contracts.values())
    if not mine:
        return
    dice = h.dice
    notices = dice.sample(_notices(h), min(3, len(_notices(h))))
    orders = [raw for raw in h.files.kept if (said := claim(raw)) and said.type in ORDERS and said.signer == rogue.me]
    paid = [each for each in (_as_paid(h, rogue) for _ in range(3)) if each is not None]
    others = [*notices, *dice.sample(sorted(orders), min(3, len(orders))), *paid, *_never_done(h, rogue)]
    _with(h, rogue, *dict.fromkeys((*mine, *others)))


def _as_paid(h: Quarter, rogue: Party) -> bytes | None:
    """Somebody's cheque or certificate, endorsed to the bank by the rogue, which never presented it."""
    found = h.instruments()
    instrument = h.dice.choice(found) if found else None
    if instrument is None or (instrument.endorsements and instrument.endorsements[-1][:32] == h.bank.signer.key):
        return None
    with suppress(LedgerpostError):
        return replace(handed(instrument, rogue, h.bank.signer.key), chequebook=None).encode()
    return None


def _never_done(h: Quarter, rogue: Party) -> list[bytes]:
    """Signed as if done: what waits for it accepted and denied; others' spends of other amounts."""
    made, bank = list[bytes](), h.bank.signer.fingerprint
    seq = max(1, rogue.account.statement.seq)
    for each in rogue.account.waiting:
        if each.kind == "receipt" and each.other is not None:
            row = (each.other, each.number, each.asset, each.amount + h.dice.choice([0, 0, 1]), each.notice)
            made.append(ConfirmReceipt(bank, seq, *row).sign(rogue.signer))
            made.append(DenyReceipt(bank, seq, *row, "never").sign(rogue.signer))
    return made


def _again(h: Quarter, rogue: Party) -> None:
    """What it sent long ago, letters and all: some of it was answered, some is void."""
    letters = sorted(raw for raw in h.files.of(rogue.name) if (said := claim(raw)) and said.type == "letter")
    for raw in h.dice.sample(letters, min(4, len(letters))):
        for to, answer in h.post(rogue.seal((raw,))):
            if to == rogue.me:
                h._receive(rogue, answer)


RETURNS: Final[tuple[Return, ...]] = (
    _comes,
    _comes_as_before,
    _comes_as_before,
    _keeps_back,
    _declares_falsely,
    _brings_others,
    _again,
)
"""What rogues do while a bank restores, beside all other cheats."""

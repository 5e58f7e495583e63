"""Cheats of the simulated town beside those of ``rogues``: over the post, with copies of wallets, and for liens.

Each takes its quarter and a rogue, as theirs do; an error of the wallet's means that there is nothing to cheat with.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ledgerpost import envelope
from ledgerpost.errors import LedgerpostError
from ledgerpost.papers.instrument import read_instrument
from ledgerpost.papers.questions import GetQ
from ledgerpost.sealed import Signer
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.terms import PublicKey
from rogues import ROGUERY, fabricated, handed, presentation_by
from simulation.people import Resident
from simulation.quarter import Quarter
from town import Party

Cheat = Callable[[Any, Party], None]


def _sealed(messages: tuple[bytes, ...], sender: PublicKey, to: PublicKey, entropy: bytes) -> bytes:
    return envelope.pack(messages, sender=sender, recipient=to, until=0, entropy=entropy)


def _equivocates(h: Quarter, rogue: Party) -> None:
    """Two letters under one ``seq``, each with its own story of what was seen; in one envelope, and once more alone."""
    one = rogue.by_hand(GetQ(), nonce=h.dice.randbytes(16))
    other = rogue.by_hand(GetQ(), GetQ(), nonce=h.dice.randbytes(16))
    for letters in ((one, other), (other,), (one,)):
        h.post(rogue.seal(letters))
    _adopts(h, rogue, one)


def _adopts(h: Quarter, rogue: Party, *letters: bytes) -> None:
    """Whatever was answered is the rogue's next state, as with a wallet restored at every step (L9)."""
    account = rogue.account
    rogue.account = replace(account, letters=letters, fresh=frozenset())
    for to, raw in h.post(rogue.seal(letters)):
        if to == rogue.me:
            with suppress(LedgerpostError):
                rogue.receive(raw)
    rogue.account = replace(rogue.account, letters=(), fresh=None)


def _forges_mail(h: Quarter, rogue: Party) -> None:
    """Receipts, notices and others' letters in the bank's name, signed by somebody who is not the bank."""
    victim = h.dice.choice(h.residents)
    forged = tuple(raw for _ in range(3) for raw in fabricated(h, rogue.signer))[:8]
    for sender in (h.bank.signer.key, rogue.signer.key):
        raw = _sealed(forged, sender, victim.signer.key, h.dice.randbytes(32))
        h.town.market.deliver(spell_fingerprint(victim.me), raw)


def _forges_letters(h: Quarter, rogue: Party) -> None:
    """Letters in an honest party's name, and its true letters with others' between them."""
    victim = h.dice.choice(h.residents)
    stranger = Signer.from_seed(h.dice.randbytes(32))
    letters = (*victim.account.letters, *fabricated(h, rogue.signer), *fabricated(h, stranger))[:8]
    for sender in (victim.signer.key, rogue.signer.key):
        h.post(_sealed(letters, sender, h.bank.signer.key, h.dice.randbytes(32)))


def _gives_all_away(h: Quarter, rogue: Party) -> None:
    """So that there is nothing to recover from when two redeem what it signed over twice: a lien (B5)."""
    left = rogue.account.usable(h.grain)
    if left > 0:
        rogue.pay(h.people["treasurer"], h.grain, left)
        h._now(rogue)


def _earns(h: Quarter, rogue: Party) -> None:
    """Honest money comes to it, and meets its liens."""
    treasurer = h.people["treasurer"]
    treasurer.pay(rogue, h.grain, h.dice.randint(50, 300))
    h._now(treasurer)
    for _ in range(3):
        rogue.accept_all()
        rogue.wish("getq")
        h._now(rogue)


def _lives_on_credit(h: Quarter, rogue: Party) -> None:
    """A certificate for two, and then everything is given away; sooner or later both redeem it."""
    rogue.wish("spendto", asset=h.grain, amount=h.dice.randint(1, 40), until=rogue.now + 15 * 86400)
    h._now(rogue)
    for item in list(rogue.account.items.values())[-1:]:
        takers = [each for each in h.residents if each.account.receipt is not None]
        for taker in h.dice.sample(takers, 2):
            _hands(h, rogue, item.instrument, taker)
    _gives_all_away(h, rogue)


def _hands(h: Quarter, rogue: Party, raw: bytes, taker: Resident) -> None:
    given = read_instrument(raw)
    if not given.endorsements:
        made = handed(given, rogue, taker.signer.key)
        h.made.append(made)
        taker.take(made)
        h.present(taker, made)


def _draws_for_two(h: Quarter, rogue: Party) -> None:
    """Two cheques on one number, by a wallet set back in between; both payees take theirs (C3)."""
    before = rogue.account
    takers = [each for each in h.residents if each.account.receipt is not None]
    for taker in h.dice.sample(takers, 2):
        rogue.account = before
        taker.take(rogue.draw(taker, h.grain, h.dice.randint(1, 40)))


def _presents_again(h: Quarter, rogue: Party) -> None:
    """What was paid is presented once more, by the same chain and by another's."""
    paid = [each for each in h.instruments() if each.endorsements and each.endorsements[-1][:32] == h.bank.signer.key]
    if paid:
        h.submit(rogue, presentation_by(h, rogue), presentation_by(h, rogue))


CHEATS: Final[tuple[Cheat, ...]] = (
    *ROGUERY,
    _equivocates,
    _forges_mail,
    _forges_letters,
    _earns,
    _earns,
    _lives_on_credit,
    _lives_on_credit,
    _draws_for_two,
    _draws_for_two,
    _presents_again,
)
"""What rogues do; some of it is honest business, so that there is something to cheat with."""

"""Keys made, shown on paper, and moved: what ``open``, ``wallet`` and ``bank found`` share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ledgerpost.carriers.files import remove, write_new
from ledgerpost.cli import ask
from ledgerpost.cli.items import refuse_existing
from ledgerpost.cli.showing import language
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import groups
from ledgerpost.desk.home import ON_PAPER, RESTORED, WALLETS, Cost, Home, Seat, affordable, free_name, sealed
from ledgerpost.errors import LedgerpostError, Mistyped
from ledgerpost.paperkey import to_numbers, to_words
from ledgerpost.sealed import Signer
from ledgerpost.spelling import printable
from ledgerpost.store.port import Store


def make_wallet(
    talk: Talk, folder: str | None, name: str, paper: Path | None, no_passphrase: bool, seed: bytes | None = None
) -> Seat:
    """A new wallet with a fresh key, its words on paper if wished; or with ``seed``, which is older than this wallet.

    The key is open for this run.
    """
    home = Home.find()
    folder = folder or free_name(tuple(seat.name for seat in home.seats(WALLETS)), name)
    home.refuse_taken(WALLETS, folder)  # before a passphrase is asked
    passphrase = ask.new_passphrase(talk, no_passphrase)
    if seed is not None:
        return create(talk, home, Sealing(WALLETS, folder, passphrase), seed, (ON_PAPER, RESTORED))
    sealing = Sealing(WALLETS, folder, passphrase)
    return make(talk, home, sealing, paper, lambda fresh: paper_file(talk, paper, fresh, name))


class Sealing(NamedTuple):
    """Where a new key is to be, and under which passphrase."""

    kind: str
    folder: str
    passphrase: bytes | None


def make(
    talk: Talk,
    home: Home,
    sealing: Sealing,
    paper: Path | None,
    text: Callable[[bytes], bytes],
    fill: Callable[[bytes], Callable[[Store], None]] = lambda seed: lambda store: None,
) -> Seat:
    """A new wallet or bank with a fresh key, and ``text`` of it on paper if wished.

    The paper comes first: a key that nobody has on paper can be lost. And before the paper the sealed key: a run cut
    off in between is taken up by the next, with the key whose words are on the paper.
    """
    seed = os.urandom(32)
    if paper is None:
        return create(talk, home, sealing, seed, (), fill(seed))
    begun = home.begun(*sealing)
    if begun is None:
        refuse_existing(paper)
        kept, _ = affordable(lambda cost: sealed(seed, sealing.passphrase, cost))
        home.begin(sealing.kind, sealing.folder, kept)
    seed = seed if begun is None else begun
    write_new(paper, text(seed))
    try:
        seat = create(talk, home, sealing, seed, (ON_PAPER,), fill(seed))
    except LedgerpostError:
        remove(paper)  # words of a key that is nowhere else
        raise
    talk.say(f"The key's 24 words are in {paper}: print it or copy it by hand, then delete it.")
    return seat


def create(
    talk: Talk,
    home: Home,
    sealing: Sealing,
    seed: bytes,
    marks: tuple[str, ...],
    fill: Callable[[Store], None] = lambda store: None,
) -> Seat:
    """The folder with its key file, under a weaker seal where memory is short. The key is open for this run."""

    def at(cost: Cost) -> Seat:
        return home.create(*sealing[:2], seed, sealing.passphrase, cost, fill, marks)

    seat, usual = affordable(at)
    warn_weaker(talk, usual)
    talk.signers[str(seat.folder)] = Signer.from_seed(seed)
    return seat


def paper_file(talk: Talk, paper: Path | None, seed: bytes, name: str) -> bytes:
    """What is written to the file ``--paper`` names: a page if it ends in .html, else text."""
    is_page = paper is not None and paper.suffix.lower() == ".html"
    return (key_page(talk, seed, name) if is_page else paper_text(seed, name)).encode()


def warn_weaker(talk: Talk, usual: bool) -> None:
    """Say that the passphrase is easier to guess than it should be."""
    if not usual:
        talk.note("Warning: this computer is short of memory; the key is sealed in a weaker way.")
        talk.note("         Seal it again on a better day: ledgerpost wallet passphrase")


def paper_text(seed: bytes, name: str) -> str:
    """The paper key as plain text: words, their numbers, and whose it is."""
    words, numbers = to_words(seed), to_numbers(seed)
    rows = [f"{place:>3}. {word:<10} {numbers[place - 1]}" for place, word in enumerate(words, 1)]
    return "\n".join(
        (
            "ledgerpost paper key",
            "",
            f"of {printable(name, 64)}",
            f"   {groups(Signer.from_seed(seed).fingerprint)}",
            "",
            *rows,
            "",
            "Whoever reads these words has the key. Keep the paper where you keep money.",
            'On another computer: "ledgerpost wallet restore", then compare the fingerprint above.',
            "",
        )
    )


def key_page(talk: Talk, seed: bytes, name: str) -> str:
    """The paper key as a page, with the code of the words."""
    from ledgerpost.prints import key
    from ledgerpost.prints.views import Party

    return key.key_page(seed, Party(Signer.from_seed(seed).fingerprint, name), language(talk))


def offer_paper(talk: Talk, seat: Seat, name: str) -> None:
    """Show the words of a new key at once, if somebody is there to write them down now."""
    terminal = None if talk.yes else ask.somebody(talk)
    if terminal is not None and terminal.ask("Write down its 24 words on paper now? [yes/later] ").casefold() == "yes":
        show_words(terminal, seat, ask.unlock(talk, seat).seed, name)


def show_words(terminal: ask.Terminal, seat: Seat, seed: bytes, name: str) -> None:
    """On the terminal and nowhere else; two words asked back, so that paper and ink were really there."""
    terminal.tell(paper_text(seed, name))
    words, numbers = to_words(seed), to_numbers(seed)
    for place in (7, 19):
        if terminal.ask(f"From your paper, word {place}: ").casefold() not in (words[place - 1], numbers[place - 1]):
            raise Mistyped(f"that is not word {place}: compare your paper", do="then: ledgerpost wallet paper")
    seat.mark(ON_PAPER)
    terminal.tell("Good. Keep the paper where you keep money.")


def remind_paper(talk: Talk, seat: Seat) -> None:
    """A line while nobody has the key on paper."""
    if not seat.marked(ON_PAPER):
        talk.note(f"Not on paper yet: if this computer is lost, so is '{seat.name}'.   Do: ledgerpost wallet paper")

"""Keys made, shown on paper, and moved: what ``open`` and ``wallet`` share."""

import os
from pathlib import Path

from ledgerpost.carriers.files import write_new
from ledgerpost.cli import ask
from ledgerpost.cli.showing import language
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import groups
from ledgerpost.desk.home import ON_PAPER, WALLETS, Cost, Home, Seat, affordable, free_name
from ledgerpost.errors import LedgerpostError, Mistyped
from ledgerpost.paperkey import to_numbers, to_words
from ledgerpost.sealed import Signer
from ledgerpost.spelling import printable


def make_wallet(
    talk: Talk, folder: str | None, name: str, paper: Path | None, no_passphrase: bool, seed: bytes | None = None
) -> Seat:
    """A new wallet with a fresh key (or ``seed``), its words on paper if wished. The key is open for this run."""
    home = Home.find()
    fresh = seed is None
    seed = os.urandom(32) if seed is None else seed
    folder = folder or free_name(tuple(seat.name for seat in home.seats(WALLETS)), name)
    passphrase = ask.new_passphrase(talk, no_passphrase)
    if paper is not None:
        text = key_page(talk, seed, name) if paper.suffix.lower() == ".html" else paper_text(seed, name)
        write_new(paper, text.encode())  # first: a key that nobody has on paper can be lost
    try:
        seat = create(talk, home, WALLETS, folder, seed, passphrase)
    except LedgerpostError:
        if paper is not None:
            paper.unlink(missing_ok=True)  # words of a key that is nowhere else
        raise
    if paper is not None or not fresh:
        seat.mark(ON_PAPER)
    if paper is not None:
        talk.say(f"The key's 24 words are in {paper}: print it or copy it by hand, then delete it.")
    return seat


def create(talk: Talk, home: Home, kind: str, folder: str, seed: bytes, passphrase: bytes | None) -> Seat:
    """The folder with its key file, under a weaker seal where memory is short. The key is open for this run."""

    def make(cost: Cost) -> Seat:
        return home.create(kind, folder, seed, passphrase, cost)

    seat, usual = affordable(make)
    warn_weaker(talk, usual)
    talk.signers[str(seat.folder)] = Signer.from_seed(seed)
    return seat


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

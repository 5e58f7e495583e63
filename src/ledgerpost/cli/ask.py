"""Questions to the person at the keyboard, and the passphrase. Through the terminal itself, never a pipe."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from ledgerpost.carriers.faults import naming
from ledgerpost.cli.talk import Interrupted, Talk, Usage
from ledgerpost.errors import Denied, WrongPassphrase

if TYPE_CHECKING:
    from ledgerpost.desk.home import Seat
    from ledgerpost.sealed import Signer

T = TypeVar("T")

TRIES: Final = 3
MOST_PASSPHRASE: Final = 4096
FLAGS: Final = "--passphrase-file, --passphrase-fd or --passphrase-command"


class Terminal(Protocol):
    """Somebody who can answer."""

    def ask(self, prompt: str) -> str:
        """One line."""

    def secret(self, prompt: str) -> str:
        """One line, not shown while it is typed."""

    def tell(self, line: str) -> None:
        """Words for nobody else."""


class Tty:
    """The controlling terminal, whatever stdin and stdout are."""

    def ask(self, prompt: str) -> str:
        """One line. Raises Interrupted at the end of input."""
        with open("/dev/tty", "r+b", buffering=0) as tty:
            tty.write(prompt.encode())
            line = bytearray()
            while (byte := tty.read(1)) not in (b"", b"\n"):
                line += byte
        if byte == b"" and not line:
            raise Interrupted("interrupted: the terminal gave no answer")
        return line.decode("utf-8", "replace").strip()

    def secret(self, prompt: str) -> str:
        """One line, not shown while it is typed."""
        from getpass import getpass

        return getpass(prompt)

    def tell(self, line: str) -> None:
        """Words that must not end up in a pipe or file."""
        with open("/dev/tty", "wb", buffering=0) as tty:
            tty.write(line.encode() + b"\n")


def open_terminal() -> Terminal | None:
    """The terminal, if this process has one. Tests put somebody else here."""
    try:
        with open("/dev/tty", "r+b", buffering=0):
            return Tty()
    except OSError:
        return None


def somebody(talk: Talk) -> Terminal | None:
    """Who can be asked: nobody with --no-input, or without a terminal."""
    return None if talk.no_input else open_terminal()


def answer(talk: Talk, question: str, flag: str) -> str:
    """What the person types. Raises Usage, naming the flag that answers, where nobody can be asked."""
    terminal = somebody(talk)
    if terminal is None:
        raise Usage(f"nobody can be asked here: {question.rstrip(': ?')}", do=f"answer it with {flag}")
    return terminal.ask(f"{question} ")


def confirm(talk: Talk, question: str) -> None:
    """Go on only if yes is typed in full, or --yes was given. Raises Denied: nothing was done."""
    if talk.yes:
        return
    for _ in range(TRIES):
        typed = answer(talk, f"{question} [yes/no]", "--yes").casefold()
        if typed == "yes":
            return
        if typed == "no":
            break
        talk.note("Type yes or no.")
    raise Denied("not confirmed: nothing was done")


# --- the passphrase


def unlock(talk: Talk, seat: "Seat") -> "Signer":
    """The secret key of a wallet or bank; asks for its passphrase if it has one, once in a run."""
    known: Signer | None = talk.signers.get(str(seat.folder))
    if known is None:
        known = opened_by(talk, seat.unlock, seat.has_passphrase, seat.name)
        talk.signers[str(seat.folder)] = known
    return known


def opened_by(talk: Talk, opener: Callable[[bytes | None], T], sealed: bool, name: str) -> T:
    """What ``opener`` makes of the right passphrase: the one the options give, or one typed in a few tries."""
    if not sealed:
        return opener(None)
    given = given_passphrase(talk)
    if given is not None:
        return opener(given)
    for left in reversed(range(TRIES)):
        typed = _secret(talk, f"Passphrase of '{name}': ", FLAGS)
        try:
            return opener(typed)
        except WrongPassphrase as error:
            if not left:
                raise
            talk.note(f"{error.what}: {error.do}")
    raise AssertionError("the last try raises")


def new_passphrase(
    talk: Talk, none: bool, given: Callable[[Talk], bytes | None] | None = None, flags: str = FLAGS
) -> bytes | None:
    """The passphrase for a key file to be written: as the options say, else typed twice. None with --no-passphrase."""
    if none:
        return None
    found = (given or given_passphrase)(talk)
    if found is not None:
        return found
    flags = f"{flags}, or leave the key open to whoever has this computer: --no-passphrase"
    first = _secret(talk, "New passphrase (several words; it seals the key on this computer): ", flags)
    if not first:
        raise WrongPassphrase("the passphrase is empty", do="choose one of several words, or give --no-passphrase")
    if _secret(talk, "The same again: ", flags) != first:
        raise WrongPassphrase("the two are not the same: nothing was done", do="run the same command again")
    return first


def given_passphrase(talk: Talk) -> bytes | None:
    """What the options say, read once in a run; None if there is no such option."""
    ways: list[Callable[[], bytes]] = []
    if talk.passphrase_file is not None:
        ways.append(lambda: _from_file(talk))
    if talk.passphrase_fd is not None:
        ways.append(lambda: _from_fd(talk))
    if talk.passphrase_command is not None:
        ways.append(lambda: _from_command(talk))
    if len(ways) > 1:
        raise Usage("the passphrase is given in more than one way", do="give one of them")
    if ways and talk.passphrase is None:
        talk.passphrase = normal(first_line(ways[0]()))
    return talk.passphrase


def first_line(raw: bytes) -> bytes:
    """Up to the end of the line: editors put one."""
    return raw.split(b"\n", 1)[0].removesuffix(b"\r")


def normal(raw: bytes) -> bytes:
    """The one form of a passphrase, whatever keyboard it came from: Unicode NFC, as UTF-8. Here and nowhere else."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise WrongPassphrase("the passphrase is no text in UTF-8", do="save it as UTF-8") from None
    if len(raw) > MOST_PASSPHRASE:
        raise WrongPassphrase(f"the passphrase has more than {MOST_PASSPHRASE} bytes", do="is this the right file?")
    return unicodedata.normalize("NFC", text).encode()


def _secret(talk: Talk, prompt: str, flags: str) -> bytes:
    terminal = somebody(talk)
    if terminal is None:
        raise WrongPassphrase("a passphrase is needed, and nobody can be asked here", do=f"give it with {flags}")
    return normal(terminal.secret(prompt).encode())


def _from_file(talk: Talk) -> bytes:
    if talk.passphrase_file is None:
        raise AssertionError("no file")
    return read_secret(talk.passphrase_file)


def read_secret(path: Path) -> bytes:
    """What a file, or a pipe, holds. Raises NotFound or PlaceError."""
    with naming(path), path.open("rb") as file:
        return file.read(MOST_PASSPHRASE + 2)


def _from_fd(talk: Talk) -> bytes:
    with naming(f"file descriptor {talk.passphrase_fd}"), os.fdopen(talk.passphrase_fd or 0, "rb") as file:
        return file.read(MOST_PASSPHRASE + 2)


def _from_command(talk: Talk) -> bytes:
    """No shell: words are split as a shell would, and nothing more."""
    import shlex
    import subprocess

    words = shlex.split(talk.passphrase_command or "")
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, check=False)  # noqa: S603
    except (OSError, IndexError) as error:
        what = f"the command for the passphrase does not start: {error}"
        raise WrongPassphrase(what, where=shlex.join(words)) from error
    if done.returncode:
        raise WrongPassphrase(f"the command for the passphrase ended with status {done.returncode}", where=words[0])
    return done.stdout

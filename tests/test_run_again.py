"""What runs that were cut off left behind, as ``scripts/die-at-every-write`` and ``scripts/cut-power`` found it.

The same command must go on from there, and leave nothing half done.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ledgerpost import envelope
from ledgerpost.carriers import durable, parts
from ledgerpost.carriers.files import ensure_private_folder, remove, write_new
from ledgerpost.cli import bankbooks, casefiles, keys
from ledgerpost.cli.keys import paper_text
from ledgerpost.desk.backup import check_backup
from ledgerpost.desk.delivery import COURIERS
from ledgerpost.desk.home import BANKS, BEGUN, ON_PAPER, RESTORED, WALLETS, Home, Seat
from ledgerpost.desk.spool import Held, Spool
from ledgerpost.errors import PlaceError
from ledgerpost.paperkey import to_words
from ledgerpost.spelling import spell_fingerprint
from shell import CHEAP, Kita, Shell
from shell import kita as kita
from test_couriers import BOX, Courier, at, take_in
from test_couriers import sealed as sealed_mail


class Killed(BaseException):
    """What no code of ours catches, as little as a kill; but it lets ``finally`` and ``except BaseException`` run."""


def dies(*args: object, **more: object) -> None:
    raise Killed


def run_dying(shell: Shell, *words: str | Path) -> None:
    """A command that dies of what was patched. ``CliRunner`` hands on what is no ``Exception``."""
    with pytest.raises(Killed):
        shell.run(*words)


def only_seat(shell: Shell, kind: str = WALLETS) -> Seat:
    (seat,) = Home(shell.home).seats(kind)
    return seat


# --- files


def left_part(folder: Path) -> Path:
    part = folder / parts.new_name()
    part.write_bytes(b"half a key")
    return part


@pytest.mark.parametrize("overwrite", [True, False])
def test_the_next_write_clears_what_a_broken_run_left(tmp_path: Path, overwrite: bool) -> None:
    part = left_part(tmp_path)
    write_new(tmp_path / "key", b"key", overwrite=overwrite)
    assert not part.exists()
    part = left_part(tmp_path)
    write_new(tmp_path / "key", b"key", overwrite=overwrite)
    assert not part.exists()


def test_a_backup_clears_it_too_though_it_is_refused(kita: Kita) -> None:
    amina = kita.someone("amina")
    amina.run("wallet", "backup", kita.folder / "amina.lpbackup")
    part = left_part(kita.folder)
    amina.run("wallet", "backup", kita.folder / "amina.lpbackup", status=7)
    assert not part.exists()


def test_the_very_same_file_is_as_good_as_written(tmp_path: Path) -> None:
    write_new(tmp_path / "card", b"card", 0o644)
    before = (tmp_path / "card").stat()
    write_new(tmp_path / "card", b"card", 0o644)
    assert (tmp_path / "card").stat().st_ino == before.st_ino
    for other in (b"cart", b"card ", b""):
        with pytest.raises(PlaceError):
            write_new(tmp_path / "card", other)
    assert (tmp_path / "card").read_bytes() == b"card"


def test_a_link_to_the_very_same_is_no_such_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"card")
    (tmp_path / "card").symlink_to("elsewhere")
    with pytest.raises(PlaceError):
        write_new(tmp_path / "card", b"card")


def test_every_folder_on_the_way_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a power cut loses the home of a key whose words are on paper already."""
    synced: list[int] = []
    real = durable.sync

    def sync(file: int) -> None:
        synced.append(os.fstat(file).st_ino)
        real(file)

    monkeypatch.setattr(durable, "sync", sync)
    ensure_private_folder(tmp_path / "share" / "ledgerpost" / "wallets")
    made = (tmp_path, tmp_path / "share", tmp_path / "share" / "ledgerpost")
    assert [folder.stat().st_ino for folder in made] == synced
    assert stat.S_IMODE((tmp_path / "share" / "ledgerpost" / "wallets").stat().st_mode) == 0o700


@pytest.mark.parametrize("end", [lambda place: remove(place / "file"), lambda place: Spool(place.parent).end()])
def test_what_is_removed_stays_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Callable[[Path], None]
) -> None:
    place = tmp_path / "spool"
    place.mkdir()
    for name in ("file", "spool.toml"):
        (place / name).touch()
    synced: list[int] = []
    monkeypatch.setattr(durable, "sync", lambda file: synced.append(os.fstat(file).st_ino))
    end(place)
    assert len(list(place.iterdir())) == 1
    assert synced == [place.stat().st_ino]
    Spool(tmp_path / "nowhere").end()


# --- commands that write more than one file


def test_the_second_of_two_files_is_written_though_the_first_is_there(
    kita: Kita, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = kita.someone("amina")
    words, page = kita.folder / "words.txt", kita.folder / "page.html"
    with monkeypatch.context() as patch:
        patch.setattr("ledgerpost.cli.wallet.key_page", dies)
        run_dying(amina, "wallet", "paper", "-o", words, "--print", page)
    assert words.exists()
    assert not page.exists()
    amina.run("wallet", "paper", "-o", words, "--print", page)
    assert page.exists()
    assert only_seat(amina).marked(ON_PAPER)
    words.write_text("other words")
    amina.run("wallet", "paper", "-o", words, status=7)
    assert words.read_text() == "other words"


def test_a_card_and_its_pictures_go_on(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = kita.someone("amina")
    words = ("card", "-o", kita.folder / "card.lpe", "--print", kita.folder / "card.html")
    with monkeypatch.context() as patch:
        patch.setattr("ledgerpost.cli.showing.write_new", dies)
        run_dying(amina, *words)
    amina.run(*words)
    amina.run(*words)
    (kita.folder / "card.html").write_text("mine")
    amina.run(*words, status=7)
    assert (kita.folder / "card.html").read_text() == "mine"


def test_a_case_in_two_files_goes_on_after_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kita: Kita
) -> None:
    amina = kita.someone("amina")
    kita.round(amina)
    monkeypatch.setattr(envelope, "batches", lambda documents: [(each,) for each in documents])
    count = [0]

    def dies_at_the_second(path: Path, raw: bytes) -> None:
        count[0] += 1
        if count[0] == 2:
            raise Killed
        write_new(path, raw)

    party = only_seat(amina).fingerprint
    words = ("bank", "case", spell_fingerprint(party), "-o", tmp_path / "case.lpe")
    with monkeypatch.context() as patch:
        patch.setattr(casefiles, "write_new", dies_at_the_second)
        run_dying(kita.bank, *words)
    assert [path.name for path in tmp_path.glob("case*")] == ["case.lpe"]
    kita.bank.run(*words)
    assert len(list(tmp_path.glob("case*"))) > 1
    (tmp_path / "case-2.lpe").write_bytes(b"mine")
    kita.bank.run(*words, status=7)


# --- a key and its paper


def texts(shell: Shell, paper: Path, kind: str = WALLETS) -> bool:
    """Whether the words on the paper are those of the one key here."""
    seed = only_seat(shell, kind).unlock(None).seed
    return all(word in paper.read_text() for word in to_words(seed))


def interrupt_after_paper(monkeypatch: pytest.MonkeyPatch, shell: Shell, *words: str | Path) -> None:
    """The paper is written; nothing after it is, nor cleaned up."""
    with monkeypatch.context() as patch:
        patch.setattr(keys, "create", dies)
        run_dying(shell, *words)


@pytest.mark.parametrize("command", ["open", "wallet new", "bank found"])
def test_a_key_whose_words_are_on_paper_is_taken_up_again(
    kita: Kita, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    shell, paper = kita.shell("somebody"), kita.folder / "paper.txt"
    kind = BANKS if command == "bank found" else WALLETS
    rest: dict[str, tuple[str | Path, ...]] = {
        "open": (kita.card, "--name", "Amina"),
        "wallet new": ("--name", "Amina"),
        "bank found": ("amina",),
    }
    words = (*command.split(), *rest[command], "--paper", paper, "--no-passphrase", "--yes")
    interrupt_after_paper(monkeypatch, shell, *words)
    assert Home(shell.home).seats(kind) == ()
    before = paper.read_bytes()
    shell.run(*words)
    assert paper.read_bytes() == before
    assert texts(shell, paper, kind)
    assert only_seat(shell, kind).marked(ON_PAPER)
    assert not list(shell.home.rglob(BEGUN))


def test_a_paper_of_something_else_is_no_such_paper(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    shell, paper = kita.shell("somebody"), kita.folder / "paper.txt"
    words = ("wallet", "new", "--name", "Amina", "--paper", paper, "--no-passphrase", "--yes")
    interrupt_after_paper(monkeypatch, shell, *words)
    paper.write_text("a shopping list")
    shell.run(*words, status=7)
    assert paper.read_text() == "a shopping list"
    paper.unlink()
    shell.run(*words)
    assert texts(shell, paper)


def test_under_another_passphrase_nothing_is_taken_up(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    shell, paper = kita.shell("somebody"), kita.folder / "paper.txt"
    words = ("wallet", "new", "--name", "Amina", "--paper", paper, "--yes")
    for name in ("one", "two"):
        (kita.folder / name).write_text(name)
    interrupt_after_paper(monkeypatch, shell, *words, "--passphrase-file", kita.folder / "one")
    shell.run(*words, "--passphrase-file", kita.folder / "two", status=7)
    shell.run(*words, "--passphrase-file", kita.folder / "one")
    seed = only_seat(shell).unlock(b"one").seed
    assert to_words(seed)[0] in paper.read_text()


def test_open_goes_on_where_only_the_account_lacks(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    shell, paper = kita.shell("amina"), kita.folder / "paper.txt"
    words = ("open", kita.card, "--name", "Amina", "--paper", paper, "--no-passphrase", "--yes")
    with monkeypatch.context() as patch:
        patch.setattr("ledgerpost.cli.open._open_there", dies)
        run_dying(shell, *words)
    shell.run(*words)
    assert shell.items("status")[0]["queued"]
    paper.write_text(paper_text(bytes(32), "Amina"))
    shell.run(*words, status=2)


def test_a_second_wallet_is_not_begun_over_a_paper_that_is_there(kita: Kita) -> None:
    shell, paper = kita.shell("amina"), kita.folder / "paper.txt"
    words = ("wallet", "new", "--name", "Amina", "--paper", paper, "--no-passphrase", "--yes")
    shell.run(*words)
    shell.run(*words, status=7)
    assert [path.name for path in (shell.home / WALLETS).iterdir()] == ["amina"]


# --- marks, and the seal of a bank that is rebuilt


def test_a_restored_key_is_marked_before_it_is_there(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the mark it would draw before it has the newest receipt (L9)."""
    amina, lost = kita.someone("amina"), kita.shell("lost")
    amina.run("wallet", "paper", "-o", kita.folder / "words.txt")
    seen: list[set[str]] = []
    real = Home._give_key

    def give(home: Home, folder: Path, key_file: bytes) -> None:
        seen.append({RESTORED, ON_PAPER} & {path.name for path in folder.iterdir()})
        real(home, folder, key_file)

    monkeypatch.setattr(Home, "_give_key", give)
    lost.run("wallet", "restore", "--words-file", kita.folder / "words.txt", "--no-passphrase", "--yes")
    amina.run("wallet", "backup", kita.folder / "amina.lpbackup")
    kita.shell("other").run("wallet", "restore", kita.folder / "amina.lpbackup")
    assert seen == [{RESTORED, ON_PAPER}] * 2


def test_a_bank_that_is_rebuilt_with_its_words_never_has_the_lost_passphrase(
    kita: Kita, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bankbooks, "affordable", lambda make: (make(CHEAP), True))
    kita.bank.run("bank", "backup", "-o", kita.folder / "kita.lpbackup")
    words = kita.folder / "words.txt"
    words.write_text(" ".join(to_words(kita.seat.unlock(None).seed)))
    (kita.folder / "secret").write_text("new")
    given: list[bytes] = []
    real = Home._give_key

    def give(home: Home, folder: Path, key_file: bytes) -> None:
        given.append(key_file)
        real(home, folder, key_file)

    monkeypatch.setattr(Home, "_give_key", give)
    line = ("bank", "rebuild", kita.folder / "kita.lpbackup", "kita", "--words-file", words)
    kita.shell("vault").run(*line, "--passphrase-file", kita.folder / "secret")
    (key_file,) = given
    assert key_file != check_backup(kita.folder / "kita.lpbackup", BANKS).raw
    assert only_seat(kita.shell("vault"), BANKS).key_file() == key_file
    assert only_seat(kita.shell("vault"), BANKS).unlock(b"new").seed == kita.seat.unlock(None).seed


def test_a_creation_that_failed_leaves_no_seat_and_can_be_done_again(
    kita: Kita, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = kita.shell("amina")
    with monkeypatch.context() as patch:
        patch.setattr(Home, "_give_key", dies)
        run_dying(shell, "wallet", "new", "--name", "Amina", "--no-passphrase", "--yes")
    assert list((shell.home / WALLETS).iterdir()) == []
    shell.run("wallet", "new", "--name", "Amina", "--no-passphrase", "--yes")
    assert only_seat(shell).name == "amina"


# --- couriers


def test_a_word_is_kept_before_the_mail_it_names_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A courier that dies in between meets the word again, but not the mail: others would carry that until its end."""
    courier, market, bank = Courier(tmp_path / "bob"), tmp_path / "market", tmp_path / "bank"
    for place in (market, bank):
        place.mkdir()
    at(market).deliver(BOX, sealed_mail())
    courier.visit(market)
    courier.visit(bank)
    assert take_in(bank) == 1

    def drop(spool: Spool, held: Held) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "drop", drop)
        with pytest.raises(Killed):
            courier.visit(bank)
    words = list((courier.spool.folder / "ledgerpost" / COURIERS).glob("*.lpe"))
    assert len(words) == 1
    courier.visit(bank)
    assert courier.held == []
    assert list((courier.spool.folder / "ledgerpost" / COURIERS).glob("*.lpe")) == words

"""Real file systems in an image: full, read-only, and pulled at every so many writes. ``scripts/stick-images``: at all.

Skips where an image cannot be mounted: without root, or where the kernel lacks the file system.
"""

import shutil
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from cuts import COMMANDS, PARTIES, Exchange, all_of, is_new, prepare
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.errors import PlaceError
from medium import KEEP, LOSE, TEAR, Stick, missing
from village import BANK, without_randomness

STEPS = {"party0": 3, BANK: 16}
"""Of how many writes one is cut, by command; of others each."""


@pytest.fixture(params=["ext4", "vfat", "exfat"])
def exchange(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    if why := missing(request.param):
        pytest.skip(why)
    without_randomness(monkeypatch)
    return prepare(tmp_path, request.param)


@pytest.mark.slow
def test_a_stick_pulled_at_any_write_is_as_if_it_had_not(exchange: Exchange) -> None:
    """The first letter, the bank's answers and the first receipt taken in; other commands are not cut here."""
    cuts = []
    for at, who in enumerate(COMMANDS):
        step = STEPS.get(who, 1) if at in (0, 10, 11) else 1 << 20
        cuts += list(exchange.pulled(who, (KEEP, TEAR, LOSE) if step < 1 << 20 else (), step))
    assert [cut for cut in cuts if not cut.same] == []
    assert len(cuts) > 20
    assert {cut.ended for cut in cuts} == {True, False}  # some were told that they may unplug it, and did
    grain = exchange.village.account("party0").statement.balances[0].asset
    assert {exchange.village.has(party, grain) for party in PARTIES} == {90}
    assert exchange.village.audit().good
    with exchange.stick.plugged():
        left = [path.rpartition("/")[2] for path in all_of(exchange.village.stick)]
    assert sorted(filter(None, left)) == ["README.txt", "junk.lpe", "junk.lpe.txt"]


@pytest.mark.slow
@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize("kind", ["ext4", "vfat", "exfat"])
def test_a_folder_pulled_while_it_is_made(kind: str, before: int, tmp_path: Path) -> None:
    """The first on a stick, and one whose entry on FAT lies across two sectors: made again, nothing else is left."""
    if why := missing(kind):
        pytest.skip(why)
    stick = Stick(kind, tmp_path / "image", tmp_path / "stick")
    stick.format(8 << 20)
    with stick.plugged():
        _deliver(stick, before)
    shutil.copy(stick.image, tmp_path / "saved")
    with stick.plugged() as control:
        start = control.writes
        _deliver(stick, before + 1)
        end, wanted = control.writes, all_of(stick.folder)
    for mode, limit in product((KEEP, TEAR, LOSE), range(start, end)):
        shutil.copy(tmp_path / "saved", stick.image)
        with stick.plugged(limit=limit, mode=mode) as control, suppress(PlaceError):
            _deliver(stick, before + 1)
        with stick.plugged():
            _deliver(stick, before + 1)
            found = all_of(stick.folder)
        assert {path for path in found if kind != "exfat" or not is_new(path)} == set(wanted), (mode, limit)


def _deliver(stick: Stick, mailboxes: int) -> None:
    carrier = FolderCarrier(stick.folder, 1 << 16)
    for number in range(mailboxes):
        carrier.deliver(f"lp1{number:056}", b"mail")


def test_a_full_stick(exchange: Exchange) -> None:
    village, stick = exchange.village, exchange.stick
    with stick.plugged():
        filler = stick.folder / "holiday.mp4"
        for piece in (1 << 16, 512):
            with pytest.raises(OSError, match="No space"), filler.open("ab", buffering=0) as movie:
                while movie.write(bytes(piece)):
                    pass
        before = {path: path.read_bytes() for path in stick.folder.rglob("*.lpe")}
        with pytest.raises(PlaceError, match="no space is left") as caught:
            village.carry("party0")
        assert "free some space" in caught.value.do
        assert {path: path.read_bytes() for path in stick.folder.rglob("*.lpe")} == before
        filler.unlink()
        assert village.carry("party0").went
        village.carry(BANK)
        assert village.carry("party0").count("done") == 1


def test_a_read_only_stick(exchange: Exchange) -> None:
    village, stick = exchange.village, exchange.stick
    with stick.plugged():
        for who in ("party0", BANK, "party1"):
            village.carry(who)
    before = stick.image.read_bytes()
    with stick.plugged(options="ro"):
        (came,) = village.carry("party0").came  # taken in all the same, and told that it stays there
        assert (came.result, came.error and came.error.what) == ("left", "read-only")
        for who in ("party2", BANK):  # a letter is to go, a letter waits
            with pytest.raises(PlaceError, match="read-only"):
                village.carry(who)
    if stick.kind != "ext4":  # which notes in its superblock that it was mounted
        assert stick.image.read_bytes() == before
    assert not village.account("party0").letters
    with stick.plugged():
        assert village.carry("party0").count("repeated") == 1
        assert list(village.mailbox("party0").iterdir()) == []


def test_a_tree_that_another_system_wrote_in_capitals(exchange: Exchange) -> None:
    """FAT takes names of either case for one: the same folders are used. Elsewhere they are strangers."""
    village, stick = exchange.village, exchange.stick
    with stick.plugged():
        village.mailbox(BANK).rename(village.mailbox(BANK).with_name("moved"))
        (village.stick / "ledgerpost").rename(village.stick / "moved")
        (village.stick / "moved").rename(village.stick / "LEDGERPOST")
        village.carry("party0")
        village.carry(BANK)
        assert village.carry("party0").count("done") == 1
        trees = [path.name for path in village.stick.iterdir() if path.name.lower() == "ledgerpost"]
    assert len(trees) == (2 if stick.kind == "ext4" else 1)

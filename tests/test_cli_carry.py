"""``carry`` without a place, ``spool`` and the desk: the real commands on real folders, over several hops."""

import os
import shutil
import tracemalloc
from pathlib import Path

import pytest

from ledgerpost.carriers import drives
from ledgerpost.carriers.drives import Mount, mounted, with_mail
from ledgerpost.cli.carry import stop_at, waiting_at
from ledgerpost.desk.home import Home
from ledgerpost.desk.spool import Agreement, Spool
from ledgerpost.spelling import spell_fingerprint
from shell import Kita, Person, Shell
from shell import kita as kita

DAY = 86400
COURIERS = "couriers"


def plugged(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    monkeypatch.setattr(drives, "mounted", lambda: [Mount(place, "vfat") for place in places])


def courier(kita: Kita, name: str, *options: str) -> Shell:
    shell = kita.shell(name)
    shell.run("spool", "agree", *options)
    return shell


def place(kita: Kita, name: str) -> Path:
    made = kita.folder / name
    made.mkdir()
    return made


def held(shell: Shell) -> int:
    return len(Spool(shell.home).held())


def lying(place: Path, mailbox: str | None = None) -> list[Path]:
    return sorted((place / "ledgerpost").glob(f"{mailbox or 'lp1*'}/*.lpe"))


# --- finding sticks


def test_only_removable_drives_with_mail_are_found(tmp_path: Path) -> None:
    for name in ("stick", "empty", "home", "card"):
        (tmp_path / name).mkdir()
    for name in ("stick", "home", "card"):
        (tmp_path / name / "ledgerpost").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "ledgerpost").symlink_to(tmp_path / "stick" / "ledgerpost")
    (tmp_path / "filed").mkdir()
    (tmp_path / "filed" / "ledgerpost").write_text("no folder")
    kinds = {"stick": "vfat", "empty": "vfat", "home": "ext4", "card": "exfat", "linked": "vfat", "filed": "vfat"}
    mounts = [Mount(tmp_path / name, kind) for name, kind in kinds.items()]
    assert with_mail([*mounts, *mounts, Mount(tmp_path / "pulled", "vfat")]) == [tmp_path / "card", tmp_path / "stick"]


def test_what_lies_where_systems_put_sticks_is_removable_whatever_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "media" / "amina" / "KITA"
    (stick / "ledgerpost").mkdir(parents=True)
    assert with_mail([Mount(stick, "ext4")]) == []
    monkeypatch.setattr(drives, "FOLDERS", (tmp_path / "media",))
    assert with_mail([Mount(stick, "ext4")]) == [stick]


def test_what_is_mounted_here_is_told() -> None:
    found = mounted()
    assert all(each.place.is_absolute() and each.kind for each in found)
    if os.path.exists("/proc/self/mounts"):
        devices = [line.split()[0] for line in Path("/proc/self/mounts").read_text().splitlines()]
        assert len(found) <= len(devices)


def test_carry_finds_the_stick(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = kita.someone("amina")
    plugged(monkeypatch)
    assert "no stick with mail is plugged in" in amina.run("carry", status=4).stderr
    amina.run("carry", kita.stick)
    plugged(monkeypatch, kita.stick)
    assert "1 envelope from 1 party" in kita.bank.run("carry").stdout
    assert "came: 1 receipt (letter 1)" in amina.run("carry").stdout


def test_carry_goes_to_every_stick_and_one_bad_one_stops_no_other(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = kita.someone("amina")
    other = place(kita, "other")
    plugged(monkeypatch, kita.stick, other)
    for each in (kita.stick, other):
        (each / "ledgerpost").mkdir()
    result = amina.run("carry")
    assert result.stdout.count("went: 1 letter (1)") == 2
    assert result.stdout.count("Written and read back.") == 2
    monkeypatch.setattr(drives, "with_mail", lambda mounts: [kita.folder / "pulled", other])
    result = kita.bank.run("carry", status=1)
    assert "1 envelope from 1 party" in result.stdout
    assert "pulled" in result.stderr


def test_when_only_places_failed_the_status_says_so(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    amina, bent = kita.someone("amina"), place(kita, "bent")
    (bent / "ledgerpost").symlink_to(kita.folder)
    missing = kita.folder / "missing"
    for places, status in (([bent, kita.stick], 7), ([bent, missing, kita.stick], 1), ([missing, kita.stick], 1)):
        monkeypatch.setattr(drives, "with_mail", lambda mounts, places=places: places)
        result = amina.run("carry", status=status)
        assert "went: 1 letter (1)" in result.stdout
    bad = kita.stick / "ledgerpost" / spell_fingerprint(kita.seat.fingerprint) / "bad.lpe"
    bad.write_text("no envelope")  # now an envelope is bad besides
    monkeypatch.setattr(drives, "with_mail", lambda mounts: [bent, kita.stick])
    assert "bad.lpe" in kita.bank.run("carry", status=1).stderr


def test_counting_for_progress_takes_no_memory_and_no_fault(kita: Kita) -> None:
    stop = stop_at(kita.stick)
    assert waiting_at(stop.carrier, "nobody") == 0
    box = kita.stick / "ledgerpost" / "lp1x"
    box.mkdir(parents=True)
    for number in range(2000):
        (box / f"{number}.lpe").touch()
    (box / "note.txt").touch()
    waiting_at(stop.carrier, "lp1x")
    tracemalloc.start()
    assert waiting_at(stop.carrier, "lp1x") == 2000
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64_000


# --- the spool


def test_a_letter_goes_over_two_couriers_and_a_shared_folder_and_the_answer_comes_back(kita: Kita) -> None:
    shop = kita.someone("shop")
    shared, counter = place(kita, "shared"), place(kita, "counter")
    one, two = courier(kita, "one"), courier(kita, "two")
    shop.run("carry", kita.stick)
    assert "for others: 1 taken along" in one.run("carry", kita.stick).stdout
    assert "for others: 1 handed on" in one.run("carry", shared).stdout
    assert "for others: 1 taken along" in two.run("carry", shared).stdout
    two.run("carry", counter)
    assert "1 envelope from 1 party" in kita.bank.run("carry", counter).stdout
    assert "1 taken along, 1 done with" in two.run("carry", counter).stdout
    two.run("carry", shared)
    assert "1 taken along, 1 done with" in one.run("carry", shared).stdout
    one.run("carry", kita.stick)
    assert "came: 1 receipt (letter 1)" in shop.run("carry", kita.stick).stdout
    one.run("carry", kita.stick)
    one.run("carry", shared)
    two.run("carry", shared)
    two.run("carry", counter)
    # Both ways arrived, and word of it went back the same way: nothing is carried any more.
    assert [held(each) for each in (one, two)] == [0, 0]
    assert [lying(each) for each in (kita.stick, shared, counter)] == [[], [], []]


def test_a_courier_with_a_wallet_leaves_its_own_mail_alone(kita: Kita) -> None:
    amina = kita.someone("amina")
    amina.run("spool", "agree")
    for _ in range(2):
        amina.run("carry", kita.stick)
    assert held(amina) == 0
    kita.bank.run("carry", kita.stick)
    result = amina.run("carry", kita.stick)
    assert "came: 1 receipt (letter 1)" in result.stdout
    assert held(amina) == 0


def test_for_spool_carries_for_others_only(kita: Kita) -> None:
    amina = kita.someone("amina")
    assert "ledgerpost spool agree" in amina.run("carry", kita.stick, "--for", "spool", status=4).stderr
    amina.run("spool", "agree")
    rows = amina.items("carry", kita.stick, "--for", "spool")
    assert [row["kind"] for row in rows] == ["spool"]
    rows = amina.items("carry", kita.stick, "--for", "amina")
    assert [row["kind"] for row in rows] == ["wallet"]


def test_json_has_a_row_for_each_envelope(kita: Kita) -> None:
    shop, one = kita.someone("shop"), courier(kita, "one", "--envelopes", "1")
    other = kita.someone("other")
    shop.run("carry", kita.stick)
    other.run("carry", kita.stick)
    (row,) = one.items("carry", kita.stick)
    assert sorted((each["result"], each["why"]) for each in row["envelopes"]) == [
        ("left", "spool full"),
        ("taken-along", ""),
    ]
    (row,) = kita.bank.items("carry", kita.stick)
    assert [each["result"] for each in row["came"]] == ["done", "done"]
    assert len({each["file"] for each in row["came"]}) == 2


def test_spool_agree_changes_what_is_named_and_ends(kita: Kita) -> None:
    one = courier(kita, "one")
    assert one.items("spool", "agree", "--bytes", "2M", "--days", "7") == [
        {"kind": "agreement", "agreed": True, "bytes": str(2 << 20), "envelopes": "1000", "days": "7"}
    ]
    one.run("spool", "agree", "--envelopes", "12")
    assert Spool(one.home).agreement() == Agreement(2 << 20, 12, 7)
    assert "at most 2.0 MB, 12 envelopes, 7 days" in one.run("spool", "list").stdout
    one.run("spool", "agree", "--bytes", "2 cups", status=2)
    one.run("spool", "agree", "--end")
    assert "Takes along nothing for others." in one.run("spool", "list").stdout
    assert "no wallet or bank here" in one.run("carry", kita.stick, status=4).stderr


def test_an_agreement_bent_by_hand_is_named_and_made_anew(kita: Kita) -> None:
    one = courier(kita, "one")
    Spool(one.home).settings.write_text("bytes = 'many'")
    assert "spool.toml" in one.run("carry", kita.stick, status=2).stderr
    one.run("spool", "agree", "--days", "9")
    assert Spool(one.home).agreement() == Agreement(days=9)


def test_spool_lists_and_drops(kita: Kita) -> None:
    one = courier(kita, "one")
    for name in ("shop", "other", "third"):
        kita.someone(name).run("carry", kita.stick)
    one.run("carry", kita.stick)
    box = spell_fingerprint(kita.seat.fingerprint)
    listed = one.items("spool", "list")
    assert [each["recipient"] for each in listed[1:]] == [box] * 3
    assert all(int(each["until"]) > kita.now and int(each["size"]) > 300 for each in listed[1:])
    said = one.run("spool", "list").stdout
    assert "3 envelopes, 1." in said
    first = listed[1]["file"]
    assert "nothing is named" in one.run("spool", "drop", status=4).stderr
    assert "holds no 'zz'" in one.run("spool", "drop", "zz", "--yes", status=4).stderr
    assert one.run("spool", "drop", first[:12], person=["no"], status=3)
    assert held(one) == 3
    person = Person(["yes"])
    one.run("spool", "drop", first[:12], first, person=person)
    assert person.asked == ["Drop 2 envelopes, which somebody may be waiting for? [yes/no] "]
    assert held(one) == 2
    assert len(one.items("spool", "drop", box, "--yes")) == 2
    assert held(one) == 0
    one.run("spool", "drop", "--all")
    one.run("carry", kita.stick)
    assert held(one) == 3  # it still lies there
    one.run("spool", "drop", "--all", "--yes")
    assert held(one) == 0


def test_an_unclear_beginning_is_asked_back(kita: Kita) -> None:
    one = courier(kita, "one")
    for number in range(17):  # two of them begin with the same digit
        kita.someone(f"shop{number}").run("carry", kita.stick)
    one.run("carry", kita.stick)
    letters = [each.file[0] for each in Spool(one.home).held()]
    twice = next(each for each in letters if letters.count(each) > 1)
    assert "files begin so" in one.run("spool", "drop", twice, "--yes", status=2).stderr


def test_the_bank_s_computer_may_carry_for_others_too(kita: Kita) -> None:
    """A clerk who agreed takes mail for another bank along, from the desk."""
    kita.bank.run("spool", "agree")
    shop = kita.someone("shop")
    shop.run("carry", kita.stick)
    elsewhere = kita.shell("elsewhere")
    elsewhere.run("bank", "found", "other", "--no-passphrase", "--paper", kita.folder / "paper.txt")
    elsewhere.run("bank", "card", "-o", kita.folder / "other.lpe")
    shop.run("open", kita.folder / "other.lpe", "--name", "Shop", "--yes")
    shop.run("carry", kita.stick)
    result = kita.bank.run("bank", "desk", kita.stick, "--once")
    assert "1 envelope from 1 party" in result.stdout
    assert "for others: 1 taken along" in result.stdout
    assert result.stdout.endswith("Written and read back. You may unplug the stick.\n")
    road = place(kita, "road")
    kita.bank.run("bank", "desk", road, "--once")
    assert "1 envelope from 1 party" in elsewhere.run("carry", road).stdout


def test_the_desk_finds_sticks_by_itself(kita: Kita, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = kita.someone("shop")
    other = place(kita, "other")
    for each in (kita.stick, other):
        shop.run("carry", each)
    plugged(monkeypatch, kita.stick, other)
    result = kita.bank.run("bank", "desk", person=["", "q"])
    assert result.stdout.count("1 envelope from 1 party") == 2
    assert "repeated (same answer again) 1" in result.stdout
    plugged(monkeypatch)
    result = kita.bank.run("bank", "desk", person=["", "q"], status=1)
    assert "no stick with mail is plugged in" in result.stderr
    assert "The desk is closed." in result.stdout


def test_a_bent_agreement_does_not_close_the_desk(kita: Kita) -> None:
    kita.someone("shop").run("carry", kita.stick)
    kita.bank.run("spool", "agree")
    Spool(kita.bank.home).settings.write_text("bytes = 'many'")
    result = kita.bank.run("bank", "desk", kita.stick, person=["", "", "q"], status=1)
    assert "1 envelope from 1 party" in result.stdout
    assert result.stderr.count("spool.toml") == 2
    assert "The desk is closed." in result.stdout


# --- idempotent


def test_an_old_stick_found_in_a_drawer_does_no_harm(kita: Kita) -> None:
    shop, one = kita.someone("shop"), courier(kita, "one")
    shop.run("carry", kita.stick)
    one.run("carry", kita.stick)
    kita.bank.run("carry", kita.stick)
    drawer = kita.folder / "drawer"
    shutil.copytree(kita.stick, drawer)  # with the answer on it, and the courier's mark
    kita.round(shop)
    before = shop.items("statement")[0]["balances"], len(shop.items("chequebook"))
    for each in (shop, one, kita.bank):
        each.now = kita.now + 400 * DAY
    kita.bank.run("carry", drawer, "--clock-is-right")
    assert "1 known before" in shop.run("carry", drawer).stdout
    result = one.run("carry", drawer)
    assert held(one) <= 1  # what the shop wrote just now
    kita.bank.run("carry", drawer, "--clock-is-right")
    shop.run("carry", drawer)
    assert (shop.items("statement")[0]["balances"], len(shop.items("chequebook"))) == before
    assert "Written and read back." in result.stdout


def test_home_is_left_private(kita: Kita) -> None:
    one = courier(kita, "one")
    kita.someone("shop").run("carry", kita.stick)
    one.run("carry", kita.stick)
    modes = {each.stat().st_mode & 0o077 for each in Home(one.home).root.rglob("*")}
    assert modes == {0}


def test_show_explains_a_word_of_delivery_and_what_is_wrong_with_one(kita: Kita) -> None:
    one, shop = courier(kita, "one"), kita.someone("shop")
    one.run("carry", kita.stick)
    shop.run("carry", kita.stick)
    kita.bank.run("carry", kita.stick)
    files = lying(kita.stick, COURIERS)
    said = [shop.run("show", each).stdout for each in files]
    (word,) = (text for text in said if "that mail arrived" in text)
    assert "arrived: " in word
    assert "good  signed by" in word
    assert sum("nothing is in it" in text for text in said) == 1
    file = files[said.index(word)]
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert "NOT GOOD: the signature does not verify" in shop.run("show", file, status=3).stdout

"""Case files, from the shell: a wallet's, a bank's, and those that either writes when the other contradicts itself.

Each holds what the matter needs and nothing else, and is enough for the judge.
"""

import shutil
from pathlib import Path

import pytest

from ledgerpost.bank.keys import INSTRUMENTS
from ledgerpost.bank.witness import Proof
from ledgerpost.cli.talk import Talk
from ledgerpost.desk import cases
from ledgerpost.desk.home import WALLETS, Home
from ledgerpost.desk.office import opened as opened_office
from ledgerpost.desk.purse import opened as opened_purse
from ledgerpost.envelope import unpack
from ledgerpost.errors import PlaceError
from ledgerpost.papers.instrument import identity_of_body, is_instrument, read_instrument
from ledgerpost.papers.notice import Notice
from ledgerpost.sealed import is_message, read
from ledgerpost.spelling import group_fingerprint, spell_fingerprint
from ledgerpost.statement import is_statement
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import Account
from shell import Shell
from test_cli_paper import NAMES, Town, fingerprint, numbers
from test_cli_paper import built as built
from test_cli_paper import town as town


def inside(file: Path) -> tuple[bytes, ...]:
    """What lies in a case file; every one is an open envelope."""
    return unpack(file.read_bytes()).messages


def kinds(file: Path) -> list[str]:
    """What each document is, sorted."""
    found = []
    for raw in inside(file):
        kind = "statement" if is_statement(raw) else "instrument"
        found.append(read(raw).type if is_message(raw) else kind)
    return sorted(found)


def notices(file: Path) -> list[tuple[int, str]]:
    papers = (read(raw) for raw in inside(file) if is_message(raw))
    found = (Notice.read(claim.body) for claim in papers if claim.type == "notice")
    return sorted((each.notice, each.kind) for each in found)


def account(shell: Shell) -> Account:
    with opened_purse(Home(shell.home).seats(WALLETS)[0]) as purse:
        return purse.accounts()[0]


def judged(town: Town, *files: Path) -> list[tuple[str, str, str | None]]:
    """Debtor, rule and amount of each finding, by a stranger's judgement."""
    stranger = town.kita.shell("stranger")
    stranger.now = town.kita.now
    result = stranger.json("judge", *files, status=_status(stranger, *files))
    names = {fingerprint(getattr(town, name)): name for name in NAMES}
    names[spell_fingerprint(town.kita.seat.fingerprint)] = "bank"
    found = [each for each in result["items"] if each["kind"] == "finding"]
    return sorted((names[each["debtor"]], each["rule"], each["text"]) for each in found)


def _status(stranger: Shell, *files: Path) -> int:
    from click.testing import CliRunner

    from ledgerpost.cli.main import cli

    return CliRunner().invoke(cli, ["judge", *map(str, files), "--now", str(stranger.now)]).exit_code


# --- case ITEM


def test_a_refused_cheque(town: Town) -> None:
    """Its holder's file raises the claim, the drawer's decides it."""
    _, number = town.bounced()
    mine, his = town.file("dina-case.lpe"), town.file("bo-case.lpe")
    (item,) = town.dina.items("case", number, "-o", mine)
    assert (item["number"], item["state"], item["owner"]) == (number, "refused", fingerprint(town.bo))
    assert int(item["documents"]) == len(inside(mine))
    # her card and Bo's, as he gave it to her
    assert kinds(mine).count("card") == 2
    assert {"bankcard", "contract", "instrument", "letter", "receipt", "terms"} <= set(kinds(mine))
    assert judged(town, mine) == []
    said = town.bo.run("case", number, "-o", his).stdout
    assert f"nothing was signed here under your number {number}" in said
    assert "instrument" not in kinds(his)
    assert judged(town, mine, his) == [("bo", "C2", "40.00")]


def test_the_drawers_side_has_its_notices_on_the_number_and_no_others(town: Town) -> None:
    _, number = town.bounced()
    town.amina.run("spend", "Bo", "7", "grain", "--yes")
    town.trip(town.amina, town.bo)  # he hears of the bounce, and of a spend that is nobody's business
    file = town.file("case.lpe")
    bounced = next(each for each in account(town.bo).waiting if each.kind == "chequebounced")
    (item,) = town.bo.items("case", f"notice:{bounced.notice}", "-o", file)
    assert (item["kind"], item["number"], item["owner"]) == ("notice", number, fingerprint(town.bo))
    assert [kind for _, kind in notices(file)] == ["chequebounced"]
    waiting = {each.kind for each in account(town.bo).waiting}
    assert "receipt" in waiting
    assert "letter" in kinds(file)


def test_a_held_cheque_is_itself_and_says_nothing_of_the_balance(town: Town) -> None:
    town.dina.run("take", town.draw("Dina", "1", "a.lpe"), town.draw("Dina", "2", "b.lpe"), "--hold")
    number, other = sorted(numbers(town.dina, "held", "cheque"))
    file = town.file("case.lpe")
    assert "open:" not in town.dina.run("case", number, "-o", file).stderr
    assert kinds(file) == ["bankcard", "card", "card", "contract", "instrument"]
    (cheque,) = [raw for raw in inside(file) if is_instrument(raw)]
    assert (town.dina.items("case", other, "-o", town.file("other.lpe"))[0]["state"]) == "held"
    assert cheque not in inside(town.file("other.lpe"))


def test_an_open_cheque_is_as_good_as_cash_in_a_case_too(town: Town) -> None:
    town.dina.run("take", town.draw("anyone", "1", "a.lpe"), "--hold")
    (number,) = numbers(town.dina, "held", "cheque")
    assert "whoever has this file can present it" in town.dina.run("case", number).stderr
    town.bo.run("case", number, "-o", town.file("bo-case.lpe"))
    assert "cheque" not in kinds(town.file("bo-case.lpe"))  # his side never shows what would pay its finder


def test_a_paid_cheque(town: Town) -> None:
    town.dina.run("take", town.draw("Dina", "3", "a.lpe"))
    (number,) = numbers(town.bo, "drawn", "cheque")
    town.trip(town.dina, town.bo)
    file, his = town.file("case.lpe"), town.file("bo-case.lpe")
    result = town.dina.run("case", number, "-o", file)
    assert "It was paid." in result.stderr
    assert "receipt" in kinds(file)
    town.bo.run("case", number, "-o", his)
    assert [kind for _, kind in notices(his)] == ["chequecleared"]
    assert judged(town, file, his) == []
    # once another receipt stands in its place, hers no longer bears on the cheque
    town.bo.run("spend", "Dina", "1", "grain", "--yes")
    town.trip(town.bo, town.dina)
    town.dina.run("accept", "--all", "--yes")
    town.trip(town.dina)
    town.trip(town.dina)
    town.dina.run("case", number, "-o", town.file("later.lpe"))
    assert "receipt" not in kinds(town.file("later.lpe"))


def test_a_spend_from_both_sides(town: Town) -> None:
    town.bo.run("spend", "Dina", "4", "grain", "--yes", "--comment", "rice")
    town.bo.run("spend", "Amina", "5", "grain", "--yes")
    town.trip(town.bo, town.dina)
    rows = town.bo.items("status")[0]["outstanding"]
    number = next(each["number"] for each in rows if each["text"] == "4.00")
    file, hers = town.file("bo-case.lpe"), town.file("dina-case.lpe")
    (item,) = town.bo.items("case", number, "-o", file)
    assert (item["kind"], item["text"]) == ("spendto", "4.00")
    assert kinds(file).count("spendto") == 1
    (waits,) = town.dina.items("status")[0]["incoming"]
    (item,) = town.dina.items("case", f"notice:{waits['notice']}", "-o", hers)
    assert (item["kind"], item["notice"], item["number"]) == ("notice", waits["notice"], number)
    assert notices(hers) == [(int(waits["notice"]), "receipt")]
    assert "receipt" in kinds(hers)  # which lists it
    assert judged(town, file, hers) == []


def test_the_account_as_a_whole(town: Town) -> None:
    town.bo.run("spend", "Dina", "4", "grain", "--yes")
    town.bo.run("carry", town.kita.stick)
    (item,) = town.bo.items("case", "account")
    file = Path(item["file"])
    assert (item["kind"], file.name) == ("account", "case-account-bo.lpe")
    held = account(town.bo)
    assert {held.receipt, *held.parts.values(), *held.letters, *held.notices.values()} <= set(inside(file))
    assert {"bankcard", "card", "contract", "terms"} <= set(kinds(file))
    assert judged(town, file) == []


def test_which_one_is_meant(town: Town) -> None:
    """Two drawers may have one number: then it takes the digest, and refused ones come first."""
    town.amina.run("draw", "Dina", "1", "grain", "-o", town.file("a.lpe"), "--yes")
    town.dina.run("take", town.file("a.lpe"), town.draw("Dina", "2", "b.lpe"), "--hold")
    one, two = (town.dina.items("show", town.file(name))[0] for name in ("a.lpe", "b.lpe"))
    assert one["kind"] == two["kind"] == "cheque"
    by = {each["drawer"]: each for each in town.dina.items("status")[0]["instruments"]}
    first, second = by[fingerprint(town.amina)], by[fingerprint(town.bo)]
    if first["number"] == second["number"]:
        error = town.dina.run("case", first["number"], status=2).stderr
        assert first["digest"][:8] in error
        assert second["digest"][:8] in error
    (item,) = town.dina.items("case", second["digest"][:8], "-o", town.file("c.lpe"))
    assert item["digest"] == second["digest"]
    town.dina.run("case", "notice:7", status=4)
    town.dina.run("case", first["digest"][:7] + "x", status=4)
    for nothing in ("999", "x", "0", "９"):
        town.dina.run("case", nothing, status=4)


def test_nothing_is_overwritten(town: Town) -> None:
    town.dina.run("take", town.draw("Dina", "1", "a.lpe"), "--hold")
    (number,) = numbers(town.dina, "held", "cheque")
    file = town.file("case.lpe")
    file.write_text("mine")
    town.dina.run("case", number, "-o", file, status=7)
    assert file.read_text() == "mine"
    town.dina.run("case", number, "-o", town.file("no") / "case.lpe", status=4)


def test_a_case_of_more_than_one_envelope(town: Town) -> None:
    from ledgerpost.cli.casefiles import write_case

    raws = tuple(bytes([at]) * 900_000 for at in range(3))
    files = write_case(Talk(), town.file("big.lpe"), raws)
    assert [each.name for each in files] == ["big.lpe", "big-2.lpe"]
    assert tuple(raw for file in files for raw in inside(file)) == raws


# --- what a wallet writes by itself (L10)


def test_the_case_of_a_contradiction_is_enough_for_the_judge(town: Town) -> None:
    """The bank is set back to the day before and answers anew; nothing but the wallet's own file is needed."""
    yesterday = town.file("yesterday")
    shutil.copytree(town.kita.bank.home, yesterday)
    town.dina.run("chequebook", "5")
    town.dina.run("carry", town.kita.stick)
    letter = town.file("letter")
    shutil.copytree(town.kita.stick, letter)
    town.kita.bank.run("carry", town.kita.stick)
    town.dina.run("carry", town.kita.stick)
    again = Shell(yesterday, town.kita.patch, town.kita.now + 7200)
    again.run("carry", letter)
    assert "two receipts" in town.dina.run("carry", letter, status=8).stderr
    (file,) = (town.dina.home / "wallets" / "dina" / "cases").iterdir()
    assert {"bankcard", "card", "letter", "receipt", "terms"} <= set(kinds(file))
    assert kinds(file).count("receipt") == 2
    assert ("bank", "L11", None) in judged(town, file)
    whole = inside(file)
    assert whole[0] == account(town.dina).card


# --- bank case


def test_what_the_bank_holds_of_a_party(town: Town) -> None:
    _, number = town.bounced()
    file = town.file("bank-case.lpe")
    before = _records(town)
    (item,) = town.kita.bank.items("bank", "case", "bo", "-o", file)
    assert (item["party"], item["name"]) == (fingerprint(town.bo), "Bo")
    assert _records(town) == before
    assert {"bankcard", "createaccount", "contract", "letter", "receipt", "terms"} <= set(kinds(file))
    assert [kind for _, kind in notices(file)] == ["chequebounced"]
    mine = town.file("dina-case.lpe")
    town.dina.run("case", number, "-o", mine)
    assert judged(town, mine, file) == [("bo", "C2", "40.00")]  # the bank's file decides as well as Bo's


def _records(town: Town) -> dict[bytes, bytes]:
    with opened_office(town.kita.seat_here) as office:  # type: ignore[attr-defined]
        return dict(office.snapshot())


@pytest.fixture(autouse=True)
def seat_here(town: Town) -> None:
    """The copied bank's seat, not that of the town it was copied from."""
    town.kita.seat_here = Home(town.kita.bank.home).seat("banks", "kita")  # type: ignore[attr-defined]


def test_what_was_presented_under_its_numbers(town: Town) -> None:
    town.dina.run("take", town.draw("Dina", "3", "a.lpe"))
    town.trip(town.dina)
    file, hers = town.file("bo.lpec"), town.file("dina.lpec")
    town.kita.bank.run("bank", "case", fingerprint(town.bo), "-o", file)
    (paid,) = [raw for raw in inside(file) if is_instrument(raw)]
    drawn = read_instrument(inside(town.file("a.lpe"))[0])
    assert identity_of_body(read_instrument(paid).body) == identity_of_body(drawn.body)
    assert [kind for _, kind in notices(file)] == ["chequecleared"]
    town.kita.bank.run("bank", "case", fingerprint(town.dina), "-o", hers)
    assert paid not in inside(hers)
    assert any(key.startswith(INSTRUMENTS) for key in _records(town))


def test_which_party_is_meant(town: Town) -> None:
    bank = town.kita.bank
    for typed in (fingerprint(town.bo), group_fingerprint(_raw(town.bo)), town.file("bo.lpe"), "BO"):
        (item,) = bank.items("bank", "case", typed, "-o", town.file(f"{len(str(typed))}-{typed == 'BO'}.case"))
        assert item["party"] == fingerprint(town.bo)
    assert "nobody opened an account" in bank.run("bank", "case", "Nobody", status=4).stderr
    stranger = spell_fingerprint(Fingerprint(bytes(20)))
    assert "no account here" in bank.run("bank", "case", stranger, status=4).stderr
    bank.run("bank", "case", stranger[:-1], status=2)


def _raw(shell: Shell) -> Fingerprint:
    return Home(shell.home).seats(WALLETS)[0].fingerprint


def test_two_parties_of_one_name(town: Town) -> None:
    other = town.kita.shell("second")
    other.now = town.kita.now
    other.run("open", town.kita.card, "--name", "Bo", "--yes", "--no-passphrase")
    town.trip(other)
    error = town.kita.bank.run("bank", "case", "Bo", status=2).stderr
    assert fingerprint(town.bo) in error
    assert fingerprint(other) in error


# --- what a bank writes by itself (L10)


def kept(town: Town) -> list[Path]:
    folder = town.kita.bank.home / "banks" / "kita" / "cases"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_one_number_to_two_is_kept_by_the_bank(town: Town) -> None:
    cheat = town.copied(town.bo, "bo-copy")
    town.amina.run("take", town.draw("Amina", "3", "one.lpe"))
    town.dina.run("take", town.draw("Dina", "3", "two.lpe", by=cheat))
    town.trip(town.amina)
    assert kept(town) == []
    town.trip(town.dina, bank=8)
    (file,) = kept(town)
    assert file.name.startswith(fingerprint(town.bo))
    assert kinds(file) == ["bankcard", "createaccount", "instrument", "instrument"]
    assert judged(town, file) == [("bo", "C3", None)]
    before = file.read_bytes()
    (number,) = numbers(town.dina, "refused", "cheque")
    town.dina.run("redeem", number)
    town.trip(town.dina, bank=8)  # presented again: the same matter, and the same file
    assert [each.read_bytes() for each in kept(town)] == [before]


def test_the_bank_says_what_it_found_and_goes_on(town: Town) -> None:
    cheat = town.copied(town.bo, "bo-copy")
    town.amina.run("take", town.draw("Amina", "3", "one.lpe"))
    town.dina.run("take", town.draw("Dina", "3", "two.lpe", by=cheat))
    town.trip(town.amina)
    town.dina.run("carry", town.kita.stick)
    document = town.kita.bank.json("carry", town.kita.stick, status=8)
    assert document["error"]["code"] == "cheating"
    assert "was signed to two" in document["error"]["what"]
    assert str(kept(town)[0]) in document["error"]["do"]
    (row,) = document["items"]
    assert {each["result"] for each in row["came"]} == {"done"}
    assert row["orders"]["refused"] == "1"


@pytest.mark.parametrize("policy", ["refuse", "recover", "lien"])
def test_an_endorsement_to_two_is_kept_by_the_bank(town: Town, policy: str) -> None:
    town.kita.seat = Home(town.kita.bank.home).seat("banks", "kita")
    if policy != "refuse":
        town.kita.now += 60
        town.kita.write_card(second=policy)
        for shell in (town.amina, town.dina):
            town.trip(shell)
            town.trip(shell)
    number = town.bought()
    town.amina.run("endorse", number, "Bo", "--yes", "-o", town.file("1.lpe"))
    town.bo.run("take", town.file("1.lpe"), "--hold")
    cheat = town.copied(town.bo, "bo-copy")
    town.bo.run("endorse", number, "Dina", "--yes", "-o", town.file("2.lpe"))
    cheat.run("endorse", number, "Amina", "--yes", "-o", town.file("3.lpe"))
    town.dina.run("take", town.file("2.lpe"))
    town.amina.run("take", town.file("3.lpe"))
    town.trip(town.dina)
    assert kept(town) == []
    town.trip(town.amina, bank=8)
    (file,) = kept(town)
    assert judged(town, file) == [("bo", "B5", None)]


def test_two_presenters_of_an_open_cheque_did_nothing_wrong(town: Town) -> None:
    cheque = town.draw("anyone", "2", "open.lpe")
    for shell in (town.amina, town.dina):
        shell.run("take", cheque)
    town.trip(town.amina, town.dina)
    assert len(numbers(town.dina, "refused", "cheque")) == 1
    assert kept(town) == []


def test_a_letter_under_a_used_sequence(town: Town) -> None:
    """A copy of the wallet writes another letter 5: answered as L6 says. It may be an old backup: it proves nothing."""
    cheat = town.copied(town.bo, "bo-copy")
    town.bo.run("spend", "Amina", "1", "grain", "--yes")
    town.trip(town.bo)
    cheat.run("spend", "Dina", "2", "grain", "--yes")
    cheat.run("carry", town.kita.stick)
    assert "repeated (same answer again) 1" in town.kita.bank.run("carry", town.kita.stick).stdout
    assert kept(town) == []


def test_a_restored_wallet_is_no_cheat(town: Town) -> None:
    """Its empty letters under used sequences are as the rules want them (L9)."""
    backup = town.file("dina.lpbackup")
    town.dina.run("wallet", "backup", backup)
    town.bo.run("spend", "Dina", "2", "grain", "--yes")
    town.trip(town.bo, town.dina)
    town.dina.run("accept", "--all", "--yes")
    town.trip(town.dina)
    again = town.kita.shell("again")
    again.now = town.kita.now
    again.run("wallet", "restore", backup)
    town.trip(again)
    town.trip(again)
    assert kept(town) == []


def test_a_letter_that_has_seen_another_statement(town: Town) -> None:
    """A copy of the bank paid Dina from Bo's account and so refused him; to this bank he shows what he has seen."""
    fork, stick = town.file("fork"), town.file("fork-stick")
    shutil.copytree(town.kita.bank.home, fork)
    stick.mkdir()
    copy = Shell(fork, town.kita.patch, town.kita.now + 3600)
    town.dina.run("take", town.draw("Dina", "40", "a.lpe", by=town.copied(town.bo, "bo-copy")))
    town.dina.run("carry", stick)
    copy.run("carry", stick)
    town.bo.run("spend", "Amina", "45", "grain", "--yes")
    town.bo.run("carry", stick)
    mail = next((stick / "ledgerpost").glob(f"{spell_fingerprint(town.kita.seat.fingerprint)}/*.lpe"))
    box = town.kita.stick / "ledgerpost" / mail.parent.name
    box.mkdir(parents=True, exist_ok=True)
    shutil.copy(mail, box)
    copy.run("carry", stick)
    town.kita.bank.run("carry", town.kita.stick)
    shutil.rmtree(town.kita.stick / "ledgerpost" / fingerprint(town.bo))  # that answer never reaches him
    town.bo.run("carry", stick)
    town.bo.run("chequebook", "5")
    town.bo.run("carry", town.kita.stick)
    town.kita.bank.now = town.kita.now + 7200
    assert "has seen another statement" in town.kita.bank.run("carry", town.kita.stick, status=8).stderr
    (file,) = kept(town)
    assert file.name.startswith(fingerprint(town.bo))
    assert judged(town, file) == []
    # with what Bo holds of the other, the bank that signed both is convicted
    town.bo.run("case", "account", "-o", town.file("bo-case.lpe"))
    assert ("bank", "L11", None) in judged(town, file, town.file("bo-case.lpe"))


def test_what_was_proven_is_not_lost_with_the_batch(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full when the answer is to be kept: the next run finds the proof again, and keeps it once."""
    cheat = town.copied(town.bo, "bo-copy")
    town.amina.run("take", town.draw("Amina", "3", "one.lpe"))
    town.dina.run("take", town.draw("Dina", "3", "two.lpe", by=cheat))
    town.trip(town.amina)
    town.dina.run("carry", town.kita.stick)

    def full(*_: object) -> None:
        raise PlaceError("no space is left")

    with monkeypatch.context() as patch:
        patch.setattr("ledgerpost.store.lmdb.LmdbStore._write", full)
        town.kita.bank.run("carry", town.kita.stick, status=7)
    (file,) = kept(town)
    before = file.read_bytes()
    town.kita.bank.run("carry", town.kita.stick, status=8)
    assert [each.read_bytes() for each in kept(town)] == [before]


def test_what_was_written_before_a_restore_may_come_late(town: Town) -> None:
    """A letter of the older life, under a sequence that the restored wallet's empty letter has used up (L9)."""
    backup = town.file("bo.lpbackup")
    town.bo.run("wallet", "backup", backup)
    town.bo.run("spend", "Dina", "2", "grain", "--yes")
    late = town.file("late-stick")
    late.mkdir()
    town.bo.run("carry", late)
    again = town.kita.shell("again")
    again.now = town.kita.now
    again.run("wallet", "restore", backup)
    town.trip(again)
    assert "repeated" in town.kita.bank.run("carry", late).stdout
    assert kept(town) == []


# --- how much a bank keeps


def matter(matter: int) -> Digest:
    return Digest(matter.to_bytes(8, "big") + bytes(24))


def test_one_party_can_fill_no_disk(tmp_path: Path) -> None:
    for at in range(cases.MOST_OF_ONE + 5):
        cases.keep_proof(tmp_path, Proof("w", Fingerprint(bytes(20)), matter(at), ()), (b"x",))
    assert len(list((tmp_path / "cases").iterdir())) == cases.MOST_OF_ONE
    late = Proof("w", Fingerprint(bytes(20)), matter(999), ())
    error = cases.cheating([late], tmp_path)
    assert error is not None
    assert "not kept" in error.do
    other = Proof("w", Fingerprint(bytes([1]) * 20), matter(0), ())
    cases.keep_proof(tmp_path, other, (b"x",))
    assert cases.file_of(tmp_path, other) is not None


def test_all_parties_together_can_fill_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "MOST", 3)
    for at in range(5):
        cases.keep_proof(tmp_path, Proof("w", Fingerprint(bytes([at]) * 20), matter(0), ()), (b"x",))
    assert len(list((tmp_path / "cases").iterdir())) == 3


def test_nothing_proven_is_nothing_said(tmp_path: Path) -> None:
    assert cases.cheating((), tmp_path) is None

"""The commands of those who have a wallet, over real folders: from the bank's card to money that moved."""

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from ledgerpost.desk.home import WALLETS, Home
from ledgerpost.desk.purse import Purse
from ledgerpost.desk.purse import opened as opened_purse
from ledgerpost.envelope import pack, unpack
from ledgerpost.papers.terms import Fee
from ledgerpost.sealed import Signer
from ledgerpost.spelling import group_fingerprint, spell_fingerprint
from shell import Kita, Person, Shell
from shell import kita as kita
from town import contract_text, seed_of

DAY = 86400


def fingerprint(shell: Shell) -> str:
    return spell_fingerprint(Home(shell.home).seats(WALLETS)[0].fingerprint)


def befriend(shell: Shell, *others: Shell) -> None:
    """Keep the others' cards, by first names in small letters."""
    for other in others:
        file = other.home.parent / f"{other.home.name}.lpe"
        if not file.exists():
            other.run("card", "-o", file)
        shell.run("contact", "name", file, other.home.name)


@pytest.fixture
def amina(kita: Kita) -> Shell:
    """She has an account, and issues grain."""
    shell = kita.someone("amina")
    shell.run("issue", kita.grain, "--yes")
    kita.round(shell)
    return shell


@pytest.fixture
def bo(kita: Kita, amina: Shell) -> Shell:
    """He has an account and 50.00 grain."""
    shell = kita.someone("bo")
    kita.round(shell)
    befriend(amina, shell)
    befriend(shell, amina)
    amina.run("spend", "bo", "50", "grain", "--yes")
    kita.round(amina, shell)
    shell.run("accept", "1", "--yes")
    kita.round(shell, amina)
    assert balance(shell) == "50.00"
    return shell


def account(shell: Shell) -> dict[str, Any]:
    return shell.items("status")[0]


def balance(shell: Shell) -> str:
    rows = account(shell)["balances"]
    return str(rows[0]["text"]) if rows else "0"


# --- open


def test_open_makes_wallet_and_key(kita: Kita) -> None:
    amina = kita.shell("amina")
    paper = kita.folder / "paper.txt"
    result = amina.run("open", kita.card, "--name", "Amina Diallo", "--yes", "--no-passphrase", "--paper", paper)
    assert "Village Bank of Kita" in result.stdout
    assert group_fingerprint(kita.seat.fingerprint) in result.stdout
    assert "Queued: open account (free), 20 numbers." in result.stdout
    assert "Not on paper" not in result.stderr
    assert "24 words" in result.stdout
    assert stat.S_IMODE(paper.stat().st_mode) == 0o600


def test_everything_is_private(amina: Shell) -> None:
    for path in (amina.home, *amina.home.rglob("*")):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_open_twice_is_done_before(kita: Kita, amina: Shell) -> None:
    assert "already" in amina.run("open", kita.card, "--yes").stdout
    assert amina.items("open", kita.card, "--yes")[0]["result"] == "there"
    amina.run("open", kita.card, "--yes", "--paper", kita.folder / "p", status=2)


def test_open_dropped_and_asked_again(kita: Kita) -> None:
    amina = kita.someone("amina")
    amina.run("cancel", "--queued", "1", "--yes")
    assert account(amina)["queued"] == []
    amina.run("open", kita.card, "--yes")
    kita.round(amina)
    assert account(amina)["agreed"]


def test_open_wants_a_bank_card(kita: Kita, amina: Shell) -> None:
    file = kita.folder / "amina.lpe"
    amina.run("card", "-o", file)
    assert "no bank's card" in amina.run("open", file, "--yes", status=4).stderr
    (kita.folder / "junk").write_bytes(b"junk")
    result = amina.run("open", kita.folder / "junk", "--yes", status=1)
    assert f"file: {kita.folder / 'junk'}" in result.stderr


@pytest.mark.parametrize("name", ["", "   ", "é" * 33])
def test_open_wants_a_name_for_the_card(kita: Kita, name: str) -> None:
    kita.shell("amina").run("open", kita.card, "--name", name, "--yes", "--no-passphrase", status=2)


def test_opening_for_a_fee_with_a_slip(kita: Kita, amina: Shell) -> None:
    """Amina's grain becomes what the bank charges in."""
    with opened_purse(Home(amina.home).seat(WALLETS, None)) as purse:
        grain = next(iter(purse.assets()))
    kita.now += 3600
    kita.write_card(token=grain, fees=(Fee("createaccount", 300),))
    bo = kita.shell("bo")
    result = bo.run("open", kita.card, "--name", "Bo", "--yes", "--no-passphrase", status=3)
    assert "3.00 grain" in result.stderr
    assert group_fingerprint(Home(bo.home).seats(WALLETS)[0].fingerprint) in result.stderr
    assert "has no account" in bo.run("statement", status=4).stderr
    assert fingerprint(bo) == bo.items("card")[0]["fingerprint"]
    bo.run("card", "-o", kita.folder / "no", status=2)

    amina.run("spend", fingerprint(bo), "10", "grain", "--yes")
    amina.run("spend", "--slip", "1", "-o", kita.folder / "early.lpe", status=4)
    amina.run("carry", kita.stick)
    gift = kita.folder / "gift.lpe"
    amina.run("spend", "--slip", "1", status=2)
    amina.run("spend", "--slip", "1", "-o", gift)
    assert "3.00 grain for createaccount" in bo.run("show", kita.card).stdout
    assert "pay you" in bo.run("show", gift).stdout
    other = kita.shell("other")
    opening = ("open", kita.card, "--with", gift, "--name", "X", "--yes")
    assert "pays somebody else" in other.run(*opening, "--no-passphrase", status=3).stderr
    kita.bank.run("carry", kita.stick)
    assert "Taking in 10.00 grain" in bo.run("open", kita.card, "--with", gift, "--name", "Bo", "--yes").stdout
    kita.round(bo)
    assert balance(bo) == "7.00"
    assert "charges 3.00 grain" in kita.shell("third").run("open", kita.card, "--no-input", status=2).stdout
    amina.run("carry", kita.stick)  # brings the new terms, not a new card
    assert "older terms" in amina.run("spend", "--slip", "1", "-o", kita.folder / "again.lpe").stderr


def test_a_slip_is_of_a_spend_and_of_no_cheque(kita: Kita, amina: Shell, bo: Shell) -> None:
    cheque = kita.folder / "cheque.lpe"
    (drawn,) = bo.items("draw", "amina", "1", "grain", "--yes", "-o", cheque)
    slip = ("spend", "--slip", str(drawn["number"]), "-o", kita.folder / "slip.lpe")
    assert "spend that was written in a letter" in bo.run(*slip, status=4).stderr


# --- spend, accept, deny, cancel


def test_a_spend_shows_whom_it_pays_in_full(amina: Shell, bo: Shell) -> None:
    person = Person(["no"])
    result = bo.run("spend", "amina", "12.50", "grain", "--comment", "for seed", person=person, status=3)
    assert "Pay amina 12.50 grain at Village Bank of Kita, to be accepted by " in result.stdout
    assert group_fingerprint(Home(amina.home).seats(WALLETS)[0].fingerprint) in result.stdout
    assert person.asked == ["Pay this? [yes/no] "]
    assert account(bo)["queued"] == []


def test_a_spend_goes_to_and_fro(kita: Kita, amina: Shell, bo: Shell) -> None:
    bo.run("spend", "amina", "12.50", "grain", "--comment", "for \x1b[31mseed\u202e", "--until", "10d", "--yes")
    kita.round(bo)
    row = account(bo)
    assert row["outstanding"][0]["text"] == "12.50"
    assert row["outstanding"][0]["payee"] == fingerprint(amina)
    kita.round(amina)
    text = amina.run("status").stdout
    assert "12.50 grain from bo" in text
    assert '"for [31mseed"' in text
    assert "ledgerpost accept 2" in text or "ledgerpost accept 1" in text
    item = account(amina)["incoming"][0]
    amina.run("accept", item["item"], "--yes")
    assert "Queued before" in amina.run("accept", item["item"], "--yes").stdout
    assert "cancel --queued" in amina.run("deny", item["item"], "--yes", status=3).stderr
    kita.round(amina)
    kita.round(bo)
    assert account(bo)["outstanding"] == []
    assert balance(bo) == "37.50"


def test_a_spend_denied_comes_back(kita: Kita, amina: Shell, bo: Shell) -> None:
    bo.run("spend", "amina", "1", "grain", "--yes")
    kita.round(bo)
    kita.round(amina)
    amina.run("deny", "--all", "--comment", "not mine", "--yes")
    kita.round(amina)
    kita.round(bo)
    assert balance(bo) == "50.00"
    assert "Nothing waits." in amina.run("accept", "--all", "--yes").stdout


def test_a_spend_taken_back(kita: Kita, amina: Shell, bo: Shell) -> None:
    bo.run("spend", "amina", "1", "grain", "--yes")
    bo.run("cancel", "1", "--yes", status=4)  # not in a letter yet
    kita.round(bo)
    bo.run("cancel", "1", "--yes")
    assert "Queued before" in bo.run("cancel", "1", "--yes").stdout
    for shell in (bo, kita.bank, bo):
        shell.run("carry", kita.stick)
    assert balance(bo) == "50.00"
    text = bo.run("statement").stdout
    assert "take back spend 1 of 1.00 grain" in text


def test_queued_things_are_dropped_by_their_number(bo: Shell) -> None:
    bo.run("spend", "amina", "1", "grain", "--yes")
    number = account(bo)["queued"][0]["id"]
    assert "Dropped: pay amina" in bo.run("cancel", "--queued", number, "--yes").stdout
    assert bo.json("cancel", "--queued", number, "--yes", status=4)["error"]["code"] == "not-found"


@pytest.mark.parametrize(
    ("args", "status", "says"),
    [
        (["nobody", "1", "grain"], 4, "there is no contact 'nobody'"),
        (["amina", "1,5", "grain"], 2, "comma"),
        (["amina", "1", "gold"], 4, "known here: grain"),
        (["amina", "50.01", "grain"], 3, "you have 50.00 grain to spend"),
        (["amina", "1", "grain", "--until", "yesterday"], 2, "this is no date"),
        (["amina", "1", "grain", "--comment", "x" * 257], 2, "at most 256 bytes"),
        (["amina", "1"], 2, "needed"),
        (["lp1hew79a9umsur4hflexp86dzlrgmudgrqkvq5wx", "1", "grain"], 2, "mistyped"),
    ],
)
def test_spends_that_cannot_be(bo: Shell, args: list[str], status: int, says: str) -> None:
    assert says in bo.run("spend", *args, "--yes", status=status).stderr


def test_nobody_pays_themselves(kita: Kita, bo: Shell) -> None:
    bo.run("spend", fingerprint(bo), "1", "grain", "--yes", status=3)
    bo.run("spend", spell_fingerprint(kita.seat.fingerprint), "1", "grain", "--yes", status=3)


def test_ways_to_name_payee_and_asset(kita: Kita, amina: Shell, bo: Shell) -> None:
    digest = account(bo)["balances"][0]["asset"]
    for asset in ("grain", "GRAIN", "grain of kita", digest, digest[:8]):
        bo.run("spend", "amina", "1", asset, "--yes")
    for payee in ("AMINA", "ami", fingerprint(amina), kita.folder / "amina.lpe"):
        bo.run("spend", payee, "1", "grain", "--yes")
    assert len(account(bo)["queued"]) == 9
    bo.run("spend", "amina", "1", digest[:7], "--yes", status=4)


def test_several_that_could_be_meant_are_listed(kita: Kita, amina: Shell, bo: Shell) -> None:
    cleo = kita.someone("cleo")
    kita.round(cleo)
    befriend(amina, cleo)
    for _ in range(2):
        amina.run("spend", "bo", "2", "grain", "--yes")
        amina.run("spend", "cleo", "3", "grain", "--yes")
    kita.round(amina)
    kita.round(cleo)
    items = account(cleo)["incoming"]
    assert [(each["notice"], each["number"]) for each in items] == [("1", "3"), ("2", "5")]
    cleo.run("accept", "5", "--yes")  # by the spender's number
    kita.round(bo)
    assert [(each["notice"], each["number"]) for each in account(bo)["incoming"]] == [("2", "2"), ("3", "4")]
    befriend(amina, bo)
    amina.run("spend", "cleo", "4", "grain", "--yes")
    kita.round(amina)
    kita.round(cleo)
    rows = account(cleo)["incoming"]
    assert [(each["notice"], each["number"], each["item"]) for each in rows] == [
        ("1", "3", "1"),
        ("3", "6", "notice:3"),
    ]
    result = cleo.run("accept", "3", "--yes", status=2)
    assert "notice:1 (3.00 grain" in result.stderr
    assert "notice:3 (4.00 grain" in result.stderr
    cleo.run("accept", "notice:3", "99", "--yes", status=1)
    assert len(account(cleo)["queued"]) == 1


# --- numbers, assets, contacts


def test_chequebook(kita: Kita, amina: Shell) -> None:
    assert "20 open numbers" in amina.run("chequebook").stdout
    assert amina.items("chequebook")[0]["last"] == "20"
    amina.run("chequebook", "30", "--until", "90d")
    amina.run("chequebook", "20000", status=3)
    amina.run("chequebook", "5", "--until", "3000d", status=3)
    amina.run("chequebook", "0", status=2)
    kita.round(amina)
    assert "50 open numbers" in amina.run("chequebook").stdout


def test_stop(kita: Kita, amina: Shell) -> None:
    amina.run("stop", "20", "5", "7-9", "20")
    assert "Queued before" in amina.run("stop", "5").stdout
    kita.round(amina)
    assert account(amina)["numbers"][0]["last"] == "4"
    assert sum(int(each["last"]) - int(each["first"]) + 1 for each in account(amina)["numbers"]) == 15
    amina.run("stop", "5-6", status=4)
    amina.run("stop", "99", status=4)
    amina.run("stop", "x", status=2)
    amina.run("stop", "9-7", status=2)


def test_issue(kita: Kita) -> None:
    amina = kita.someone("amina")
    person = Person(["yes"])
    result = amina.run("issue", kita.grain, person=person)
    assert "unit     grain, 2 decimals" in result.stdout
    assert "  | The issuer hands out" in result.stdout
    assert "hold you to these words" in person.asked[0]
    digest = amina.items("issue", kita.grain, "--yes")[0]["asset"]
    assert digest in result.stdout
    assert [each["order"] for each in account(amina)["queued"]] == ["createaccount", "issueasset"]
    bad = kita.folder / "bad.txt"
    bad.write_text("ledgerpost contract 1\nname: x\n")
    assert f"file: {bad}" in amina.run("issue", bad, "--yes", status=2).stderr.replace("typed:", "file:")
    bad.write_bytes(contract_text("x").encode("utf-16"))
    amina.run("issue", bad, "--yes", status=2)


def test_contacts(kita: Kita, amina: Shell, bo: Shell) -> None:
    rows = amina.items("contact", "list")
    assert [(each["name"], each["claims"]) for each in rows] == [("bo", "Bo")]
    card = kita.folder / "bo.lpe"
    amina.run("contact", "add", card)
    amina.run("contact", "add", card, kita.card, status=1)
    amina.run("contact", "add", kita.card, status=4)
    amina.run("contact", "name", "bo", "the baker")
    assert amina.items("contact", "list")[0]["name"] == "the baker"
    stranger = spell_fingerprint(Signer.from_seed(seed_of("x")).fingerprint)
    amina.run("contact", "name", stranger, "the baker", status=2)
    amina.run("contact", "name", stranger, "lp1x", status=2)
    amina.run("contact", "name", stranger, "The smith")
    assert "calls itself Bo" in amina.run("contact", "list").stdout
    assert "several could be meant" in amina.run("contact", "forget", "the", status=2).stderr
    amina.run("contact", "forget", "the baker")
    amina.run("contact", "forget", stranger)
    assert "Nobody yet" in amina.run("contact", "list").stdout


def test_two_wallets_are_told_apart(kita: Kita, amina: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    amina.run("wallet", "new", "-w", "shop", "--no-passphrase", "--yes")
    assert [each["name"] for each in amina.items("wallet", "list")] == ["amina", "shop"]
    assert "several wallets: amina, shop" in amina.run("statement", status=2).stderr
    amina.run("statement", "-w", "amina")
    amina.run("statement", "-w", "nobody", status=4)
    amina.run("wallet", "use", "amina")
    amina.run("statement")
    amina.run("wallet", "use", "nobody", status=4)
    monkeypatch.setenv("LEDGERPOST_WALLET", "shop")
    assert "has no account" in amina.run("statement", status=4).stderr
    monkeypatch.delenv("LEDGERPOST_WALLET")
    assert len(amina.items("status")) == 2
    amina.run("wallet", "new", "-w", "shop", "--no-passphrase", "--yes", status=3)
    amina.run("carry", kita.stick, "--for", "shop")
    assert "no wallet or bank 'x'" in amina.run("carry", kita.stick, "--for", "x", status=4).stderr


def test_at_names_the_bank(kita: Kita, amina: Shell) -> None:
    for name in ("Village Bank of Kita", "village", spell_fingerprint(kita.seat.fingerprint)):
        amina.run("statement", "--at", name)
    amina.run("statement", "--at", "elsewhere", status=4)


# --- carry


def test_carry_tells_what_came_and_went(kita: Kita, amina: Shell, bo: Shell) -> None:
    amina.run("spend", "bo", "1", "grain", "--yes")
    result = amina.run("carry", kita.stick)
    assert "came: nothing   went: 1 letter (" in result.stdout
    assert "Written and read back." in result.stdout
    result = kita.bank.run("carry", kita.stick)
    assert "bank 'kita': 1 envelope from 1 party" in result.stdout
    assert "orders: 1 done" in result.stdout
    assert "came: 1 receipt (letter" in amina.run("carry", kita.stick).stdout
    assert "nothing came" in kita.bank.run("carry", kita.stick).stdout


def test_carry_again_changes_nothing(kita: Kita, amina: Shell) -> None:
    amina.run("chequebook", "5")
    first = amina.items("carry", kita.stick)[0]
    again = amina.items("carry", kita.stick)[0]
    assert again["went"] == first["went"]
    kita.bank.run("carry", kita.stick)
    saved = kita.folder / "saved"
    shutil.copytree(kita.stick, saved)
    amina.run("carry", kita.stick)
    shutil.copytree(saved, kita.stick, dirs_exist_ok=True)
    assert "1 known before" in amina.run("carry", kita.stick).stdout


def test_a_wallet_with_nothing_to_say_asks_what_waits(kita: Kita, amina: Shell) -> None:
    assert len(amina.items("carry", kita.stick)[0]["letters"]) == 1
    kita.bank.run("carry", kita.stick)
    assert "went: nothing" in amina.run("carry", kita.stick).stdout


def test_refused_orders_say_why(kita: Kita, amina: Shell, bo: Shell) -> None:
    bo.run("spend", "amina", "50", "grain", "--until", "2d", "--yes")
    bo.run("carry", kita.stick)
    kita.bank.now = kita.now = kita.now + 10 * DAY
    kita.bank.run("carry", kita.stick)
    result = bo.run("carry", kita.stick)
    assert "refused: the dates are past" in result.stdout
    assert "- pay amina" in bo.run("statement").stdout
    assert balance(bo) == "50.00"


def test_damage_is_set_aside_and_the_rest_goes_on(kita: Kita, amina: Shell) -> None:
    amina.run("chequebook", "5")
    amina.run("carry", kita.stick)
    box = kita.stick / "ledgerpost" / spell_fingerprint(kita.seat.fingerprint)
    (box / "00.lpe").write_bytes(b"junk")
    document = kita.bank.json("carry", kita.stick, status=1)
    assert [each["result"] for each in document["items"][0]["came"]] == ["set-aside", "done"]
    assert document["error"]["where"].endswith("00.lpe")
    assert document["error"]["code"] == "not-ledgerpost"
    assert (box / "set-aside" / "00.lpe").exists()
    amina.run("carry", kita.stick)
    assert account(amina)["numbers"][-1]["last"] == "25"


@pytest.mark.parametrize(("place", "status"), [(None, 4), ("nowhere", 4), ("kita.lpe", 7)])
def test_places_that_are_none(kita: Kita, amina: Shell, place: str | None, status: int) -> None:
    result = amina.run("carry", *([kita.folder / place] if place else []), status=status)
    assert "do:" in result.stderr
    assert "unplug" not in result.stdout


def test_carry_without_anybody(kita: Kita) -> None:
    assert "no wallet or bank here" in kita.shell("x").run("carry", kita.stick, status=4).stderr


def test_the_clock_of_a_bank(kita: Kita, amina: Shell) -> None:
    kita.bank.now += 100 * DAY
    assert "--clock-is-right" in kita.bank.run("carry", kita.stick, status=3).stderr
    kita.bank.run("carry", kita.stick, "--clock-is-right")


def test_a_busy_store_is_6(kita: Kita, amina: Shell) -> None:
    with opened_purse(Home(amina.home).seat(WALLETS, None)):
        assert amina.json("status", status=6)["error"]["code"] == "store-busy"
        assert amina.json("carry", kita.stick, status=6)["error"]["code"] == "store-busy"


def test_what_is_printed_never_lacks_what_a_busy_wallet_knows(kita: Kita, amina: Shell, tmp_path: Path) -> None:
    card = tmp_path / "card.lpe"
    amina.run("card", "-o", card)
    page = tmp_path / "card.html"
    with opened_purse(Home(amina.home).seat(WALLETS, None)):
        assert "Without the wallet" in amina.run("show", card).stderr
        assert amina.json("show", card, "--print", page, status=6)["error"]["code"] == "store-busy"
    assert not page.exists()
    amina.run("show", card, "--print", page)


def test_cheating_is_8_and_leaves_a_case(kita: Kita, amina: Shell) -> None:
    """The bank forgets that it answered, and answers anew."""
    amina.run("chequebook", "5")
    amina.run("carry", kita.stick)
    letter, forgetful = kita.folder / "letter", kita.folder / "forgetful"
    shutil.copytree(kita.stick, letter)
    shutil.copytree(kita.bank.home, forgetful)
    kita.bank.run("carry", kita.stick)
    amina.run("carry", kita.stick)
    again = kita.shell("forgetful")
    again.now += 7200
    again.run("carry", letter)
    result = amina.run("carry", letter, status=8)
    assert "two receipts" in result.stderr
    case = next((amina.home / "wallets" / "amina" / "cases").iterdir())
    assert str(case) in result.stderr
    assert "a bank's receipt" in amina.run("show", case).stdout


# --- show


def test_show_explains_what_is_good(kita: Kita, amina: Shell, bo: Shell) -> None:
    amina.run("wallet", "backup", kita.folder / "a.lpbackup")
    files = [kita.card, kita.grain, kita.folder / "bo.lpe", kita.folder / "a.lpbackup"]
    items = amina.items("show", *files, amina.home / "wallets" / "amina" / "key")
    kinds = [each["kind"] for each in items]
    assert kinds == ["bankcard", "contract text", "card", "backup", "key"]
    assert [each["verifies"] for each in items] == [True, None, True, True, None]


def test_show_opens_what_is_ones_own(kita: Kita, amina: Shell, bo: Shell) -> None:
    bo.run("spend", "amina", "2", "grain", "--yes")
    bo.run("carry", kita.stick)
    sealed = next((kita.stick / "ledgerpost" / spell_fingerprint(kita.seat.fingerprint)).glob("*.lpe"))
    assert "only its recipient can open it" in amina.run("show", sealed, "--open").stdout
    assert "add --open" in kita.bank.run("show", sealed).stdout
    text = kita.bank.run("show", sealed, "--open").stdout
    assert "2.00 grain, number 1" in text
    kita.bank.run("carry", kita.stick)
    mail = list((kita.stick / "ledgerpost" / fingerprint(bo)).glob("*.lpe"))
    text = bo.run("show", *mail, "--open").stdout
    assert "the statement follows from the letters beside it" in text
    assert "pay amina" in text


def test_show_what_is_in_the_wallet(kita: Kita, amina: Shell, bo: Shell) -> None:
    bo.run("spend", "amina", "2", "grain", "--yes")
    kita.round(bo)
    kita.round(amina)
    assert "pay amina" in bo.run("show", "1").stdout
    number = account(amina)["incoming"][0]["notice"]
    text = amina.run("show", f"notice:{number}").stdout
    assert "the message signed by the other party is in it, and verifies" in text
    amina.run("show", "notice:77", status=4)


@pytest.mark.parametrize("where", range(20, 200, 20))
def test_show_never_calls_altered_bytes_good(kita: Kita, where: int) -> None:
    raw = bytearray(kita.card.read_bytes())
    raw[where] ^= 0x20
    bad = kita.folder / "bad.lpe"
    bad.write_bytes(bytes(raw))
    document = kita.shell("x").json("show", bad, status=3)
    assert not any(each["verifies"] for each in document["items"])
    assert document["error"]


def test_show_strangers_work(kita: Kita, amina: Shell) -> None:
    """A message whose signer's key is not at hand is not called good, nor bad."""
    amina.run("spend", spell_fingerprint(Signer.from_seed(seed_of("x")).fingerprint), "1", "grain", "--yes")
    amina.run("carry", kita.stick)
    gift, part = kita.folder / "gift.lpe", kita.folder / "part.lpe"
    amina.run("spend", "--slip", "1", "-o", gift)
    part.write_bytes(unpack(gift.read_bytes()).messages[1])
    document = kita.shell("x").json("show", part, status=3)
    assert document["items"][0]["verifies"] is None
    assert "not at hand" in document["items"][0]["why"]
    assert amina.json("show", part)["items"][0]["verifies"] is True


def test_show_many_and_none(kita: Kita, amina: Shell) -> None:
    result = amina.run("show", kita.folder / "missing", kita.card, status=1)
    assert "good" in result.stdout
    amina.run("show", kita.folder / "missing", status=4)
    amina.run("show", kita.folder, status=4)
    picture = kita.folder / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "damaged" in amina.run("show", picture, status=3).stderr
    archive = kita.folder / "archive.zip"
    archive.write_bytes(b"PK\x03\x04")
    assert "can say nothing" in amina.run("show", archive, status=3).stderr


# --- backup and restore


def test_restored_from_paper(kita: Kita, amina: Shell, bo: Shell) -> None:
    words = kita.folder / "words"
    bo.run("wallet", "paper", "-o", words)
    only = kita.folder / "only"
    only.write_text(" ".join(line.split()[1] for line in words.read_text().splitlines() if line[3:4] == "."))
    bo.run("wallet", "restore", "--words-file", only, "--yes", status=3)  # it is here
    again = kita.shell("again")
    again.now = kita.now
    again.run("wallet", "restore", "--words-file", only, "--no-passphrase", status=2)
    again.run("wallet", "restore", "--words-file", only, "--no-passphrase", "--name", "Bo", "--yes")
    assert fingerprint(again) == fingerprint(bo)
    again.run("open", kita.card, "--name", "Bo", "--yes")
    assert "restored" in again.run("status").stdout
    kita.round(again)
    assert balance(again) == "50.00"
    only.write_text("abandon " * 24)
    again.run("wallet", "restore", "--words-file", only, "--yes", status=2)
    again.run("wallet", "restore", kita.card, "--words-file", only, status=2)


def test_restored_from_a_backup(kita: Kita, amina: Shell, bo: Shell) -> None:
    bo.run("spend", "amina", "3", "grain", "--yes")
    backup = kita.folder / "bo.lpbackup"
    bo.run("wallet", "backup", backup)
    bo.run("wallet", "backup", backup, status=7)
    kita.round(bo)
    again = kita.shell("again")
    again.now = kita.now
    result = again.run("wallet", "restore", backup, "--name", "bo")
    assert "dropped" in result.stdout
    assert "pay amina" in result.stdout
    assert "restored" in again.run("status").stdout
    kita.round(again)
    assert account(again)["outstanding"][0]["text"] == "3.00"
    backup.write_bytes(backup.read_bytes()[:-5])
    again.run("wallet", "restore", backup, status=1)


# --- words of others


def test_other_peoples_names_print_safely(kita: Kita, amina: Shell) -> None:
    evil = kita.someone("evil")
    with opened_purse(Home(evil.home).seat(WALLETS, None)) as purse:
        _bad_card(purse, kita.folder / "evil.lpe")
    result = amina.run("contact", "add", kita.folder / "evil.lpe")
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert "\x1b" not in amina.run("show", kita.folder / "evil.lpe").output


def _bad_card(purse: Purse, file: Path) -> None:
    from ledgerpost.papers.card import Card

    signer = purse.seat.unlock(None)
    bank = purse.accounts()[0].bank.bank
    card = Card(bank, signer.key, "Amina\x1b[2J\u202e").sign(signer)
    file.write_bytes(pack((card,), sender=None, recipient=None, until=0))


def test_documents_are_one_line_of_json(kita: Kita, amina: Shell, bo: Shell) -> None:
    for args in (["status"], ["statement"], ["chequebook"], ["card"], ["contact", "list"], ["wallet", "list"]):
        result = bo.run(*args, "--json")
        assert result.stdout.count("\n") == 1
        document = json.loads(result.stdout)
        assert document["command"] == " ".join(args)
        assert document["items"], args
        assert not _numbers_in(document)


def _numbers_in(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_numbers_in, value.values()))
    if isinstance(value, list):
        return any(map(_numbers_in, value))
    return isinstance(value, int | float) and not isinstance(value, bool)

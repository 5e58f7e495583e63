"""Cheques and certificates at the terminal, over real folders: drawn, taken, handed on, refused, proven."""

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledgerpost.cli import keys
from ledgerpost.cli import wallet as wallets
from ledgerpost.desk.home import WALLETS, Home
from ledgerpost.envelope import pack, unpack
from ledgerpost.spelling import group_fingerprint, spell_fingerprint
from shell import CHEAP, Kita, Person, Shell

DAY = 86400
NAMES = ("amina", "bo", "dina")


class Town:
    """A bank; Amina, who issues grain; Bo with 50.00; Dina, who keeps a shop. All know one another."""

    def __init__(self, kita: Kita) -> None:
        self.kita = kita
        self.amina, self.bo, self.dina = (self._shell(name) for name in NAMES)

    def _shell(self, name: str) -> Shell:
        shell = self.kita.shell(name)
        shell.now = self.kita.now
        return shell

    def file(self, name: str) -> Path:
        return self.kita.folder / name

    def trip(self, *shells: Shell, bank: int = 0) -> str:
        """Each goes to the bank and back, once. Returns what they read at the end. ``bank``: how its carry ends."""
        said = ""
        for shell in shells:
            self.kita.now += 3600
            for one in (shell, self.kita.bank, shell):
                one.now = self.kita.now
                last = one.run("carry", self.kita.stick, status=bank if one is self.kita.bank else 0).stdout
            said += last
        return said

    def copied(self, shell: Shell, name: str) -> Shell:
        """A copy of somebody's wallet: a cheat's tool."""
        shutil.copytree(shell.home, self.file(name))
        return self._shell(name)

    def draw(self, payee: str | Path, amount: str, name: str, *more: str, by: Shell | None = None) -> Path:
        """Bo writes a cheque."""
        (by or self.bo).run("draw", payee, amount, "grain", "-o", self.file(name), "--yes", *more)
        return self.file(name)

    def bought(self, amount: str = "5") -> str:
        """Amina's new certificate, by its number."""
        self.amina.run("buy", amount, "grain", "--yes")
        self.trip(self.amina)
        (number,) = numbers(self.amina, "held", "certificate")
        return number

    def bounced(self) -> tuple[Path, str]:
        """Dina has a cheque of 40.00 that Bo's balance did not cover when she presented it."""
        cheat = self.copied(self.bo, "bo-copy")
        self.draw("Dina", "1", "spare.lpe", by=cheat)  # the number of the spend
        cow = self.draw("Dina", "40", "cow.lpe", by=cheat)
        self.bo.run("spend", "Amina", "45", "grain", "--yes")
        self.trip(self.bo)
        self.dina.run("take", cow)
        self.trip(self.dina)
        (number,) = numbers(self.dina, "refused", "cheque")
        return cow, number


def fingerprint(shell: Shell) -> str:
    return spell_fingerprint(Home(shell.home).seats(WALLETS)[0].fingerprint)


def grouped(shell: Shell) -> str:
    return group_fingerprint(Home(shell.home).seats(WALLETS)[0].fingerprint)


def balance(shell: Shell) -> str:
    rows = shell.items("status")[0]["balances"]
    return str(rows[0]["text"]) if rows else "0"


def queued(shell: Shell) -> list[str]:
    return [each["text"] for each in shell.items("status")[0]["queued"]]


def numbers(shell: Shell, state: str, kind: str) -> list[str]:
    """Numbers that ``status`` lists so."""
    rows = [line.split() for line in shell.run("status").stdout.splitlines()]
    return [row[2].rstrip(",") for row in rows if row[:2] == [state, kind]]


def open_numbers(shell: Shell) -> int:
    return sum(int(each["last"]) - int(each["first"]) + 1 for each in shell.items("statement")[0]["numbers"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kita]:
    """The town, built once; nobody touches this one."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (keys, wallets):
            patch.setattr(module, "affordable", lambda make: (make(CHEAP), True))
        for name in ("LEDGERPOST_WALLET", "NO_COLOR"):
            patch.delenv(name, raising=False)
        kita = Kita(tmp_path_factory.mktemp("kita"), patch)
        amina = kita.someone("amina")
        amina.run("issue", kita.grain, "--yes")
        town = Town(kita)
        town.trip(amina)
        kita.write_card()
        bo, dina = kita.someone("bo"), kita.someone("dina")
        town.trip(bo, dina)
        for shell in (amina, bo, dina):
            shell.run("card", "-o", kita.folder / f"{shell.home.name}.lpe")
        for shell in (amina, bo, dina):
            others = [kita.folder / f"{name}.lpe" for name in NAMES if name != shell.home.name]
            shell.run("contact", "add", *others)
        amina.run("spend", "Bo", "50", "grain", "--yes")
        town.trip(amina, bo)
        bo.run("accept", "--all", "--yes")
        town.trip(bo)
        yield kita


@pytest.fixture
def town(built: Kita, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A copy of it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "kita"
    shutil.copytree(built.folder, folder)
    kita = copy.copy(built)
    kita.folder, kita.patch = folder, monkeypatch
    kita.stick, kita.card, kita.grain = (folder / path.name for path in (built.stick, built.card, built.grain))
    kita.bank = kita.shell("bank")
    kita.bank.now = kita.now
    return Town(kita)


# --- draw


def test_a_cheque_says_in_full_whom_it_pays(town: Town) -> None:
    person = Person(["no"])
    result = town.bo.run("draw", "Dina", "12.50", "grain", "--until", "10d", person=person, status=3)
    assert "Pay Dina 12.50 grain at Village Bank of Kita, good to 2027-01-" in result.stdout
    assert grouped(town.dina) in result.stdout
    assert person.asked == ["Write this cheque? [yes/no] "]
    assert not list(Path().glob("*.lpe"))
    assert numbers(town.bo, "drawn", "cheque") == []


def test_ways_to_name_the_payee(town: Town) -> None:
    ways: list[str | Path] = ["Dina", "din", town.file("dina.lpe"), fingerprint(town.dina), grouped(town.dina)]
    for at, payee in enumerate(ways):
        (item,) = town.bo.items("draw", payee, "1", "grain", "--yes", "-o", town.file(f"{at}.lpe"))
        assert item["payee"] == fingerprint(town.dina)
    result = town.bo.run("draw", "Anyone", "1", "grain", "--yes")
    assert "Pay whoever presents it first 1.00 grain" in result.stdout
    number = max(map(int, numbers(town.bo, "drawn", "cheque")))
    assert Path(f"cheque-{number}.lpe").is_file()
    town.dina.run("take", *(town.file(f"{at}.lpe") for at in range(5)), f"cheque-{number}.lpe")
    town.trip(town.dina)
    assert balance(town.dina) == "6.00"


def test_what_draw_tells_a_program(town: Town) -> None:
    result = town.bo.run("draw", "Dina", "1.25", "grain", "--memo", "for the \u202ecow", "--yes", "--json")
    assert result.stdout.count("\n") == 1
    (item,) = json.loads(result.stdout)["items"]
    assert (item["kind"], item["units"], item["text"], item["unit"]) == ("cheque", "125", "1.25", "grain")
    assert item["number"].isdigit()
    assert item["until"].isdigit()
    assert (item["drawer"], item["payee"]) == (fingerprint(town.bo), fingerprint(town.dina))
    assert item["file"] == f"cheque-{item['number']}.lpe"
    assert "\u202e" not in town.bo.run("show", item["file"]).stdout


@pytest.mark.parametrize(
    ("args", "status", "says"),
    [
        (["Dina", "50.01", "grain"], 3, "does not cover this cheque: you can draw 50.00 grain"),
        (["Dina", "1", "grain", "--memo", "é" * 61], 2, "at most"),
        (["Dina", "1", "grain", "--until", "yesterday"], 2, "no date"),
        (["Dina", "1", "grain", "--from", "2020-01-01"], 2, "not in the future"),
        (["Dina", "1", "grain", "--from", "2027-03-01", "--until", "2027-02-01"], 2, "not in the future"),
        (["Dina", "1", "grain", "--until", "4000d"], 3, "no open number is left whose chequebook runs that long"),
        (["Dina", "1", "grain", "-o", "nowhere/a.lpe"], 4, "no such folder"),
        (["Dina", "1", "gold"], 4, "known here: grain"),
        (["Dina", "0", "grain"], 2, "zero"),
        (["nobody", "1", "grain"], 4, "no contact"),
        (["bo.lpe", "1", "grain"], 3, "pay itself"),
    ],
)
def test_cheques_that_cannot_be(town: Town, args: list[str], status: int, says: str) -> None:
    args = [str(town.file(word)) if word == "bo.lpe" else word for word in args]
    result = town.bo.run("draw", *args, "--yes", status=status)
    assert says in result.stderr
    assert numbers(town.bo, "drawn", "cheque") == [], "no number is used up"


def test_draw_asks_nobody_without_yes(town: Town) -> None:
    result = town.bo.run("draw", "Dina", "1", "grain", "--no-input", status=2)
    assert "--yes" in result.stderr
    assert "--yes" in town.bo.json("draw", "Dina", "1", "grain", "--no-input", status=2)["error"]["do"]


def test_a_file_that_is_there_stays_and_no_number_is_burned(town: Town) -> None:
    (town.file("mine.lpe")).write_text("mine")
    result = town.bo.run("draw", "Dina", "1", "grain", "--yes", "-o", town.file("mine.lpe"), status=7)
    assert "already" in result.stderr
    assert town.file("mine.lpe").read_text() == "mine"
    for number in range(1, 60):
        Path(f"cheque-{number}.lpe").write_text("mine")
    town.bo.run("draw", "Dina", "1", "grain", "--yes", status=7)
    assert {path.read_text() for path in Path().glob("*.lpe")} == {"mine"}
    assert numbers(town.bo, "drawn", "cheque") == []


def test_no_numbers_left(town: Town) -> None:
    first, last = (town.bo.items("chequebook")[0][name] for name in ("first", "last"))
    town.bo.run("stop", f"{first}-{int(last) - 1}")
    town.trip(town.bo)
    town.draw("Dina", "1", "last.lpe")
    error = town.bo.json("draw", "Dina", "1", "grain", "--yes", status=3)["error"]
    assert "no open number is left" in error["what"]
    assert "ledgerpost chequebook" in error["do"]


def test_a_post_dated_cheque(town: Town) -> None:
    later = "2027-01-25"
    cheque = town.draw("Dina", "1", "later.lpe", "--from", later)
    assert (
        f"Not to be presented before {later}"
        in town.bo.run("draw", "Dina", "1", "grain", "--from", later, "--yes").stdout
    )
    assert "may be presented only from its date on" in town.dina.run("take", cheque).stdout
    town.kita.now = town.kita.now - town.kita.now % DAY + 30 * DAY
    town.trip(town.dina)
    assert balance(town.dina) == "1.00"


def test_money_that_is_on_its_way_covers_no_cheque(town: Town) -> None:
    """Whoever gets the cheque may be at the bank first."""
    town.amina.run("spend", "Bo", "10", "grain", "--yes")
    town.trip(town.amina, town.bo)
    town.bo.run("accept", "--all", "--yes")
    town.bo.run("draw", "Dina", "55", "grain", "--yes", status=3)
    town.trip(town.bo)
    town.bo.run("draw", "Dina", "55", "grain", "--yes")


# --- take


def test_take_says_what_is_certain_and_what_is_not(town: Town) -> None:
    cheque = town.draw("Dina", "12.50", "a.lpe", "--memo", "for the \x1b[31mroof")
    person = Person()
    result = town.dina.run("take", cheque, person=person)
    assert "12.50 grain from Bo (lp1" in result.stdout
    assert "to you (lp1" in result.stdout
    assert '"for the [31mroof"' in result.stdout
    assert "good     it is made out to you" in result.stdout
    assert "unknown  whether it is covered: only the bank can say" in result.stdout
    assert "Queued for the bank.   Next: ledgerpost carry PLACE" in result.stdout
    assert person.asked == []
    assert queued(town.dina) == [f"present cheque {numbers(town.bo, 'drawn', 'cheque')[0]} of 12.50 grain"]
    (item,) = town.dina.items("take", cheque)  # done before
    assert (item["result"], item["text"], item["units"]) == ("queued", "12.50", "1250")
    assert len(queued(town.dina)) == 1
    town.trip(town.dina)
    assert balance(town.dina) == "12.50"
    assert "had it before: it was paid" in town.dina.run("take", cheque, status=3).stderr


def test_take_with_a_passphrase_asks_for_none(town: Town) -> None:
    town.dina.run("wallet", "passphrase", "--new-passphrase-file", _written(town, "horse battery"))
    cheque = town.draw("Dina", "1", "a.lpe")
    person = Person()
    town.dina.run("take", cheque, person=person)
    town.dina.run("show", cheque, person=person)
    town.dina.run("status", person=person)
    assert person.asked == []
    assert town.dina.json("carry", town.kita.stick, "--no-input", status=5)["error"]["code"] == "passphrase"
    person = Person(["horse battery"])
    town.dina.run("carry", town.kita.stick, person=person)
    assert len(person.asked) == 1


def _written(town: Town, text: str) -> Path:
    file = town.file("secret")
    file.write_text(text)
    return file


def test_hold_keeps_without_queueing(town: Town) -> None:
    cheque = town.draw("Dina", "1", "a.lpe")
    result = town.dina.run("take", cheque, "--hold")
    assert "Queued" not in result.stdout
    assert queued(town.dina) == []
    (number,) = numbers(town.dina, "held", "cheque")
    town.dina.run("redeem", number)
    assert "cancel --queued 1" in town.dina.run("take", cheque, "--hold").stdout
    town.dina.run("cancel", "--queued", "1", "--yes")
    assert town.dina.items("take", cheque, "--hold")[0]["result"] == "held"


def test_one_bad_file_stops_none(town: Town) -> None:
    good, altered, better = town.draw("Dina", "1", "a.lpe"), town.draw("Dina", "2", "b.lpe"), town.file("c.lpe")
    town.draw("Dina", "3", "c.lpe")
    raw = bytearray(altered.read_bytes())
    raw[len(raw) // 2] ^= 1
    altered.write_bytes(bytes(raw))
    result = town.dina.run("take", good, altered, better, status=1)
    assert "Queued for the bank." in result.stdout
    lines = result.stderr.splitlines()
    assert lines[0].startswith("ledgerpost: ")
    assert lines[1] == f"  file: {altered}"
    assert lines[2].startswith("  do:   ")
    assert len(lines) == 3
    assert len(queued(town.dina)) == 2
    document = town.dina.json("take", good, altered, status=1)
    assert document["error"]["where"] == str(altered)
    assert [each["file"] for each in document["items"]] == [str(good)]


def test_files_that_cannot_be_taken(town: Town) -> None:
    for_amina = town.draw("Amina", "1", "a.lpe")
    result = town.dina.run("take", for_amina, status=3)
    assert "made out to another" in result.stderr
    assert f"file: {for_amina}" in result.stderr
    stale = town.draw("Dina", "1", "s.lpe", "--until", "2d")
    town.file("junk").write_bytes(b"junk")
    town.dina.now += 3 * DAY
    assert "has ended" in town.dina.run("take", stale, status=3).stderr
    assert f"file: {town.file('junk')}" in town.dina.run("take", town.file("junk"), status=1).stderr
    assert "no cheque or certificate" in town.dina.run("take", town.file("bo.lpe"), status=4).stderr
    town.dina.run("take", town.file("missing"), status=4)
    assert town.dina.json("take", for_amina, town.file("missing"), status=1)["error"]["code"] == "no"
    assert queued(town.dina) == []


def test_every_flipped_bit_is_noticed(town: Town) -> None:
    cheque = town.draw("Dina", "1", "a.lpe")
    raw = cheque.read_bytes()
    whole, files = raw, []
    for at in range(8, len(whole), 41):
        files.append(town.file(f"{at}.lpe"))
        files[-1].write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
    document = town.dina.json("take", *files, status=1)
    assert document["items"] == []
    assert queued(town.dina) == []


def test_a_cheque_of_a_bank_where_the_wallet_has_no_account(town: Town) -> None:
    stranger = town.kita.shell("stranger")
    stranger.run("wallet", "new", "--name", "X", "--no-passphrase", "--yes")
    cheque = town.draw("anyone", "1", "a.lpe")
    assert "ledgerpost open CARD" in stranger.run("take", cheque, status=4).stderr


def test_a_bare_instrument_and_several_in_one_file(town: Town) -> None:
    cheques = [unpack(town.draw("Dina", "1", f"{at}.lpe").read_bytes()).messages[0] for at in range(3)]
    town.file("bare").write_bytes(cheques[0])
    town.file("two.lpe").write_bytes(pack(tuple(cheques[1:]), sender=None, recipient=None, until=0))
    town.dina.run("take", town.file("bare"), town.file("two.lpe"))
    assert len(queued(town.dina)) == 3


# --- carry presents


def test_several_deposits_travel_in_one_letter(town: Town) -> None:
    """The third drawn may come first; all clear, and the drawer hears of each."""
    files = [town.draw("Dina", str(at), f"{at}.lpe") for at in (1, 2, 3)]
    town.dina.run("take", files[2])
    town.trip(town.dina)
    town.dina.run("take", *files[:2])
    letter = town.dina.items("carry", town.kita.stick)[0]
    assert len(letter["letters"]) == 1
    assert len(numbers(town.dina, "presented", "cheque")) == 2
    (number,) = {numbers(town.dina, "presented", "cheque")[0]}
    assert "was presented before" in town.dina.run("redeem", number, status=3).stderr
    town.kita.bank.now = town.dina.now
    town.kita.bank.run("carry", town.kita.stick)
    town.dina.run("carry", town.kita.stick)
    assert balance(town.dina) == "6.00"
    assert len(numbers(town.bo, "drawn", "cheque")) == 3
    town.bo.run("chequebook", "5")
    town.trip(town.bo, town.bo)
    assert balance(town.bo) == "44.00"
    assert numbers(town.bo, "drawn", "cheque") == []


def test_a_cheque_dropped_into_a_mailbox_is_set_aside(town: Town) -> None:
    """It is no mail: both the bank and a wallet say what to do with it."""
    cheque = town.draw("Dina", "1", "a.lpe")
    bare = unpack(cheque.read_bytes()).messages[0]
    for shell, who in (
        (town.dina, fingerprint(town.dina)),
        (town.kita.bank, spell_fingerprint(town.kita.seat.fingerprint)),
    ):
        box = town.kita.stick / "ledgerpost" / who
        box.mkdir(parents=True, exist_ok=True)
        shutil.copy(cheque, box / "cheque.lpe")
        (box / "bare.lpe").write_bytes(bare)
        result = shell.run("carry", town.kita.stick, status=1)
        assert result.stderr.count("ledgerpost take FILE") == 2
        reasons = [path.read_text() for path in (box / "set-aside").iterdir() if not path.name.endswith(".lpe")]
        assert len(reasons) == 2
        assert all("ledgerpost take FILE" in reason for reason in reasons)
        town.dina.run("take", box / "set-aside" / "cheque.lpe")
    assert len(queued(town.dina)) + len(numbers(town.dina, "presented", "cheque")) == 1


# --- refused


def test_a_bounced_cheque_is_redeemed_when_there_is_cover(town: Town) -> None:
    cow, number = town.bounced()
    assert balance(town.dina) == "0"
    error = town.dina.json("take", cow, status=3)["error"]
    assert "it was refused" in error["what"]
    town.amina.run("accept", "--all", "--yes")
    town.amina.run("spend", "Bo", "40", "grain", "--yes")
    assert f"cheque {number} of 40.00 grain bounced" in town.trip(town.amina, town.bo)
    town.bo.run("accept", "--all", "--yes")
    town.trip(town.bo)
    (item,) = town.dina.items("redeem", number)
    assert (item["result"], item["number"]) == ("queued", number)
    town.dina.run("redeem", number)
    assert len(queued(town.dina)) == 1
    town.trip(town.dina)
    assert balance(town.dina) == "40.00"
    assert numbers(town.dina, "refused", "cheque") == []


def test_a_case_proves_itself_to_a_stranger(town: Town) -> None:
    _, number = town.bounced()
    file = town.file("case.lpe")
    assert f"ledgerpost show {file}" in town.dina.run("case", number, "-o", file).stdout
    result = town.kita.shell("judge").run("show", file)
    assert "the balance does not cover it" in result.stdout
    assert "NOT GOOD" not in result.stdout
    assert "not verified" not in result.stdout
    town.dina.run("case", number, "-o", file)  # the very same stands there
    other = town.file("other.lpe")
    other.write_bytes(b"mine")
    town.dina.run("case", number, "-o", other, status=7)
    (item,) = town.dina.items("case", number)
    assert (item["file"], item["number"], item["text"]) == (f"case-{number}.lpe", number, "40.00")


def test_one_number_signed_to_two(town: Town) -> None:
    """Whoever is second holds the proof."""
    cheat = town.copied(town.bo, "bo-copy")
    town.amina.run("take", town.draw("Amina", "3", "one.lpe"))
    town.dina.run("take", town.draw("Dina", "3", "two.lpe", by=cheat))
    town.trip(town.amina)
    town.trip(town.dina, bank=8)
    (number,) = numbers(town.dina, "refused", "cheque")
    town.dina.run("case", number, "-o", town.file("case.lpe"))
    judge = town.kita.shell("judge")
    assert (
        f"signed number {number} to two: these files alone prove it" in judge.run("show", town.file("case.lpe")).stdout
    )
    proofs = [each for each in judge.items("show", town.file("case.lpe")) if each["kind"] == "proof"]
    assert len(proofs) == 1


# --- stop


def test_a_stopped_cheque_is_not_paid(town: Town) -> None:
    cheque = town.draw("Dina", "5", "a.lpe")
    (number,) = numbers(town.bo, "drawn", "cheque")
    before = open_numbers(town.bo)
    town.bo.run("stop", number)
    town.trip(town.bo)
    assert open_numbers(town.bo) == before - 1
    assert numbers(town.bo, "drawn", "cheque") == []
    town.bo.run("draw", "Dina", "50", "grain", "--yes")  # its cover is free again
    town.dina.run("take", cheque)
    town.trip(town.dina)
    assert numbers(town.dina, "refused", "cheque") == [number]
    assert balance(town.dina) == "0"


def test_a_stop_that_comes_too_late(town: Town) -> None:
    cheque = town.draw("Dina", "5", "a.lpe")
    (number,) = numbers(town.bo, "drawn", "cheque")
    town.bo.run("stop", number)
    town.dina.run("take", cheque)
    town.trip(town.dina, town.bo, town.bo, town.bo)
    assert balance(town.dina) == "5.00"
    assert balance(town.bo) == "45.00"
    assert numbers(town.bo, "drawn", "cheque") == []


# --- endorse


def test_a_cheque_is_handed_on(town: Town) -> None:
    town.dina.run("take", town.draw("Dina", "4", "a.lpe"), "--hold")
    (number,) = numbers(town.dina, "held", "cheque")
    person = Person(["no"])
    result = town.dina.run("endorse", number, "Amina", person=person, status=3)
    assert grouped(town.amina) in result.stdout
    assert person.asked == ["Endorse it? It is theirs then. [yes/no] "]
    assert "--yes" in town.dina.run("endorse", number, "Amina", "--no-input", status=2).stderr
    (item,) = town.dina.items("endorse", number, "Amina", "--yes", "-o", town.file("on.lpe"))
    assert (item["endorsements"], item["result"]) == ("1", "given")
    assert numbers(town.dina, "held", "cheque") == []
    assert "endorsed once" in town.amina.run("take", town.file("on.lpe")).stdout
    town.dina.run("take", town.file("on.lpe"), status=3)
    town.trip(town.amina)
    assert balance(town.amina) == "-46.00"


def test_endorsed_again_to_the_same_gives_the_same_bytes(town: Town) -> None:
    town.dina.run("take", town.draw("Dina", "4", "a.lpe"), "--hold")
    (number,) = numbers(town.dina, "held", "cheque")
    person = Person(["yes"])
    town.dina.run("endorse", number, "Amina", "-o", town.file("1.lpe"), person=person)
    town.dina.run("endorse", number, town.file("amina.lpe"), "-o", town.file("2.lpe"), person=person)
    town.dina.run("endorse", number, "Amina", "-o", town.file("1.lpe"), person=person)
    assert town.file("1.lpe").read_bytes() == town.file("2.lpe").read_bytes()
    error = town.dina.json("endorse", number, "Bo", "--yes", "-o", town.file("3.lpe"), status=3)["error"]
    assert "signing it over twice is fraud" in error["what"]
    assert not town.file("3.lpe").exists()
    town.dina.run("redeem", number, status=3)


def test_endorsements_that_cannot_be(town: Town) -> None:
    town.dina.run("contact", "forget", "Amina")
    town.dina.run("take", town.draw("Dina", "4", "a.lpe"))
    (number,) = numbers(town.dina, "held", "cheque")
    endorsing = ("endorse", number)
    assert "contact add FILE" in town.dina.run(*endorsing, fingerprint(town.amina), "--yes", status=4).stderr
    result = town.dina.run(*endorsing, "Bo", status=3)  # nobody is asked
    assert "ledgerpost cancel --queued 1" in result.stderr
    assert "yours already" in town.dina.run(*endorsing, town.file("dina.lpe"), "--yes", status=3).stderr
    town.dina.run("cancel", "--queued", "1", "--yes")
    town.dina.run(*endorsing, town.file("amina.lpe"), "--yes")
    assert Path(f"cheque-{number}-1.lpe").is_file()
    town.dina.run("endorse", "999", "Bo", "--yes", status=4)


def test_an_open_cheque_is_handed_on_as_it_is(town: Town) -> None:
    town.dina.run("take", town.draw("anyone", "4", "a.lpe"), "--hold")
    (number,) = numbers(town.dina, "held", "cheque")
    assert "same file" in town.dina.run("endorse", number, "Amina", "--yes", status=3).stderr


# --- several of one number


def test_numbers_that_could_mean_several(town: Town) -> None:
    """Numbers are their drawers': two cheques may bear one."""
    amina = town.amina.items("draw", "Dina", "1", "grain", "--yes", "-o", town.file("a.lpe"))[0]
    number = int(amina["number"])
    bo: dict[str, Any] = {"number": "0"}
    while int(bo["number"]) < max(number, 11):
        bo = town.bo.items("draw", "Dina", "2", "grain", "--yes", "-o", town.file(f"b{bo['number']}.lpe"))[0]
        town.dina.run("take", bo["file"], "--hold")
    town.dina.run("take", town.file("a.lpe"), "--hold")
    result = town.dina.run("endorse", amina["number"], "Bo", "--yes", status=2)
    assert amina["digest"][:8] in result.stderr
    assert "give its digest" in result.stderr
    town.dina.run("endorse", amina["digest"][:8], "Bo", "--yes", "-o", town.file("on.lpe"))
    (item,) = town.dina.items("redeem", amina["number"])  # the one that is still held
    assert item["text"] == "2.00"
    # A whole number means itself, though another one that is held ends with it.
    town.dina.run("redeem", "1")
    town.trip(town.dina)
    assert "11" in numbers(town.dina, "held", "cheque")
    assert "was paid before" in town.dina.run("redeem", "1", status=3).stderr


# --- certificates


def test_a_certificate_goes_round(town: Town) -> None:
    """Amina buys it; it passes Bo and Dina; Bo signs it over twice; Dina is paid, Amina holds the proof."""
    number = town.bought()
    assert "you have 50.00 grain" in town.bo.run("buy", "51", "grain", "--yes", status=3).stderr
    assert "end by" in town.bo.run("buy", "1", "grain", "--until", "4000d", "--yes", status=2).stderr
    assert balance(town.amina) == "-55.00"
    town.amina.run("endorse", number, "Bo", "--yes", "-o", town.file("1.lpe"))
    assert "the bank set its value aside" in town.bo.run("take", town.file("1.lpe"), "--hold").stdout
    cheat = town.copied(town.bo, "bo-copy")
    town.bo.run("endorse", number, "Dina", "--yes", "-o", town.file("2.lpe"))
    cheat.run("endorse", number, "Amina", "--yes", "-o", town.file("3.lpe"))
    assert "endorsed 2 times" in town.dina.run("take", town.file("2.lpe")).stdout
    town.amina.run("take", town.file("3.lpe"))
    town.trip(town.dina)
    town.trip(town.amina, bank=8)
    assert balance(town.dina) == "5.00"
    assert numbers(town.amina, "refused", "certificate") == [number]
    town.amina.run("case", number, "-o", town.file("case.lpe"))
    shown = town.kita.shell("judge").run("show", town.file("case.lpe")).stdout
    assert "endorsed number" in shown
    assert "these files alone prove it" in shown
    town.trip(town.bo)
    assert balance(town.bo) == "50.00"  # these terms refuse the second, and charge nobody


def test_the_buyer_gives_it_back(town: Town) -> None:
    number = town.bought()
    assert town.amina.items("redeem", number)[0]["buyer"] == fingerprint(town.amina)
    assert queued(town.amina) == [f"redeem certificate {number} of 5.00 grain"]
    town.trip(town.amina)
    assert balance(town.amina) == "-50.00"
    assert numbers(town.amina, "held", "certificate") == []


def test_a_certificate_comes_back_to_whom_gave_it(town: Town) -> None:
    number = town.bought()
    town.amina.run("endorse", number, "Bo", "--yes", "-o", town.file("1.lpe"))
    town.bo.run("take", town.file("1.lpe"), "--hold")
    town.bo.run("endorse", number, "Amina", "--yes", "-o", town.file("2.lpe"))
    assert "made out to another" in town.amina.run("take", town.file("1.lpe"), status=3).stderr
    town.amina.run("take", town.file("2.lpe"))
    town.trip(town.amina)
    assert balance(town.amina) == "-50.00"


# --- show


def test_show_instruments(town: Town) -> None:
    cheque = town.draw("Dina", "1", "a.lpe", "--memo", "roof")
    for shell, verifies in ((town.dina, True), (town.kita.shell("stranger"), True)):
        (item,) = shell.items("show", cheque)
        assert (item["kind"], item["verifies"], item["signer"]) == ("cheque", verifies, fingerprint(town.bo))
    assert "the bank gave its number to the drawer" in town.dina.run("show", cheque).stdout
    assert "its number can't be checked here" in town.kita.shell("stranger").run("show", cheque).stdout
    number = town.bought()
    town.amina.run("endorse", number, "Bo", "--yes", "-o", town.file("c.lpe"))
    assert "endorsed by Amina" in town.bo.run("show", town.file("c.lpe")).stdout
    assert town.kita.shell("stranger").json("show", town.file("c.lpe"), status=3)["items"][0]["verifies"] is None


def test_every_document_is_one_line_and_has_no_bare_numbers(town: Town) -> None:
    cheque = town.draw("Dina", "1", "a.lpe")
    number = numbers(town.bo, "drawn", "cheque")[0]
    for args in (
        ["take", cheque, "--hold"],
        ["endorse", number, "Amina", "--yes"],
        ["endorse", number, "Bo", "--yes"],
        ["case", number],
        ["redeem", number],
        ["buy", "1", "grain", "--yes"],
        ["draw", "Bo", "1", "grain", "--yes"],
        ["stop", "3"],
        ["status"],
        ["carry", town.kita.stick],
    ):
        town.kita.patch.setenv("LEDGERPOST_HOME", str(town.dina.home))
        from click.testing import CliRunner

        from ledgerpost.cli.main import cli

        result = CliRunner().invoke(cli, [*map(str, args), "--json", "--no-input", "--now", str(town.kita.now)])
        assert result.stdout.count("\n") == 1, args
        document = json.loads(result.stdout)
        assert document["ok"] == (result.exit_code == 0)
        assert document["items"] or document["error"]
        assert not _numbers_in(document), args


def _numbers_in(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_numbers_in, value.values()))
    if isinstance(value, list):
        return any(map(_numbers_in, value))
    return isinstance(value, int | float) and not isinstance(value, bool)

"""``ledgerpost bank``: founding, looking, terms: what is said to a person, to a script, with which exit status."""

import shutil
from pathlib import Path

import pytest

from clerk import bank, items, sit_down
from ledgerpost.cli import ask
from ledgerpost.cli.open import read_card
from ledgerpost.desk.home import BANKS, Home
from ledgerpost.desk.office import opened
from ledgerpost.paperkey import from_words
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.terms import Fee
from ledgerpost.spelling import spell_fingerprint
from village import BANK, DAY, START, Village, open_accounts


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No terminal, and a home of one's own."""
    monkeypatch.setattr(ask, "open_terminal", lambda: None)
    monkeypatch.setenv("LEDGERPOST_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Village:
    village = Village(tmp_path_factory.mktemp("village"))
    open_accounts(village)
    return village


@pytest.fixture
def village(told: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    """The bank is kita, with issuer, Amina (50.00 grain) and Bo."""
    shutil.copytree(told.root, tmp_path / "village")
    monkeypatch.setenv("LEDGERPOST_HOME", str(tmp_path / "village" / BANK))
    return Village(tmp_path / "village")


# --- found


def test_found_makes_key_store_and_card(tmp_path: Path) -> None:
    done = bank("found", "kita", "--display-name", "Village Bank of Kita", "--no-passphrase")
    assert done.exit_code == 0
    assert done.output.startswith("Village Bank of Kita\n     lp1 ")
    seat = Home(tmp_path / "home").seat(BANKS, None)
    with opened(seat) as office:
        assert office.card().name == "Village Bank of Kita"
        assert office.clock() == START
        assert office.audit().good
    assert not seat.has_passphrase
    assert bank("found", "kita", "--no-passphrase").exit_code == 3
    assert bank("found", "Kita!", "--no-passphrase").exit_code == 2


def test_found_writes_the_paper_key_first(tmp_path: Path) -> None:
    done = bank("found", "kita", "--paper", "paper.txt", "--no-passphrase")
    assert done.exit_code == 0
    text = (tmp_path / "paper.txt").read_text()
    words = [line.split()[1] for line in text.splitlines() if line[:3].strip().isdigit()]
    seat = Home(tmp_path / "home").seat(BANKS, "kita")
    assert from_words(" ".join(words)) == seat.unlock(None).seed
    assert "bank rebuild" in text
    assert "wallet" not in text
    assert (tmp_path / "paper.txt").stat().st_mode & 0o077 == 0


def test_found_asks_for_a_passphrase_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ledgerpost.cli.keys.affordable", lambda make: (make(CHEAP), True))
    from village import CHEAP

    assert bank("found", "kita").exit_code == 5
    clerk = sit_down(monkeypatch, "three good words", "three good words", "later")
    assert bank("found", "kita").exit_code == 0
    assert len(clerk.asked) == 3
    assert Home(tmp_path / "home").seat(BANKS, "kita").unlock(b"three good words")
    sit_down(monkeypatch, "three good words", "three bad words")
    assert bank("found", "other").exit_code == 5
    assert len(Home(tmp_path / "home").seats(BANKS)) == 1


def test_a_founding_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails(*args: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr("ledgerpost.desk.office.Office.found", fails)
    assert bank("found", "kita", "--no-passphrase").exit_code == 7
    assert list((tmp_path / "home" / "banks").iterdir()) == []


# --- status, card


def test_status_tells_all_of_a_bank(village: Village) -> None:
    done = bank("status")
    assert "3 parties, 1 asset" in done.output
    assert "grain: at most 10000000000.00 grain" in done.output
    assert "last signed at 2027-01-15T08:00Z" in done.output
    (row,) = items("status")
    assert (row["name"], row["title"], row["parties"], row["restored"]) == (BANK, "Bank of Kita", "3", False)
    assert row["fingerprint"] == spell_fingerprint(village.bank)
    assert row["clock"] == str(START)


def test_status_without_a_bank_says_how_to_found_one() -> None:
    done = bank("status")
    assert done.exit_code == 4
    assert "ledgerpost bank found NAME" in done.stderr
    assert bank("status", "--bank", "none").exit_code == 4
    assert bank("audit").exit_code == 4


def test_a_busy_store_is_said_and_the_next_bank_shown(village: Village) -> None:
    assert bank("found", "second", "--no-passphrase").exit_code == 0
    with village.office():
        done = bank("status")
        assert done.exit_code == 1
        assert "Bank 'second'" in done.stdout
        assert "another command is using this store" in done.stderr
        assert bank("audit", "--bank", BANK).exit_code == 6
        assert bank("desk", str(village.stick), "--once", "--bank", BANK).exit_code == 6
    assert bank("audit").exit_code == 2
    assert "--bank NAME" in bank("audit").stderr


def test_the_card_opens_accounts(village: Village, tmp_path: Path) -> None:
    assert bank("card").exit_code == 0
    (row,) = items("card", "-o", "card.lpe")
    assert row["contracts"] == "1"
    brought = read_card(tmp_path / "card.lpe", None)
    assert brought.bank.bank == village.bank
    assert len(brought.contracts) == 1
    assert bank("card", "-o", "card.lpe").exit_code == 0  # the very same stands there
    (tmp_path / "card.lpe").write_bytes(b"another")
    assert bank("card", "-o", "card.lpe").exit_code == 7


# --- terms


def test_terms_are_shown(village: Village) -> None:
    done = bank("terms")
    assert done.exit_code == 0
    assert "  grace             60 days\n" in done.output
    (row,) = items("terms")
    assert (row["serial"], row["token"], row["letter_life"]) == ("1", None, str(60 * DAY))


def test_terms_are_changed_after_a_typed_yes(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bank("terms", "--grace", "90d").exit_code == 2  # nobody can be asked
    sit_down(monkeypatch, "no")
    assert bank("terms", "--grace", "90d").exit_code == 3
    clerk = sit_down(monkeypatch, "y", "yes")
    words = ("--token", "grain", "--fee", "spendto=0.05", "--fee", "createaccount=1", "--grace", "13w", "--share", "7")
    done = bank("terms", *words, now=START + DAY)
    assert done.exit_code == 0, done.output
    assert len(clerk.asked) == 2
    assert "grace             60 days  →  91 days" in done.output
    assert "fee spendto       free  →  0.05 grain" in done.output
    assert "Letters written under the old terms are answered by them for 60 days more." in done.output
    with village.office() as office:
        terms = office.terms()
        assert terms.fees == (Fee("createaccount", 100), Fee("spendto", 5))
        assert (terms.serial, terms.grace, terms.share, terms.time) == (2, 91 * DAY, 7, START + DAY)
        assert open_bank_card(office.record().card)[1] == terms
    assert bank("terms", "--fee", "spendto=0", "--yes").exit_code == 0
    with village.office() as office:
        assert office.terms().fees == (Fee("createaccount", 100),)
    assert bank("terms", "--token", "none", "--yes").exit_code == 0
    with village.office() as office:
        assert (office.terms().token, office.terms().fees) == (None, ())


def test_terms_that_change_nothing_are_not_signed(village: Village) -> None:
    assert items("terms", "--grace", "60d")[0]["result"] == "unchanged"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--fee", "spendto=1"), 2, "a fee needs a token"),
        (("--token", "gold"), 4, "it keeps: grain"),
        (("--token", "grain", "--fee", "spendto"), 2, "ORDER=AMOUNT"),
        (("--token", "grain", "--fee", "prophecy=1"), 2, "orders that may cost something"),
        (("--token", "grain", "--fee", "confirmreceipt=1"), 2, "always free"),
        (("--token", "grain", "--fee", "spendto=0.001"), 2, "decimals"),
        (("--grace", "soon"), 2, "no length of time"),
        (("--most-numbers", "99999"), 2, "at most 16384 numbers"),
        (("--share", "0"), 2, "share"),
    ],
)
def test_terms_that_cannot_be_are_refused(village: Village, words: tuple[str, ...], code: int, said: str) -> None:
    done = bank("terms", *words, "--yes")
    assert done.exit_code == code
    assert said in done.stderr
    with village.office() as office:
        assert office.terms().serial == 1


def test_terms_want_a_clock_that_is_right(village: Village) -> None:
    done = bank("terms", "--grace", "90d", "--yes", now=START + 46 * DAY)
    assert done.exit_code == 3
    assert "--clock-is-right" in done.stderr
    assert bank("terms", "--grace", "90d", "--yes", "--clock-is-right", now=START + 46 * DAY).exit_code == 0

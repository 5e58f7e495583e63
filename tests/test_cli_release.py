"""``release`` at the terminal: what is given up is shown first, the same file comes again, ``show`` explains it."""

import pytest

from ledgerpost.envelope import unpack
from ledgerpost.papers.card import Card
from ledgerpost.papers.release import Release
from ledgerpost.sealed import open_message, read
from ledgerpost.wallet.account import RELEASED
from shell import Person
from test_cli_paper import Town, fingerprint, grouped, numbers
from test_cli_paper import built as built
from test_cli_paper import town as town


def test_a_bounced_cheque_is_given_up(town: Town) -> None:
    _, number = town.bounced()
    file = town.file("release.lpe")
    person = Person(["maybe", "yes"])
    result = town.dina.run("release", number, "--comment", "in oats", "-o", file, person=person)
    assert "Give up 40.00 grain that Bo (lp1" in result.stdout
    assert grouped(town.bo) in result.stdout
    assert f"for cheque {number}, 40.00 grain" in result.stdout
    assert person.asked == ["Give it up? It cannot be taken back. [yes/no] "] * 2
    given, card = unpack(file.read_bytes()).messages
    paper = Release.of(open_message(given, Card.read(read(card).body).key))
    assert (paper.amount, paper.comment) == (4000, "in oats")
    assert read(given).signer == read(card).signer


def test_the_same_file_comes_again(town: Town) -> None:
    _, number = town.bounced()
    one, two = town.file("1.lpe"), town.file("2.lpe")
    (item,) = town.dina.items("release", number, "--yes", "-o", one)
    assert (item["result"], item["debtor"], item["text"]) == ("released", fingerprint(town.bo), "40.00")
    for file in (one, two):
        assert "Released before." in town.dina.run("release", number, "--comment", "other", "-o", file).stdout
    assert one.read_bytes() == two.read_bytes()
    two.write_bytes(b"something else")
    town.dina.run("release", number, "-o", two, status=7)
    assert two.read_bytes() == b"something else"


def test_the_claim_is_off_the_list_and_nothing_is_presented(town: Town) -> None:
    cow, number = town.bounced()
    town.dina.run("release", number, "--yes")
    assert numbers(town.dina, "refused", "cheque") == []
    (row,) = [each for each in town.dina.items("status")[0]["instruments"] if each["number"] == number]
    assert row["state"] == RELEASED
    assert "was released before" in town.dina.run("redeem", number, status=3).stderr
    assert "it was released" in town.dina.run("take", cow, status=3).stderr


def test_show_explains_it_to_the_debtor_and_to_strangers(town: Town) -> None:
    _, number = town.bounced()
    file = town.file("release.lpe")
    town.dina.run("release", number, "--yes", "-o", file)
    said = town.bo.run("show", file).stdout
    assert "gives up a claim of 40.00 grain" in said
    assert "against you (lp1" in said
    assert "not verified" not in said
    rows = town.kita.shell("stranger").items("show", file)
    assert [(row["kind"], row["verifies"]) for row in rows] == [("release", True), ("card", True)]
    assert rows[0]["signer"] == fingerprint(town.dina)


def test_nothing_is_given_up_without_a_yes(town: Town) -> None:
    _, number = town.bounced()
    file = town.file("release.lpe")
    town.dina.run("release", number, "-o", file, person=["no"], status=3)
    assert "--yes" in town.dina.run("release", number, "-o", file, "--no-input", status=2).stderr
    file.write_bytes(b"something else")
    town.dina.run("release", number, "-o", file, "--yes", status=7)
    assert numbers(town.dina, "refused", "cheque") == [number]
    town.dina.run("redeem", number)
    assert "ledgerpost cancel --queued" in town.dina.run("release", number, "--yes", status=3).stderr


def test_somebody_else_is_named(town: Town) -> None:
    _, number = town.bounced()
    (item,) = town.dina.items("release", number, "--debtor", "Amina", "--yes", "-o", town.file("1.lpe"))
    assert item["debtor"] == fingerprint(town.amina)
    assert numbers(town.dina, "refused", "cheque") == [number]  # Bo still owes
    by_print = ("release", number, "--debtor", fingerprint(town.bo), "--yes", "-o", town.file("2.lpe"))
    assert town.dina.items(*by_print)[0]["debtor"] == fingerprint(town.bo)
    assert numbers(town.dina, "refused", "cheque") == []
    assert "oneself" in town.dina.run("release", number, "--debtor", town.file("dina.lpe"), "--yes", status=3).stderr
    town.dina.run("release", number, "--debtor", "Nobody", "--yes", status=4)


def test_what_cannot_be_released(town: Town) -> None:
    town.dina.run("take", town.draw("Dina", "1", "a.lpe"))
    (number,) = numbers(town.dina, "held", "cheque")
    assert "the bank has not refused it" in town.dina.run("release", number, "--yes", status=3).stderr
    assert "at most 256" in town.dina.run("release", number, "--comment", 129 * "é", "--yes", status=2).stderr
    town.dina.run("release", "999", "--yes", status=4)


def test_where_nobody_owes_somebody_must_be_named(town: Town) -> None:
    early = town.draw("Dina", "1", "a.lpe", "--from", "2027-02-01")
    town.dina.run("take", early)
    town.trip(town.dina)
    (number,) = numbers(town.dina, "refused", "cheque")
    assert "--debtor PARTY" in town.dina.run("release", number, "--yes", status=3).stderr
    town.dina.run("release", number, "--debtor", "Bo", "--yes")
    assert numbers(town.dina, "refused", "cheque") == []


@pytest.mark.parametrize("options", [(), ("--debtor", "Bo")])
def test_whoever_endorsed_a_certificate_twice_is_released(town: Town, options: tuple[str, ...]) -> None:
    number = town.bought()
    town.amina.run("endorse", number, "Bo", "--yes", "-o", town.file("1.lpe"))
    town.bo.run("take", town.file("1.lpe"), "--hold")
    cheat = town.copied(town.bo, "bo-copy")
    town.bo.run("endorse", number, "Dina", "--yes", "-o", town.file("2.lpe"))
    cheat.run("endorse", number, "Amina", "--yes", "-o", town.file("3.lpe"))
    town.dina.run("take", town.file("2.lpe"))
    town.amina.run("take", town.file("3.lpe"))
    town.trip(town.dina)
    town.trip(town.amina, bank=8)
    (item,) = town.amina.items("release", number, *options, "--yes", "-o", town.file("release.lpe"))
    assert (item["kind"], item["debtor"]) == ("certificate", fingerprint(town.bo))

"""Simulated towns, the same each time: 100,000 deliveries over a post that does its worst (``simulation``).

``scripts/simulate`` runs more of them, and each of these again. Below stand the proofs that the town is worth asking: a
bank, a wallet, a post or a judge with one fault each must be found out by it.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledgerpost.bank.books import Books
from ledgerpost.bank.keys import notice_key
from ledgerpost.bank.page import Page
from ledgerpost.bank.teller import Teller
from ledgerpost.desk.purse import Purse
from ledgerpost.envelope import MAX_ENVELOPE
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding, Verdict
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import Signer
from ledgerpost.statement import Statement
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.writing import write_letter
from simulation.post import Courier, MemoryPlace
from simulation.run import Plan, plan_of, run, unmet

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "simulate"
SHARES = 10
SEEDS = 80
DELIVERIES = 100_000


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each share writes what it reached; one folder for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "simulation"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_towns_hold(share: int, told: Path) -> None:
    """Whichever share comes last looks at what all of them met."""
    reached: Counter[str] = Counter()
    for seed in range(share, SEEDS, SHARES):
        report = run(plan_of(seed))
        assert not report.failure, report.failure
        reached += report.happened
        reached["deliveries"] += report.deliveries
    (told / f"{share}.part").write_text(json.dumps(reached))
    (told / f"{share}.part").rename(told / f"{share}.json")  # whole or not there: another process may look
    files = sorted(told.glob("*.json"))
    if len(files) == SHARES:
        happened = sum((Counter[str](json.loads(each.read_text())) for each in files), Counter[str]())
        assert unmet(happened) == []
        assert happened["deliveries"] >= DELIVERIES


def test_a_town_follows_from_its_seed() -> None:
    one, two = (run(Plan(5, steps=60, judged=True)) for _ in range(2))
    assert (one.happened, one.deliveries) == (two.happened, two.deliveries)
    assert one.deliveries > 100


def test_it_goes_the_same_way_in_memory_and_on_the_disk_and_without_what_makes_it_fast() -> None:
    plan = Plan(8, steps=50, size=1)
    fast, plain, disk = run(plan), run(replace(plan, plain=True)), run(replace(plan, disk=True))
    assert fast.happened == plain.happened
    assert (disk.failure, fast.failure) == ("", "")


# --- what the town must find out


def _never(*_: Any) -> None:
    return None


def _clears_every_cheque(patch: pytest.MonkeyPatch) -> None:
    """The bank pays whatever cheque is signed, on any number, as often as it comes."""
    patch.setattr(DepositCheque, "clear", _never)


def _answered_twice(patch: pytest.MonkeyPatch) -> None:
    """The bank carries out a letter whatever is missing before it."""
    patch.setattr("ledgerpost.bank.counter._obstacle", lambda books, page, received: "")


def _money_from_nothing(patch: pytest.MonkeyPatch) -> None:
    """A deposit pays one unit more than the cheque."""
    patch.setattr(DepositCheque, "effect", lambda self, statement: statement.moved(self.asset, self.amount + 1))


def _spent_unsigned(patch: pytest.MonkeyPatch) -> None:
    """Each spend takes a unit more than its owner signed, and nobody gets it."""
    real = SpendTo.effect

    def effect(self: SpendTo, statement: Statement) -> Statement:
        return real(self, statement).moved(self.asset, -1)

    patch.setattr(SpendTo, "effect", effect)


def _fees_lost(patch: pytest.MonkeyPatch) -> None:
    """Whatever is paid in fees is gone."""
    real = Teller._do

    def do(self: Teller, *rest: Any) -> Any:
        before, done = dict(self.page.fees), real(self, *rest)
        self.page.fees = before
        return done

    patch.setattr(Teller, "_do", do)


def _never_tidied(patch: pytest.MonkeyPatch) -> None:
    """Instruments are kept for ever."""
    patch.setattr("ledgerpost.desk.office.Office.tidy", lambda self: 0)


def _notices_left(patch: pytest.MonkeyPatch) -> None:
    """Records of notices stay when they were taken in."""
    real = Page.drop

    def drop(self: Page, notice: int) -> None:
        about = self.waits(notice)
        real(self, notice)
        if about is not None:
            self.drafts.new.pop(notice_key(self.fingerprint, about.number, notice), None)

    patch.setattr(Page, "drop", drop)


def _not_made_durable(patch: pytest.MonkeyPatch) -> None:
    """A wallet takes in what it read, and does not keep it."""
    real = Purse.save

    def save(self: Purse, before: Any, after: Any, extra: Any = None) -> Any:
        return after if len(after.notices) > len(before.notices) else real(self, before, after, extra)

    patch.setattr(Purse, "save", save)


def _never_settles(patch: pytest.MonkeyPatch) -> None:
    """Spends that nobody took never come back."""
    patch.setattr(Books, "sweep", lambda self, page, grace: None)


def _mail_never_fetched(patch: pytest.MonkeyPatch) -> None:
    """Couriers take along and never put down."""
    patch.setattr(Courier, "_put_down", _never)


def _always_in_credit(patch: pytest.MonkeyPatch) -> None:
    """The bank lets everybody go below zero."""
    patch.setattr(Teller, "usable", lambda self, asset: 10**9)


def _forgets_letters(patch: pytest.MonkeyPatch) -> None:
    """A wallet's letters leave before they are durable (L7)."""
    patch.setattr("simulation.people.Wallet.write", lambda self, account, signer, now: _written(account, signer, now))


def _written(account: Account, signer: Signer, now: int) -> Account:
    return write_letter(account, signer, now, bytes(16))


def _honest_convicted(patch: pytest.MonkeyPatch) -> None:
    """The judge takes everything that is settled for a debt."""

    def blind(documents: Any, now: int) -> Verdict:
        verdict = judge(documents, now)
        rows = [each for each in verdict.settled if each.asset is not None]
        false = [Finding(each.party, None, each.asset, each.amount, "C2", "owes", each.shown) for each in rows]
        return replace(verdict, findings=(*verdict.findings, *false))

    patch.setattr("simulation.verdicts.judge", blind)


def _cheats_let_off(patch: pytest.MonkeyPatch) -> None:
    """The judge never sees that somebody signed twice."""
    patch.setattr("ledgerpost.judge.court.double.twice", lambda evidence: iter(()))


def _never_waits(patch: pytest.MonkeyPatch) -> None:
    """A bank that lost its store decides about whoever is named, come or not."""
    patch.setattr("ledgerpost.bank.counter.waits_for", lambda books, received: None)


def _makes_nothing_good(patch: pytest.MonkeyPatch) -> None:
    """What others did to somebody in the lost time is not told again (R6)."""
    patch.setattr("ledgerpost.bank.restoring.do_deeds", lambda books, page: None)


def _blind_audit(patch: pytest.MonkeyPatch) -> None:
    """The audit finds every sum even."""
    patch.setattr("ledgerpost.bank.audit.Sheet.difference", property(lambda self: 0))


def _deaf_judge(patch: pytest.MonkeyPatch) -> None:
    """The judge does not hear what parties have declared."""
    patch.setattr("ledgerpost.judge.declared.Declared.voids_receipt", lambda self, receipt, identity: False)


FAULTS: dict[Callable[[pytest.MonkeyPatch], None], tuple[Plan, str]] = {
    _clears_every_cheque: (Plan(14, steps=400, size=3), "found the honest bank cheating"),
    _answered_twice: (Plan(14, steps=400, size=3), "was carried out twice"),
    _money_from_nothing: (Plan(2, steps=600, size=1), "moved without its owner's signature"),
    _spent_unsigned: (Plan(2, steps=60, size=1), "moved without its owner's signature"),
    _fees_lost: (Plan(1, steps=300, size=2), "is off by"),
    _never_tidied: (Plan(2, steps=300, size=1), "past their end"),
    _notices_left: (Plan(2, steps=100, size=1), "nobody waits for"),
    _not_made_durable: (Plan(14, steps=400, size=1), "had made durable"),
    _never_settles: (Plan(2, steps=300, size=1), "not settled"),
    _mail_never_fetched: (Plan(2, steps=100, size=1), "not settled"),
    _always_in_credit: (Plan(2, steps=600, size=1), "owes"),
    _forgets_letters: (Plan(2, steps=200, size=1), "another statement than the bank"),
    _honest_convicted: (Plan(14, steps=400, size=2, judged=True), "found against somebody honest"),
    _cheats_let_off: (Plan(14, steps=400, size=3, judged=True), "finds nothing"),
    _never_waits: (plan_of(6), "decided about a party that had not come"),
    _makes_nothing_good: (plan_of(126), "for no reason"),
    _blind_audit: (plan_of(34), "the audit says that the books are off by nothing"),
    _deaf_judge: (plan_of(54), "found against somebody honest"),
}
"""Each a fault, the town that finds it, and what it says."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_a_fault_is_found_and_told(
    fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, words = FAULTS[fault]
    fault(monkeypatch)
    report = run(plan)
    assert words in report.failure, report.failure[-2000:]
    assert f"again: scripts/simulate --seed {plan.seed} --steps " in report.failure


def test_the_command_told_plays_the_same_end_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _never_tidied(monkeypatch)
    first = run(Plan(2, steps=300, size=1)).failure
    steps = int(first.rpartition(" ")[2])
    again = run(Plan(2, steps=steps, size=1)).failure
    assert 0 < steps < 300
    assert first == again


def test_a_run_of_the_script_goes_on_from_what_it_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    words = ["--seconds", "0", "--workers", "1", "--block", "1", "--from", "4", "--json", str(kept)]
    reached = []
    for _ in range(2):
        done = subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        reached.append(json.loads(kept.read_text()))
    assert [each["next"] for each in reached] == [5, 6]
    assert reached[0]["totals"]["deliveries"] == run(plan_of(4)).deliveries
    assert reached[0]["totals"]["deliveries"] < reached[1]["totals"]["deliveries"]


def test_what_never_happens_is_named() -> None:
    report = run(Plan(1, steps=5, size=1))
    assert "order redeemcertificate" in unmet(report.happened)
    assert report.failure == ""


# --- the post itself


def _mail(place: MemoryPlace) -> Iterator[bytes]:
    yield from (raw for box in place.boxes.values() for raw in box.values())


def test_what_a_post_does_to_mail_is_counted() -> None:
    market, counter = MemoryPlace("market", MAX_ENVELOPE), MemoryPlace("counter", MAX_ENVELOPE)
    met: Counter[str] = Counter()
    courier = Courier("ann", random.Random(1), {"bank": "counter"}.get, met)
    for number in range(500):
        market.deliver("bank", number.to_bytes(600, "big"))
        courier.visit(market)
        courier.visit(counter)
    assert all(met[each] > 5 for each in ("lost", "doubled", "overtaken", "torn", "flipped", "truncated", "replayed"))
    whole = {number.to_bytes(600, "big") for number in range(500)}
    assert 300 < len(whole & {*_mail(counter)}) < 500
    assert {*_mail(counter)} - whole

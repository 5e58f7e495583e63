"""A quarter of a simulated town whose bank lies: what its people find, and what the judge makes of it."""

from pathlib import Path

from ledgerpost.carriers.port import Carrier
from ledgerpost.desk.cases import CASES
from ledgerpost.envelope import unpack
from ledgerpost.errors import Cheating
from ledgerpost.judge.verdict import Finding
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import is_message, trusted
from ledgerpost.statement import read_statement
from ledgerpost.wallet.checks import Contradiction
from rogues import FalseBank
from simulation.people import Resident
from simulation.streets import Streets, TownHall
from town import Party


class FalseQuarter(Streets, FalseBank):
    """A bank that lies, forks and forges; its people trade with it as long as they notice nothing.

    ``shown``: the case file of each contradiction that a wallet found.
    """

    def __init__(self, seed: int, town: TownHall, counter: Carrier, *, keep: bool, burns: bool = False) -> None:
        self.shown: list[tuple[bytes, ...]] = []
        self._cases: set[Path] = set()
        super().__init__(seed, town, counter, keep=keep)

    @property
    def watched(self) -> bool:
        """Nothing holds of its books."""
        return False

    def wrong(self, findings: tuple[Finding, ...], files: frozenset[bytes], now: int) -> list[Finding]:
        """As in any history, but for what is truly owed: no wallet can help what another device signed (C2)."""
        words = "cheque {} was on a number used otherwise, or stopped"
        twice = {(party, words.format(number)) for party, number in self.copied}
        false = [each for each in super().wrong(findings, files, now) if (each.debtor, each.words) not in twice]
        return [each for each in false if not self._is_short(each)]

    def _is_short(self, finding: Finding) -> bool:
        """Whether the drawer itself held the statement that does not cover its cheque: its clock was ahead, say, and it
        took the cheque for ended and spent what covered it (seed 6001929).
        """
        if finding.rule != "C2" or "not covered" not in finding.words:
            return False
        names = {each.me: each.name for each in self.everybody()}
        held = (trusted(raw) for raw in self.files.of(names.get(finding.debtor, "")) if is_message(raw))
        shown = (each for each in held if each.type == Receipt.TYPE and each.identity in finding.shown)
        states = (read_statement(Receipt.read(each.body).statement) for each in shown)
        return any(
            state.party == finding.debtor and state.balance(finding.asset or self.grain) < finding.amount
            for state in states
        )

    def contradicted(self, party: Party, error: Cheating) -> None:
        """As it should be: the wallet adopts nothing of it, and keeps what shows it."""
        super().contradicted(party, error)
        if isinstance(error, Contradiction):
            case = self._case(party) or error.evidence
            self.shown += [case] if case not in self.shown else []

    def _case(self, party: Party) -> tuple[bytes, ...]:
        """The case file that the wallet just wrote; nothing if it was no run of the desk's, or the same case again."""
        folder = party.person.folder / CASES if isinstance(party, Resident) else None
        files = sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []
        new = [each for each in files if each not in self._cases]
        self._cases.update(new)
        return tuple(message for each in new for message in unpack(each.read_bytes()).messages)

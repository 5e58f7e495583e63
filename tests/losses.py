"""Random histories in which the bank loses its store and goes on from a backup (L11, T4), by seed.

Everything goes through the real core: backup, loss, declared restore, what wallets declare and bring, the judge.
Answers that are under way when the store is lost are lost too, or come late. The same seed without the loss tells the
truth.
"""

import random
from collections.abc import Iterator
from typing import Final

from histories import DEEDS, NAMES, History
from ledgerpost import envelope
from ledgerpost.bank.audit import audit
from ledgerpost.bank.founding import declared, jumped
from ledgerpost.bank.keys import ACCOUNTS, CLOCK, RESTORE
from ledgerpost.bank.records import ClockRecord, RestoreRecord, read_record, write_record
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding
from ledgerpost.papers.terms import DAY
from ledgerpost.store.memory import MemoryStore
from ledgerpost.store.port import Store
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.restored import bring, declare
from ledgerpost.wallet.writing import has_something_to_say, may_write
from town import Party

GRACE: Final = 4000 * DAY
"""Long enough that everybody comes within it who comes at all."""
ROUNDS: Final = 12
"""Round trips of everybody in which all that is under way comes to its end."""


def restored(records: dict[bytes, bytes], now: int, grace: int) -> Store:
    """A store from a backup, with a declared restore, as ``Office.restore`` does it."""
    store = MemoryStore()
    clock = read_record(ClockRecord, records[CLOCK], CLOCK).now
    before = read_record(RestoreRecord, records[RESTORE], RESTORE) if RESTORE in records else None
    restore = declared(now, clock, grace, before)
    changes: dict[bytes, bytes | None] = dict(records)
    accounts = ((key, raw) for key, raw in records.items() if key.startswith(ACCOUNTS))
    changes |= dict(jumped(accounts, restore.last))
    changes |= {RESTORE: write_record(restore), CLOCK: write_record(ClockRecord(restore.last + 1))}
    with store.hold([]) as held:
        held.commit(changes)
    return store


def enclosing(party: Party) -> bytes:
    """An envelope as ``carry`` puts it out: letters, and what a bank that restores asks for."""
    party.account = declare(party.account, party.signer, party.bank.now)
    return party.seal((*party.account.letters, *bring(party.account, party.contracts.values())))


class Loss(History):
    """Backed up and lost at random steps of the first ``steps``; ``after``: steps that are dealt on.

    ``lost`` False: the truth, without the loss; ``wallets``: these are restored too at times; ``absent``: somebody
    never comes again, and the bank goes on without it when its grace is over.
    """

    def __init__(
        self,
        seed: int,
        *,
        lost: bool = True,
        steps: int = 24,
        after: int = 0,
        wallets: bool = False,
        absent: bool = False,
        still: bool = False,
    ) -> None:
        self.lost, self.after, self.wallets, self.still = lost, after, wallets, still
        self.gone = random.Random(seed).choice(NAMES) if absent else ""
        self.burned = False
        super().__init__(seed, careful=True, steps=steps)

    # --- the post

    def post(self, *raws: bytes) -> list[tuple[Fingerprint, bytes]]:
        """No two batches in one second, but where the clock is ``still``."""
        self.bank.now += not self.still
        replies = super().post(*raws)
        seeds = {party.me: party.signer.seed for party in (*self.everybody(), self.newcomer)}
        for to, raw in replies:
            self.files.add("bank", self.at, *envelope.unpack(raw, seeds[to], to).messages)
        return replies

    def write(self, party: Party) -> None:
        """As ``carry`` does: a letter if there is something to say, and what a bank that restores asks for."""
        if self.burned and party.name == self.gone:
            return
        if may_write(party.account) and has_something_to_say(party.account):
            party.write()
        if party.account.letters:
            self.outbox.append((party, self.envelope(party)))

    def envelope(self, party: Party) -> bytes:
        raw = enclosing(party)
        self.files.add(party.name, self.at, *([party.account.declared] if party.account.declared else []))
        return raw

    def deed(self) -> None:
        names = [name for name in DEEDS if self.wallets or name not in ("restore", "present again")]
        one, other = self.dice.sample(list(self.everybody()), 2)
        [name] = self.dice.choices(names, [DEEDS[name][0] for name in names])
        DEEDS[name][1](self, one, other)

    # --- the loss

    def play(self) -> "Loss":
        """Deal; be backed up; deal; lose the store; deal on; and let all come to its end."""
        first = self.dice.randint(1, self.steps - 1)
        second = self.dice.randint(first, self.steps)
        records: dict[bytes, bytes] = {}
        for at in range(1, second + 1):
            self._step(at)
            if at == first:
                records = self.bank.backed_up()
        self._lose(records)
        for at in range(second + 1, second + 1 + self.after):
            self._step(at)
        self.rest()
        return self

    def _step(self, at: int) -> None:
        self.at = at
        for _ in range(3):
            self.try_deed()
        self.turn()

    def _lose(self, records: dict[bytes, bytes]) -> None:
        luck = random.Random(self.seed)
        stays = luck.random()
        self.bank.now += 60
        self.burned = True
        if self.lost:
            self.bank.store = restored(records, self.bank.now, GRACE)
            self.inbox = [each for each in self.inbox if luck.random() < stays]
        self.outbox = [each for each in self.outbox if each[0].name != self.gone]
        self.old = [each for each in self.old if each[0].name != self.gone]

    def rest(self) -> None:
        """Nobody deals; everybody carries, and everything gets through."""
        for at in range(ROUNDS):
            if self.gone and at == ROUNDS // 2:
                self.bank.now += GRACE + 1
            for party in list(self.everybody()):
                if not party.account.letters:
                    party.wish("getq")
                self.write(party)
            going, self.outbox = self.outbox, []
            self.inbox += self._answer(*going) if going else []
            coming, self.inbox = self.inbox, []
            self.dice.shuffle(coming)
            for party, raw in coming:
                self._receive(party, raw)
        self.look()

    # --- what came of it

    def wealth(self) -> dict[tuple[str, Digest], int]:
        """What each has by the bank's newest statement, with what is still open."""
        found: dict[tuple[str, Digest], int] = {}
        for party in self.everybody():
            try:
                state = self.bank.statement(party.me)
            except AssertionError:  # no account
                continue
            rows = (*state.balances, *((each.asset, each.amount) for each in state.outstanding))
            for asset, units in rows:
                found[party.name, asset] = found.get((party.name, asset), 0) + units
        return {key: units for key, units in found.items() if units}

    def off(self) -> dict[Digest, int]:
        """By how much the books are off, asset by asset: all that anybody can have gained or lost."""
        with self.bank.store.snapshot() as snapshot:
            sheets = audit(snapshot, self.bank.signer.key).sheets
        return {asset: sheet.difference for asset, sheet in sheets.items() if sheet.difference}

    def convicted(self) -> list[Finding]:
        """False findings, with every document of everybody and of the bank."""
        files = frozenset([*self.files.kept, *self.cards()])
        return self.wrong(judge(files, self.bank.now).findings, files, self.bank.now)

    def waiting(self) -> Iterator[str]:
        """Whoever has an account, and letters that nobody answered."""
        here = (each for each in self.everybody() if each.name != self.gone)
        return (each.name for each in here if each.account.letters and each.account.receipt)


def findings(history: Loss) -> list[str]:
    """What the audit says."""
    with history.bank.store.snapshot() as snapshot:
        return [f"{each.where}: {each.what}" for each in audit(snapshot, history.bank.signer.key).findings]

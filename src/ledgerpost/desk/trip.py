"""What became of one visit to a place: values that ``desk.carry`` fills and the command line tells."""

from collections import Counter
from dataclasses import dataclass, field

from ledgerpost.bank.counter import Reply
from ledgerpost.errors import LedgerpostError, Refusal
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.reading import News


@dataclass(frozen=True, slots=True)
class Came:
    """One envelope met; ``result``: ``done``, ``repeated``, ``set-aside``, ``left``, ``refused`` or ``cheating``."""

    file: str
    result: str
    error: LedgerpostError | None = None
    news: News | None = None

    @property
    def is_taken(self) -> bool:
        """Whether its recipient has what was in it: nobody need carry it any further."""
        return self.result in ("done", "repeated")


@dataclass(slots=True)
class Trip:
    """What one wallet or bank did at one place. Of a bank's answers it keeps who got one, and what became of orders.

    So it grows by some hundred bytes with each envelope, however long the answers are.
    """

    owner: str
    where: str
    came: list[Came] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    parties: set[Fingerprint] = field(default_factory=set)
    orders: Counter[Refusal] = field(default_factory=Counter)
    account: Account | None = None
    waits: str = ""

    def answered(self, reply: Reply) -> None:
        """Count what a bank answered."""
        self.parties.add(reply.party)
        self.orders.update(result.code for result in reply.results)

    def count(self, *results: str) -> int:
        """Envelopes with one of these results."""
        return sum(each.result in results for each in self.came)

    @property
    def worst(self) -> LedgerpostError | None:
        """The gravest error met: cheating first, then whatever was set aside or left."""
        errors = [each.error for each in self.came if each.error is not None]
        return max(errors, key=lambda error: error.exit_status, default=None)


def tally(trip: Trip) -> dict[str, int]:
    """How many orders of all answers were done and refused."""
    done = trip.orders[Refusal.DONE]
    return {"done": done, "refused": trip.orders.total() - done}

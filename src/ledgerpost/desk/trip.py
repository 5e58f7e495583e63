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
    """What one wallet or bank did at one place.

    Of a bank's answers it keeps who got one, and what became of orders. A ``brief`` one keeps in ``came`` only what is
    to be told singly (errors, news), and no names in ``went``: so it does not grow with the envelopes met.
    """

    owner: str
    where: str
    came: list[Came] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    parties: set[Fingerprint] = field(default_factory=set)
    orders: Counter[Refusal] = field(default_factory=Counter)
    account: Account | None = None
    waits: str = ""
    brief: bool = False
    results: Counter[str] = field(default_factory=Counter)
    put_out: int = 0
    crew: str = ""
    """What became of the processes beside the desk, if they could not go on."""

    def meet(self, came: Came) -> None:
        """One more envelope."""
        self.results[came.result] += 1
        if not self.brief or came.error is not None or came.news is not None:
            self.came.append(came)

    def put(self, *names: str) -> None:
        """Envelopes put out."""
        self.put_out += len(names)
        if not self.brief:
            self.went += names

    def answered(self, reply: Reply) -> None:
        """Count what a bank answered."""
        self.parties.add(reply.party)
        self.orders.update(result.code for result in reply.results)

    @property
    def met(self) -> int:
        """Envelopes met."""
        return self.results.total()

    def count(self, *results: str) -> int:
        """Envelopes with one of these results."""
        return sum(self.results[each] for each in results)

    @property
    def worst(self) -> LedgerpostError | None:
        """The gravest error met: cheating first, then whatever was set aside or left."""
        errors = [each.error for each in self.came if each.error is not None]
        return max(errors, key=lambda error: error.exit_status, default=None)


def tally(trip: Trip) -> dict[str, int]:
    """How many orders of all answers were done and refused."""
    done = trip.orders[Refusal.DONE]
    return {"done": done, "refused": trip.orders.total() - done}

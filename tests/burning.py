"""A market whose bank burns, step by step: what is kept, lost, sent and said."""

from ledgerpost import envelope
from ledgerpost.errors import Refusal
from ledgerpost.judge.court import judge
from ledgerpost.papers.instrument import Instrument, identity_of_body, read_instrument
from ledgerpost.papers.order import Order
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import is_message, trusted
from ledgerpost.terms import Digest
from ledgerpost.wallet.writing import has_something_to_say, may_write
from losses import enclosing, restored
from market import Market, presentation
from quarreling import cards
from test_judge_histories import held
from town import Party


def keep(m: Market) -> dict[bytes, bytes]:
    """A backup."""
    m.bank.watched = False
    return m.bank.backed_up()


def burn(m: Market, backup: dict[bytes, bytes], *, grace: int = 60 * DAY) -> None:
    """The store is lost; the bank goes on from the backup an hour later."""
    m.bank.now += 3600
    m.bank.store = restored(backup, m.bank.now, grace)


def answers(party: Party) -> list[bytes]:
    """What the bank puts out for this party's envelope; nobody has delivered it yet."""
    party.bank.now += 1
    if may_write(party.account) and has_something_to_say(party.account):
        party.write()
    return [raw for to, raw in party.bank.post(enclosing(party)) if to == party.me]


def carry(*parties: Party) -> None:
    """Round trips, one after the other."""
    for party in parties:
        if not has_something_to_say(party.account):
            party.wish("getq")
        for raw in answers(party):
            party.receive(raw)


def come(m: Market, *names: str) -> None:
    """These and the treasurer carry until nothing is under way any more."""
    for _ in range(4):
        carry(m.treasurer, *(m[name] for name in names))


def come_again(m: Market, party: Party) -> None:
    """With its letters as they are: the bank asks, and then answers."""
    for _ in range(2):
        for to, raw in m.bank.post(enclosing(party)):
            if to == party.me:
                party.receive(raw)


def unsealed(party: Party, raws: list[bytes]) -> list[bytes]:
    return [each for raw in raws for each in envelope.unpack(raw, party.signer.seed, party.me).messages]


def rules(m: Market, *files: bytes) -> set[str]:
    """By which rules somebody is found against."""
    return {each.rule for each in judge((*cards(m), *files), m.bank.now).findings}


def words_of(*parties: Party) -> list[bytes]:
    """All that these hold, and what they declared."""
    said = [party.account.declared for party in parties if party.account.declared]
    return [*said, *(raw for party in parties for raw in (*held(party), *party.account.letters))]


def kind_of(raw: bytes) -> str:
    """The type of a message; of anything else nothing."""
    return trusted(raw).type if is_message(raw) else ""


def named(raw: bytes) -> Digest | None:
    """The identity of a message; of anything else nothing."""
    return trusted(raw).identity if is_message(raw) else None


def taken(m: Market, drawer: Party, payee: Party, amount: int) -> Instrument:
    """A cheque that the payee has, and deposits with its next letter."""
    drawn = drawer.draw(payee, m.grain, amount)
    payee.take(drawn)
    payee.queue(drawn)
    return drawn


def present_again(party: Party, drawn: Instrument) -> list[Refusal]:
    item = party.account.items[identity_of_body(drawn.body)]
    order: Order = presentation(read_instrument(item.instrument))
    return party.hand_in(order)


def holds(party: Party) -> bytes:
    enclosing(party)
    assert party.account.declared is not None
    return party.account.declared

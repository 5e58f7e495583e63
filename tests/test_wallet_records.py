"""A wallet writes what changed of an account and no more, and reads it anew just where its records changed."""

from dataclasses import replace
from pathlib import Path

from ledgerpost.desk.home import WALLETS, Seat
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Refusal
from ledgerpost.store.memory import MemoryStore
from ledgerpost.wallet.account import Account, Wish
from ledgerpost.wallet.records import ACCOUNTS, PROOFS, WISHES, changes, from_records, to_records
from market import Market, market


def lived() -> tuple[Market, list[Account]]:
    """Bob's account in all states of a life with wishes, letters, notices, a paid cheque and two that bounced."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    states = [bob.account]
    m.fund(bob, 10)
    states.append(bob.account)
    paid = alice.draw(bob, m.grain, 20)
    bob.take(paid)
    states.append(bob.account)
    bob.queue(paid)
    states.append(bob.account)
    bob.trip()
    states.append(bob.account)
    drawn = [bob.draw(alice, m.grain, 500), bob.draw(alice, m.grain, 500)]
    states.append(bob.account)
    bob.pay(alice, m.grain, 1000)
    bob.write()
    states.append(bob.account)
    bob.trip()
    assert Refusal.DONE not in alice.deposit(*drawn)
    bob.ask()
    return m, [*states, bob.account, replace(alice.account, key=bob.signer.key, name=bob.name)]


def test_changes_lead_from_each_state_to_each_other() -> None:
    _, states = lived()
    for before in states:
        for after in states:
            made: dict[bytes, bytes | None] = {**to_records(before), **changes(before, after)}
            assert {key: raw for key, raw in made.items() if raw is not None} == to_records(after)


def test_only_what_changed_is_written() -> None:
    _, states = lived()
    for before in states:
        again = from_records(before.bank.bank, to_records(before))
        assert again == before
        assert changes(before, again) == {}
        for after in states:
            old, new = to_records(before), to_records(after)
            assert changes(before, after).items() == {
                *((key, raw) for key, raw in new.items() if old.get(key) != raw),
                *((key, None) for key in old if key not in new),
            }
    assert any(key.startswith(PROOFS) for key in to_records(states[-1]))


def test_a_purse_gives_the_same_account_until_its_records_change(tmp_path: Path) -> None:
    _, (account, *_) = lived()
    bank, store = account.bank.bank, MemoryStore()
    purse, another = (Purse(Seat(WALLETS, "bob", tmp_path), store) for _ in range(2))
    purse.add(account)
    known = purse.account(bank)
    assert known == account
    assert purse.accounts() == (known,)
    assert purse.account(bank) is known
    wished = another.wish(another.account(bank), Wish(0, "getq"))
    assert purse.account(bank) == wished != known
    with store.hold([ACCOUNTS + bank]) as held:
        held.commit({key: None for key, _ in held.under(WISHES)})
    assert purse.account(bank).wishes == ()

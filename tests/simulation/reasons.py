"""Why the books of a bank that went on from an old backup may be off: the reasons of spec 6.1, one for each deal."""

from collections.abc import Iterable, Iterator, Mapping

from ledgerpost.papers.cheque import Cheque
from ledgerpost.sealed import read
from ledgerpost.store.port import Snapshot
from ledgerpost.terms import Digest, Fingerprint
from simulation.aftermath import Aftermath, Deal, Leg, Node
from simulation.ledger import must
from simulation.relapse import RelapseWatch


def explained(watch: RelapseWatch, store: Snapshot, doubtful: set[Fingerprint], void: set[Digest]) -> Iterator[str]:
    """Why each deal is not even, in words; Broken where there is no reason (R5, R6, R7).

    Fees that nobody brings are the only other difference.
    ``doubtful``: whoever may have kept something back, or lost it: rogues, restored wallets. ``void``: letters that
    were lost unanswered with the wallets that wrote them.
    """
    cheques = dict(_cheques(watch.nodes))
    for (deal, asset), legs in watch.uneven(store).items() if not watch.lost_sight else ():
        parties = {deal[1], *(leg.party for leg in legs), *_others(watch, deal)}
        units, cheque = sum(leg.units for leg in legs), cheques.get(deal)
        if parties & doubtful:
            yield "of a rogue or a restored wallet"
        elif parties - watch.came:
            yield "of somebody who did not come"
        elif deal[0] == "cheque" and units > 0 and (cheque is None or cheque.until < watch.clock):
            yield "of a cheque that had ended"
        elif deal in watch.twice and cheque and cheque.payee is None and _charged(legs) == cheque.amount:
            yield "of an open cheque that two were paid"
        elif units in _gone(watch, deal, asset, void):
            yield "of a letter that was lost with its wallet"
        else:
            must(False, f"asset {asset.hex()[:8]} is off by {units:+} by {deal[0]} {deal[2]}, for no reason")


def _gone(watch: RelapseWatch, deal: Deal, asset: Digest, void: set[Digest]) -> set[int]:
    """Amounts of the spend in letters that were answered once and never come again (L9)."""
    assert isinstance(watch.ledger, Aftermath)
    story = watch.ledger.stories.get(deal[1])
    gone = void - (story.letters if story else set())
    done = (each for node in watch.nodes.values() if node.party == deal[1] for each in node.done)
    spent = (each.order for each in done if each.order.TYPE == "spendto" and each.letter in gone)
    return {each.amount for each in spent if ("spend", deal[1], each.number) == deal and each.asset == asset}


def _others(watch: RelapseWatch, deal: Deal) -> set[Fingerprint]:
    """Whoever ever had a part in the deal, whether it stands or not."""
    everything = Aftermath(watch.key, watch.nodes, dict(watch.notices))
    found = set(watch.named.get(deal, ()))
    for name in watch.nodes:
        if name not in {node.before for node in watch.nodes.values()}:
            party = watch.nodes[name].party
            everything.stand(party, name)
            found |= {leg.party for leg in everything.stories[party].legs if leg.deal == deal}
    return found


def _cheques(nodes: Mapping[Digest, Node]) -> Iterator[tuple[Deal, Cheque]]:
    """Each that was ever paid."""
    for node in nodes.values():
        for each in node.done:
            if each.order.TYPE == "depositcheque":
                drawer = read(each.order.signed).signer
                yield ("cheque", drawer, each.order.number), each.order.cheque


def _charged(legs: Iterable[Leg]) -> int:
    return -sum(leg.units for leg in legs if leg.units < 0)

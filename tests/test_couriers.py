"""Couriers: what a spool takes along, hands on and gives up (D1 to D4), and what nobody can make it do."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ledgerpost import envelope
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.desk import delivery
from ledgerpost.desk.courier import GRACE, Round, Visit, carry_spool
from ledgerpost.desk.delivery import COURIERS, MARK_LIFE, Log, couriers_pass, digest, mark, read_word
from ledgerpost.desk.spool import Agreement, Spool
from ledgerpost.errors import BadBytes, Mistyped, PlaceError, StoreBusy
from ledgerpost.papers.delivered import COUNTS_FOR, MOST_DELIVERED, SKEW, Delivered
from ledgerpost.sealed import Signer
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.terms import Digest, Fingerprint
from town import START, seed_of

DAY = 86400
SHOP, BANK, MALLORY = (Signer.from_seed(seed_of(name)) for name in ("shop", "kita", "mallory"))
BOX = spell_fingerprint(BANK.fingerprint)


def sealed(text: bytes = b"a letter", to: Signer = BANK, until: int = START + 60 * DAY, size: int = 0) -> bytes:
    return envelope.pack((text + bytes(size),), sender=SHOP.key, recipient=to.key, until=until, entropy=bytes(32))


@dataclass
class Courier:
    """A computer with a spool, and a clock."""

    home: Path
    now: int = START
    own: frozenset[Fingerprint] = frozenset()

    def __post_init__(self) -> None:
        self.spool = Spool(self.home)
        self.spool.agree(Agreement())

    def visit(self, place: Path, ours: frozenset[str] = frozenset()) -> Visit:
        visit = Visit(str(place))
        carry_spool(Round(self.spool, at(place), self.now, self.own, ours), visit)
        return visit

    @property
    def held(self) -> list[bytes]:
        found = [self.spool.read(each) for each in self.spool.held()]
        return [raw for raw in found if raw is not None]


def at(place: Path) -> FolderCarrier:
    return FolderCarrier(place, envelope.MAX_ENVELOPE)


def mail(place: Path, box: str = BOX) -> dict[str, bytes]:
    folder = place / "ledgerpost" / box
    return {each.name: each.read_bytes() for each in sorted(folder.glob("*.lpe"))} if folder.is_dir() else {}


def take_in(place: Path, who: Signer = BANK, now: int = START) -> int:
    """What the recipient does: take everything out, and leave word."""
    log, carrier, count = Log(at(place), who, now), at(place), 0
    for found in carrier.collect(spell_fingerprint(who.fingerprint)):
        log.add(found.raw)  # type: ignore[union-attr]
        carrier.finish(found.name)
        count += 1
    log.leave()
    return count


@pytest.fixture
def bob(tmp_path: Path) -> Courier:
    return Courier(tmp_path / "bob")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    made = tuple(tmp_path / name for name in ("market", "store", "bank"))
    for each in made:
        each.mkdir()
    return made  # type: ignore[return-value]


# --- the way of an envelope


def test_two_couriers_and_a_shared_folder_carry_there_and_hear_that_it_arrived(
    tmp_path: Path, bob: Courier, places: tuple[Path, Path, Path]
) -> None:
    market, store, bank = places
    carol = Courier(tmp_path / "carol")
    raw = sealed()
    at(market).deliver(BOX, raw)
    assert bob.visit(market).count("taken-along") == 1
    assert bob.visit(store).count("handed-on") == 1
    assert carol.visit(store).count("taken-along") == 1
    assert carol.visit(bank).count("handed-on") == 1
    assert list(mail(bank).values()) == [raw]
    assert take_in(bank) == 1
    assert carol.visit(bank).count("dropped", "delivered") == 1
    assert carol.held == []
    carol.visit(store)
    assert bob.held == [raw]
    assert bob.visit(store).count("dropped", "delivered") == 1
    assert bob.held == []
    again = bob.visit(market)  # the first copy still lies there
    assert [(each.result, each.why) for each in again.carried] == [("cleared", "delivered")]
    assert [mail(each) for each in places] == [{}, {}, {}]


def put_out(place: Path, raw: bytes, now: int) -> None:
    """As a wallet does, at this moment: where the same lies still, it is dated anew."""
    name = at(place).deliver(BOX, raw)
    os.utime(place / name, (now, now))


def test_what_is_put_out_again_for_want_of_an_answer_is_not_cleared_away(
    bob: Courier, places: tuple[Path, Path, Path]
) -> None:
    market, store, _ = places
    raw = sealed()
    put_out(market, raw, START)
    bob.visit(market)
    at(store).deliver(COURIERS, word(BANK, raw, now=START + 2 * DAY))
    bob.now = START + 3 * DAY
    bob.visit(store)
    put_out(market, raw, START + 4 * DAY)
    assert [(each.result, each.why) for each in bob.visit(market).carried] == [("left", "delivered")]
    put_out(market, raw, START + DAY)  # a day's grain: clocks differ
    assert bob.visit(market).count("left", "delivered") == 1
    put_out(market, raw, START + DAY - 1)
    assert bob.visit(market).count("cleared", "delivered") == 1


def test_a_second_visit_changes_nothing(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market, store, _ = places
    at(market).deliver(BOX, sealed())
    bob.visit(market)
    bob.visit(store)
    before = {place: snapshot(place) for place in (market, store, bob.home)}
    for place in (market, store, market, store):
        assert bob.visit(place).carried == []
    assert {place: snapshot(place) for place in (market, store, bob.home)} == before


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_the_same_stick_at_two_couriers_is_as_one(
    tmp_path: Path, bob: Courier, places: tuple[Path, Path, Path]
) -> None:
    market, _, bank = places
    carol = Courier(tmp_path / "carol")
    at(market).deliver(BOX, sealed())
    bob.visit(market)
    carol.visit(market)
    for each in (bob, carol):
        each.visit(bank)
    assert len(mail(bank)) == 1
    take_in(bank)
    for each in (bob, carol):
        each.visit(bank)
    assert (bob.held, carol.held, mail(bank)) == ([], [], {})


def test_an_old_stick_a_year_later_is_cleared_and_nothing_is_taken(
    bob: Courier, places: tuple[Path, Path, Path]
) -> None:
    market, *_ = places
    at(market).deliver(BOX, sealed())
    bob.now += 61 * DAY
    assert [(each.result, each.why) for each in bob.visit(market).carried] == [("left", "expired")]
    bob.now += 300 * DAY
    assert [(each.result, each.why) for each in bob.visit(market).carried] == [("cleared", "long expired")]
    assert mail(market) == {}


@pytest.mark.parametrize(
    ("until", "days", "why"),
    [(START + 10 * DAY, 11, "expired"), (0, 91, "too old"), (START + 200 * DAY, 91, "too old"), (0, 90, "")],
)
def test_what_nobody_takes_in_is_given_up(
    bob: Courier, places: tuple[Path, Path, Path], until: int, days: int, why: str
) -> None:
    at(places[0]).deliver(BOX, sealed(until=until))
    bob.visit(places[0])
    bob.now += days * DAY
    assert bob.visit(places[1]).count("dropped", why) == (1 if why else 0)
    assert len(bob.held) == (0 if why else 1)


# --- what is taken along


def test_only_sealed_mail_of_others_is_taken(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market = places[0]
    me = Signer.from_seed(seed_of("bob"))
    bob.own = frozenset({me.fingerprint})
    at(market).deliver(spell_fingerprint(me.fingerprint), sealed(to=me))
    ours = at(market).deliver(BOX, sealed(b"ours"))
    at(market).deliver(BOX, envelope.pack((b"open",), sender=SHOP.key, recipient=BANK.key, until=0))
    at(market).deliver(BOX, sealed(b"in the wrong box", to=MALLORY))
    at(market).deliver(BOX, b"no envelope")
    at(market).deliver("letters", sealed(b"in a box that is nobody's"))
    (market / "ledgerpost" / BOX / "link.lpe").symlink_to("/etc/passwd")
    (market / "ledgerpost" / BOX.upper()).mkdir()
    visit = bob.visit(market, frozenset({ours}))
    assert bob.held == []
    assert sorted(each.why for each in visit.carried) == [
        "not sealed mail for this mailbox",
        "not sealed mail for this mailbox",
        "unreadable",
        "unreadable",
    ]
    assert visit.errors == []
    assert len(mail(market)) == 5
    good = sealed(b"good")
    at(market).deliver(BOX, good)
    bob.visit(market, frozenset({ours}))
    assert bob.held == [good]


def test_limits_hold_and_what_is_beyond_stays(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market = places[0]
    for number in range(10):
        at(market).deliver(BOX, sealed(b"%d" % number, size=1000))
    bob.spool.agree(Agreement(envelopes=4))
    visit = bob.visit(market)
    assert (visit.count("taken-along"), visit.count("left", "spool full")) == (4, 6)
    bob.spool.agree(Agreement(bytes=9000))
    visit = bob.visit(market)
    assert visit.count("taken-along") + 4 == len(bob.held)
    assert 7000 < sum(map(len, bob.held)) <= 9000
    assert len(mail(market)) == 10


def test_without_agreement_nothing_is_taken_but_what_is_held_goes_on(
    bob: Courier, places: tuple[Path, Path, Path]
) -> None:
    market, store, _ = places
    raw = sealed()
    at(market).deliver(BOX, raw)
    bob.visit(market)
    bob.spool.end()
    at(store).deliver(BOX, sealed(b"another"))
    visit = bob.visit(store)
    assert [each.result for each in visit.carried] == ["handed-on"]
    assert bob.held == [raw]
    assert bob.spool.in_use()
    bob.spool.drop(bob.spool.held()[0])
    assert not bob.spool.in_use()


def test_a_name_that_lies_is_put_right(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market, store, _ = places
    raw = sealed()
    folder = market / "ledgerpost" / BOX
    folder.mkdir(parents=True)
    (folder / ("0" * 32 + ".lpe")).write_bytes(raw)
    bob.visit(market)
    bob.visit(store)
    assert mail(store) == {digest(raw).hex()[:32] + ".lpe": raw}


def test_a_nearly_full_place_gets_nothing_of_others(
    bob: Courier, places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    market, store, _ = places
    at(market).deliver(BOX, sealed())
    bob.visit(market)
    usage = shutil.disk_usage(store)
    monkeypatch.setattr(
        "ledgerpost.desk.courier.shutil.disk_usage", lambda path: usage._replace(total=4 << 20, free=1 << 20)
    )
    visit = bob.visit(store)
    assert [(each.result, each.why) for each in visit.carried] == [("left", "place nearly full")]
    assert mail(store) == {}
    monkeypatch.setattr(
        "ledgerpost.desk.courier.shutil.disk_usage", lambda path: usage._replace(total=4 << 20, free=(1 << 20) + 4096)
    )
    assert bob.visit(store).count("handed-on") == 1


def test_a_mailbox_that_cannot_be_entered_stops_no_other(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is closed to root")
    market = places[0]
    at(market).deliver(BOX, sealed())
    other = spell_fingerprint(SHOP.fingerprint)
    at(market).deliver(other, sealed(to=SHOP))
    (market / "ledgerpost" / other).chmod(0)
    visit = bob.visit(market)
    (market / "ledgerpost" / other).chmod(0o700)
    assert [type(each) for each in visit.errors] == [PlaceError]
    assert visit.count("taken-along") == 1


def test_the_spool_is_one_command_s_at_a_time(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    with bob.spool.locked(), pytest.raises(StoreBusy, match="spool"):
        bob.visit(places[0])


# --- words of delivery, and those who would bend them


def word(who: Signer, *raws: bytes, now: int = START, by: Signer | None = None) -> bytes:
    said = Delivered(who.fingerprint, now, tuple(sorted(map(digest, raws))))
    by = by or who
    return envelope.pack((said.sign(by),), sender=by.key, recipient=None, until=now + COUNTS_FOR)


def loaded(bob: Courier, place: Path, raw: bytes) -> None:
    at(place).deliver(BOX, raw)
    bob.visit(place)
    assert bob.held == [raw]


HOSTILE = {
    "another's word": word(MALLORY, sealed()),
    "another's word in the bank's name": word(BANK, sealed(), by=MALLORY),
    "the bank's word on another envelope": word(BANK, sealed(b"another")),
    "a flipped bit": word(BANK, sealed())[:-9] + b"\0" + word(BANK, sealed())[-8:],
    "from a clock far ahead": word(BANK, sealed(), now=START + SKEW + DAY),
    "out of date": word(BANK, sealed(), now=START - COUNTS_FOR - 1),
    "a mark": mark(START),
    "junk": b"junk",
    "too large": envelope.pack((bytes(1 << 17),), sender=None, recipient=None, until=0),
    "two messages": envelope.pack((b"a", b"b"), sender=BANK.key, recipient=None, until=0),
    "nobody's": envelope.pack((b"a",), sender=None, recipient=None, until=0),
    "sealed": sealed(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_but_the_recipient_s_own_word_makes_a_courier_drop(
    bob: Courier, places: tuple[Path, Path, Path], name: str
) -> None:
    market, store, _ = places
    raw = sealed()
    loaded(bob, market, raw)
    at(store).deliver(COURIERS, HOSTILE[name])
    visit = bob.visit(store)
    assert bob.held == [raw]
    assert list(mail(store).values()) == [raw]
    assert visit.count("dropped") == 0
    assert list((bob.home / "spool" / "ledgerpost" / COURIERS).glob("*")) == []  # and no such word is passed on


def test_what_is_no_word_is_set_aside_and_named(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    at(places[0]).deliver(COURIERS, b"junk")
    at(places[0]).deliver(COURIERS, bytes(delivery.MAX_WORD + 1))
    visit = bob.visit(places[0])
    assert sorted(each.code for each in visit.errors) == ["not-ledgerpost", "over-limit"]
    assert all(COURIERS in each.where for each in visit.errors)
    assert len(mail(places[0], COURIERS)) == 1  # the mark
    assert bob.visit(places[0]).errors == []


def test_a_word_counts_for_a_while_and_then_the_same_envelope_goes_again(
    bob: Courier, places: tuple[Path, Path, Path]
) -> None:
    """The answer was lost: the shop puts the same letters out again, and they must reach the bank at last."""
    market, store, _ = places
    raw = sealed()
    loaded(bob, market, raw)
    at(store).deliver(COURIERS, word(BANK, raw))
    assert bob.visit(store).count("dropped", "delivered") == 1
    put_out(market, raw, START + DAY)
    bob.now += COUNTS_FOR
    assert bob.visit(market).count("left", "delivered") == 1
    bob.now += 1
    assert bob.visit(market).count("taken-along") == 1
    assert bob.held == [raw]
    assert len(mail(bob.home / "spool", COURIERS)) == 0


def test_words_are_cleared_away_when_they_count_no_more(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market = places[0]
    raw = sealed()
    loaded(bob, market, raw)
    take_in(market)
    bob.visit(market)
    assert len(mail(market, COURIERS)) == 2
    bob.now += COUNTS_FOR + 1
    bob.visit(market)
    assert list(mail(market, COURIERS).values()) == [mark(bob.now)]


def test_a_courier_passes_on_only_words_about_mail_it_met(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market, store, _ = places
    loaded(bob, market, sealed())
    for number in range(300):
        at(store).deliver(COURIERS, word(MALLORY, b"%d" % number))
    bob.visit(store)
    assert mail(bob.home / "spool", COURIERS) == {}
    assert len(bob.held) == 1


def test_nobody_leaves_word_where_no_courier_passes(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market, store, _ = places
    for place in (market, store):
        at(place).deliver(BOX, sealed())
    bob.visit(market)
    assert (couriers_pass(at(market)), couriers_pass(at(store))) == (True, False)
    take_in(market)
    take_in(store)
    assert len(mail(market, COURIERS)) == 2
    assert not (store / "ledgerpost" / COURIERS).exists()


def test_one_mark_stands_and_is_renewed(tmp_path: Path, bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market = places[0]
    carol = Courier(tmp_path / "carol", START + 3 * DAY)
    for each in (bob, carol, bob, carol, bob):
        each.visit(market)
    assert list(mail(market, COURIERS).values()) == [mark(carol.now)]
    assert envelope.look(mark(carol.now)).until <= carol.now + MARK_LIFE


def test_a_log_is_cut_into_words_that_read(bob: Courier, places: tuple[Path, Path, Path]) -> None:
    market = places[0]
    bob.visit(market)
    log = Log(at(market), BANK, START)
    raws = [b"%d" % number for number in range(MOST_DELIVERED + 5)]
    for raw in raws:
        log.add(raw)
    log.leave()
    log.leave()
    words = [read_word(raw) for raw in mail(market, COURIERS).values()]
    said = [each for each in words if each is not None]
    assert sorted(len(each.envelopes) for each in said) == [5, MOST_DELIVERED]
    assert {each for one in said for each in one.envelopes} == set(map(digest, raws))
    assert max(map(len, mail(market, COURIERS).values())) < delivery.MAX_WORD


@pytest.mark.parametrize("envelopes", [(), (Digest(bytes(32)),) * 2, (Digest(b"\1" * 32), Digest(bytes(32)))])
def test_a_word_names_envelopes_rising_each_once(envelopes: tuple[Digest, ...]) -> None:
    with pytest.raises(BadBytes):
        Delivered.read(Delivered(BANK.fingerprint, START, envelopes).body())


# --- the agreement


@pytest.mark.parametrize(
    "text", ["bytes = 0", "envelopes = true", "days = 'x'", "speed = 3", "bytes", "\udcff", "days = 1.5"]
)
def test_an_agreement_that_does_not_read_is_named(bob: Courier, places: tuple[Path, Path, Path], text: str) -> None:
    bob.spool.settings.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Mistyped, match="does not read") as caught:
        bob.visit(places[0])
    assert caught.value.where == str(bob.spool.settings)


def test_an_agreement_is_kept_private_and_changed_in_place(bob: Courier) -> None:
    bob.spool.agree(replace(Agreement(), days=3))
    assert bob.spool.agreement() == Agreement(days=3)
    assert bob.spool.settings.stat().st_mode & 0o777 == 0o600
    assert bob.spool.folder.stat().st_mode & 0o777 == 0o700
    bob.spool.settings.write_text("# mine\n")
    assert bob.spool.agreement() == Agreement()
    bob.spool.end()
    bob.spool.end()
    assert bob.spool.agreement() is None


def test_a_run_cut_off_at_any_write_is_run_again(
    bob: Courier, places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulled at each write of a visit that takes along, drops and hands on: the next visit makes it good."""
    market, store, _ = places
    raws = [sealed(b"%d" % number) for number in range(3)]
    for raw in raws[:2]:
        at(market).deliver(BOX, raw)
    bob.visit(market)
    at(store).deliver(BOX, raws[2])
    at(store).deliver(COURIERS, word(BANK, raws[0]))
    before = {place: place.with_name(f"{place.name}-before") for place in (store, bob.home)}
    for place, copy in before.items():
        shutil.copytree(place, copy)
    cuts = 0
    for cut in range(100):
        for place, copy in before.items():
            shutil.rmtree(place)
            shutil.copytree(copy, place)
        if not _cut_visit(bob, store, cut, monkeypatch):
            break
        cuts += 1
        bob.visit(store)
        assert sorted(bob.held) == sorted(raws[1:])
        assert sorted(mail(store).values()) == sorted(raws[1:])
    assert cuts == 4  # taken along, the word kept, handed on, the mark


def _cut_visit(bob: Courier, store: Path, cut: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the visit was cut off: the write of that number fails."""
    from ledgerpost.carriers import files

    real, left = files.write_in, [cut]

    def write(*args: object, **how: object) -> None:
        if not left[0]:
            raise OSError(5, "pulled")
        left[0] -= 1
        real(*args, **how)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_in", write)
        try:
            bob.visit(store)
        except PlaceError:
            return True
    return False


def test_grace_is_longer_than_clocks_differ() -> None:
    assert GRACE > SKEW


def test_putting_out_again_dates_a_file_anew(places: tuple[Path, Path, Path]) -> None:
    put_out(places[0], sealed(), START - 1000 * DAY)
    name = at(places[0]).deliver(BOX, sealed())
    assert (places[0] / name).stat().st_mtime > START - 500 * DAY

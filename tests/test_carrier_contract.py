"""What any carrier must do, whatever it carries by. A new carrier: one line in ``CARRIERS``."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledgerpost.carriers import durable
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.carriers.port import Carrier, Parcel, Unreadable
from ledgerpost.errors import NotFound, OverLimit, PlaceError
from simulation.post import MemoryPlace

LIMIT = 5000

PLACES: dict[Path, MemoryPlace] = {}
"""Places of the simulated town, by the folder that they stand for: another hand finds what lies there."""

CARRIERS: dict[str, Callable[[Path], Carrier]] = {
    "folder": lambda place: FolderCarrier(place, LIMIT),
    "memory": lambda place: PLACES.setdefault(place, MemoryPlace(str(place), LIMIT)),
}


@pytest.fixture(params=[*CARRIERS, "folder on FAT"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Carrier]:
    if request.param == "folder on FAT":  # as it writes there, on the file system at hand
        monkeypatch.setattr(durable, "is_flat", lambda folder: True)
        return CARRIERS["folder"]
    return CARRIERS[request.param]


@pytest.fixture
def carrier(make: Callable[[Path], Carrier], tmp_path: Path) -> Carrier:
    return make(tmp_path)


def _must_be_on_disk(make: Callable[[Path], Carrier]) -> None:
    if make is CARRIERS["memory"]:
        pytest.skip("a place in memory is never missing")


def lying_in(carrier: Carrier, mailbox: str) -> list[bytes]:
    parcels = list(carrier.collect(mailbox))
    assert all(isinstance(parcel, Parcel) for parcel in parcels)
    return [parcel.raw for parcel in parcels if isinstance(parcel, Parcel)]


class TestCarrierContract:
    def test_says_where_it_is(self, carrier: Carrier, tmp_path: Path) -> None:
        assert str(tmp_path) in carrier.where

    def test_nothing_lies_in_an_empty_place(self, carrier: Carrier) -> None:
        assert list(carrier.collect("anna")) == []
        assert list(carrier.mailboxes()) == []

    @pytest.mark.parametrize("raw", [b"x", b"\0\xff\r\n" * 1000, b"y" * LIMIT, b""], ids=["one", "binary", "max", "0"])
    def test_gives_back_the_bytes_it_was_given(self, carrier: Carrier, raw: bytes) -> None:
        name = carrier.deliver("anna", raw)
        assert list(carrier.collect("anna")) == [Parcel(name, raw)]

    def test_another_hand_finds_what_was_delivered(self, make: Callable[[Path], Carrier], tmp_path: Path) -> None:
        name = make(tmp_path).deliver("anna", b"for anna")
        assert list(make(tmp_path).collect("anna")) == [Parcel(name, b"for anna")]

    def test_same_bytes_twice_are_one_parcel(self, carrier: Carrier) -> None:
        assert carrier.deliver("anna", b"once") == carrier.deliver("anna", b"once")
        assert lying_in(carrier, "anna") == [b"once"]

    def test_other_bytes_are_another_parcel(self, carrier: Carrier) -> None:
        assert carrier.deliver("anna", b"one") != carrier.deliver("anna", b"two")
        assert sorted(lying_in(carrier, "anna")) == [b"one", b"two"]

    def test_comes_sorted_by_name(self, carrier: Carrier) -> None:
        names = {carrier.deliver("anna", bytes([n])) for n in range(40)}
        assert [parcel.name for parcel in carrier.collect("anna")] == sorted(names)

    def test_names_are_fit_to_print(self, carrier: Carrier) -> None:
        assert carrier.deliver("anna", b"one").isprintable()

    def test_collecting_takes_nothing_away(self, carrier: Carrier) -> None:
        carrier.deliver("anna", b"stays")
        assert lying_in(carrier, "anna") == lying_in(carrier, "anna") == [b"stays"]

    def test_one_mailbox_does_not_see_another(self, carrier: Carrier) -> None:
        carrier.deliver("anna", b"for anna")
        carrier.deliver("anna2", b"for another anna")
        carrier.deliver("bert", b"for bert")
        assert lying_in(carrier, "anna") == [b"for anna"]
        assert lying_in(carrier, "bert") == [b"for bert"]
        assert lying_in(carrier, "carl") == []

    def test_same_bytes_for_two_are_two_parcels(self, carrier: Carrier) -> None:
        for_anna, for_bert = carrier.deliver("anna", b"all"), carrier.deliver("bert", b"all")
        assert for_anna != for_bert
        carrier.finish(for_anna)
        assert (lying_in(carrier, "anna"), lying_in(carrier, "bert")) == ([], [b"all"])

    def test_names_the_mailboxes(self, carrier: Carrier) -> None:
        for mailbox in ("bert", "anna", "0" * 64):
            carrier.deliver(mailbox, b"mail")
        assert list(carrier.mailboxes()) == ["0" * 64, "anna", "bert"]

    def test_finished_is_gone_and_nothing_else(self, carrier: Carrier) -> None:
        done = carrier.deliver("anna", b"done")
        carrier.deliver("anna", b"not yet")
        carrier.finish(done)
        assert lying_in(carrier, "anna") == [b"not yet"]

    def test_finishing_twice_is_no_error(self, carrier: Carrier) -> None:
        done = carrier.deliver("anna", b"done")
        carrier.finish(done)
        carrier.finish(done)
        carrier.finish(done.replace("anna", "nobody"))
        assert lying_in(carrier, "anna") == []

    @pytest.mark.parametrize("mailboxes", [0, 1, 5, 70])
    def test_many_are_delivered_as_one_by_one(
        self, make: Callable[[Path], Carrier], tmp_path: Path, mailboxes: int
    ) -> None:
        parcels = [(f"box{at % mailboxes}", b"%d" % at) for at in range(2 * mailboxes)]
        parcels += parcels[:3]
        (tmp_path / "all").mkdir()
        (tmp_path / "each").mkdir()
        at_once, singly = make(tmp_path / "all"), make(tmp_path / "each")
        assert at_once.deliver_all(parcels) == [singly.deliver(*parcel) for parcel in parcels]
        assert list(at_once.mailboxes()) == list(singly.mailboxes())
        for mailbox in singly.mailboxes():
            assert list(at_once.collect(mailbox)) == list(singly.collect(mailbox))

    def test_many_that_cannot_all_be_delivered_can_be_delivered_again(self, carrier: Carrier) -> None:
        parcels = [(f"box{at}", b"x" * (LIMIT + (at == 40))) for at in range(80)]
        with pytest.raises(OverLimit):
            carrier.deliver_all(parcels)
        del parcels[40]
        carrier.deliver_all(parcels)
        assert all(lying_in(carrier, mailbox) == [raw] for mailbox, raw in parcels)

    def test_many_finished_are_gone_and_nothing_else(self, carrier: Carrier) -> None:
        done = carrier.deliver_all([("anna", b"1"), ("bert", b"2"), ("anna", b"3")])
        carrier.deliver("anna", b"not yet")
        carrier.finish_all([*done, done[0], done[0].replace("anna", "nobody")])
        carrier.finish_all([])
        assert (lying_in(carrier, "anna"), lying_in(carrier, "bert")) == ([b"not yet"], [])

    def test_finished_can_be_delivered_again(self, carrier: Carrier) -> None:
        carrier.finish(carrier.deliver("anna", b"again"))
        carrier.deliver("anna", b"again")
        assert lying_in(carrier, "anna") == [b"again"]

    def test_finishing_while_collecting(self, carrier: Carrier) -> None:
        sent = {bytes([n]) for n in range(10)}
        for raw in sent:
            carrier.deliver("anna", raw)
        seen = set()
        for parcel in carrier.collect("anna"):
            assert isinstance(parcel, Parcel)
            seen.add(parcel.raw)
            carrier.finish(parcel.name)
        assert seen == sent
        assert lying_in(carrier, "anna") == []

    def test_delivering_while_collecting(self, carrier: Carrier) -> None:
        carrier.deliver("anna", b"question")
        for parcel in carrier.collect("anna"):
            carrier.deliver("bert", b"answer")
            carrier.finish(parcel.name)
        assert (lying_in(carrier, "anna"), lying_in(carrier, "bert")) == ([], [b"answer"])

    def test_what_is_gone_when_its_turn_comes_is_skipped(self, carrier: Carrier) -> None:
        names = sorted(carrier.deliver("anna", bytes([n])) for n in range(3))
        parcels = carrier.collect("anna")
        assert next(parcels).name == names[0]
        carrier.finish(names[1])
        assert [parcel.name for parcel in parcels] == [names[2]]

    def test_set_aside_is_out_of_the_way(self, carrier: Carrier) -> None:
        bad = carrier.deliver("anna", b"bad")
        carrier.deliver("anna", b"good")
        assert carrier.set_aside(bad, "it is bad") != bad
        assert lying_in(carrier, "anna") == [b"good"]
        assert list(carrier.mailboxes()) == ["anna"]

    def test_set_aside_again_gets_another_name(self, carrier: Carrier) -> None:
        aside = {carrier.set_aside(carrier.deliver("anna", b"bad"), f"reason {n}") for n in range(4)}
        assert len(aside) == 4

    def test_setting_aside_what_is_gone(self, carrier: Carrier) -> None:
        bad = carrier.deliver("anna", b"bad")
        carrier.set_aside(bad, "it is bad")
        with pytest.raises(NotFound):
            carrier.set_aside(bad, "it is bad")
        with pytest.raises(NotFound):
            carrier.set_aside(bad.replace("anna", "nobody"), "it is bad")

    def test_does_not_carry_what_it_would_not_read(self, carrier: Carrier) -> None:
        with pytest.raises(OverLimit):
            carrier.deliver("anna", b"x" * (LIMIT + 1))
        assert lying_in(carrier, "anna") == []

    @pytest.mark.parametrize(
        "mailbox", ["", "Anna", "..", ".", "a/b", "/anna", "anna\n", "an na", "ä", "a" * 65, "a\0"]
    )
    def test_refuses_what_is_no_mailbox(self, carrier: Carrier, mailbox: str) -> None:
        with pytest.raises(ValueError, match="no name of a mailbox"):
            carrier.deliver(mailbox, b"mail")
        with pytest.raises(ValueError, match="no name of a mailbox"):
            list(carrier.collect(mailbox))

    def test_a_missing_place_is_named(self, make: Callable[[Path], Carrier], tmp_path: Path) -> None:
        _must_be_on_disk(make)
        name = make(tmp_path).deliver("anna", b"mail")
        carrier = make(tmp_path / "pulled")
        tries: list[Callable[[], object]] = [
            lambda: list(carrier.collect("anna")),
            lambda: list(carrier.mailboxes()),
            lambda: carrier.deliver("anna", b"mail"),
            lambda: carrier.finish(name),
            lambda: carrier.set_aside(name, "bad"),
        ]
        for attempt in tries:
            with pytest.raises(NotFound) as caught:
                attempt()
            assert "pulled" in caught.value.where
            assert caught.value.do

    def test_a_place_that_is_a_file(self, make: Callable[[Path], Carrier], tmp_path: Path) -> None:
        _must_be_on_disk(make)
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(PlaceError) as caught:
            make(tmp_path / "file").deliver("anna", b"mail")
        assert "file" in caught.value.where


def test_values_are_frozen() -> None:
    for value in (Parcel("n", b"raw"), Unreadable("n", NotFound("gone"))):
        with pytest.raises(AttributeError):
            value.name = "other"  # type: ignore[misc]

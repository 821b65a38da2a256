"""The topic `catalogue`: which one is in force, whose claim was first, which bodies are needed."""

from rules.body import Body
from rules.shelf import Claim, Shelf, body_record, claim_record

A, B, C = (Body(files={"sensors.csv": name}) for name in "abc")


def shelf(*records: tuple[bytes | None, bytes | None]) -> Shelf:
    found = Shelf()
    for key, value in records:
        found.take(key, value)
    return found


def claim(serial: int, body: Body, wall: int = 0) -> Claim:
    return Claim(1, serial, body.hash, wall)


def test_an_empty_topic_has_nothing_in_force() -> None:
    assert shelf().current is None
    assert shelf().claim(1) is None
    assert shelf().body(A.hash) is None


def test_the_newest_claim_is_in_force() -> None:
    found = shelf(body_record(A), claim_record(claim(1, A)), body_record(B), claim_record(claim(2, B)))
    assert found.current == claim(2, B)
    assert found.claim(1) == claim(1, A)
    assert found.body(A.hash) == body_record(A)[1]


def test_of_two_claims_to_one_serial_the_first_holds() -> None:
    found = shelf(claim_record(claim(1, A)), claim_record(claim(2, B, 5)), claim_record(claim(2, C, 4)))
    assert found.current == claim(2, B, 5)
    assert claim_record(claim(2, B))[0] != claim_record(claim(2, C))[0]  # compaction keeps both


def test_what_is_none_of_ours_is_passed_over() -> None:
    strange = [(b"s1", b"{}"), (b"s1", None), (None, None), (b"\xff", b"x"), claim_record(Claim(9, 4, "00", 0))]
    found = shelf(claim_record(claim(1, A)), *strange, claim_record(Claim(1, 0, "00", 0)))
    assert found.current == claim(1, A)


def test_a_body_without_a_value_is_gone() -> None:
    found = shelf(body_record(A), (A.hash.encode(), None), (b"0" * 32, None))
    assert found.body(A.hash) is None


def test_bodies_are_outdated_when_another_has_been_in_force_for_long() -> None:
    found = shelf(
        *map(body_record, (A, B, C)), claim_record(claim(1, A, 10)), claim_record(claim(2, B, 20)),
        claim_record(claim(3, C, 30)),
    )  # fmt: skip
    assert list(found.outdated(20)) == []
    assert list(found.outdated(21)) == [A.hash]
    assert set(found.outdated(99)) == {A.hash, B.hash}
    found.take(*claim_record(claim(4, A, 40)))
    assert set(found.outdated(99)) == {B.hash, C.hash}

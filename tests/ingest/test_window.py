"""Which message ids are acknowledged, over lost connections too."""

from ingest.window import HELD_BYTES, Window


def test_ids_come_out_in_order_of_receipt_and_qos_0_has_none() -> None:
    window = Window(10)
    for mid in (7, 0, 3):
        window.take(mid, 100)
    assert (len(window), window.held, window.received) == (3, 300, 3)
    assert window.settle(2) == [7]
    assert (len(window), window.held) == (1, 100)
    assert window.settle(2) == window.settle(1) == []
    assert window.settle(3) == [3]
    assert (len(window), window.held) == (0, 0)


def test_a_lost_connection_takes_its_ids_with_it() -> None:
    window = Window(10)
    for mid in (1, 2, 3):
        window.take(mid, 10)
    assert window.settle(1) == [1]
    window.forget()
    window.forget()  # paho may tell it twice
    assert (len(window), window.held, window.lost) == (0, 0, 2)
    window.take(1, 10)
    assert window.settle(2) == []  # a frame of the old connection has become durable
    assert window.settle(4) == [1]


def test_full_by_messages_or_by_bytes() -> None:
    window = Window(2)
    for mid in (1, 2):
        window.take(mid, 1)
    assert not window.full
    window.take(3, 1)
    assert window.full
    window.settle(3)
    window.take(4, HELD_BYTES + 1)
    assert window.full
    window.settle(4)
    assert not window.full

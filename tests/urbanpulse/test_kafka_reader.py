"""Reading the log on the embedded Kafka: the true end after batches, everything once, in order."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.support.embedded import embedded_kafka
from tests.support.servers import free_port
from urbanpulse.kafka import KafkaTroubleError, Reader, create_topics, producer, topics


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_kafka(tmp_path_factory.mktemp("kafka")) as address:
        create_topics(address, 4)
        yield address


def send(servers: str, topic: str, values: list[bytes], partition: int = 0) -> None:
    with producer(servers) as sender:
        futures = [
            sender.send(topic, value, partition=partition, key=b"k", headers=[("code", b"x")]) for value in values
        ]
        for future in futures:
            future.get(10)


def test_topics_are_made_once_and_a_changed_count_is_refused(servers: str) -> None:
    assert create_topics(servers, 4) == []
    with Reader(servers) as reader:
        for topic, (partitions, _) in topics(4).items():
            assert reader.partitions(topic) == list(range(partitions))
    with pytest.raises(KafkaTroubleError, match="set \\[kafka\\] partitions = 4"):
        create_topics(servers, 8)


def test_the_end_is_right_after_a_batch(servers: str) -> None:
    send(servers, "summaries", [b"%d" % n for n in range(50)], 1)
    with Reader(servers) as reader:
        assert reader.ends("summaries") == {0: 0, 1: 50, 2: 0, 3: 0}
        send(servers, "summaries", [b"more", b"still more"], 1)
        assert reader.ends("summaries")[1] == 52, "and again with the same reader"


def test_every_record_is_read_once_from_where_one_asks(servers: str) -> None:
    for partition in range(4):
        send(servers, "findings", [b"%d-%d" % (partition, n) for n in range(30)], partition)
    with Reader(servers) as reader:
        every = list(reader.read("findings"))
        assert len(every) == 120
        for partition in range(4):
            mine = [record for record in every if record.partition == partition]
            assert [record.value for record in mine] == [b"%d-%d" % (partition, n) for n in range(30)]
        some = list(reader.read("findings", {0: 29, 1: 30, 2: 10, 3: 30}))
        assert sorted((record.partition, record.offset) for record in some) == [
            (0, 29),
            *((2, n) for n in range(10, 30)),
        ]
        assert (every[0].key, every[0].headers) == (b"k", {"code": b"x"})


def test_an_empty_topic_has_nothing(servers: str) -> None:
    with Reader(servers) as reader:
        assert list(reader.read("trace")) == []


def test_following_begins_where_one_asks(servers: str) -> None:
    send(servers, "refused", [b"old", b"new"])
    with Reader(servers) as reader:
        following = (record for record in reader.follow("refused", {0: 1}) if record is not None)
        assert [record.value for record in islice(following, 1)] == [b"new"]


def test_no_kafka_and_no_topic_are_said_in_words(servers: str) -> None:
    with Reader(servers) as reader, pytest.raises(KafkaTroubleError, match="there is no topic nowhere"):
        reader.ends("nowhere")


def test_nobody_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urbanpulse.kafka.PATIENCE_MS", 1000)
    with pytest.raises(KafkaTroubleError, match="no Kafka answers at"):
        Reader(f"127.0.0.1:{free_port()}")
    with pytest.raises(KafkaTroubleError, match="is \\[kafka\\] url right"):
        create_topics(f"127.0.0.1:{free_port()}", 1)

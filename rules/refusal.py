"""Why a reading or a whole message is refused: one closed list, and each code's sentence for the documents."""

from enum import StrEnum

import msgspec


class Code(StrEnum):
    """The reason in one word: a metric's label, a Kafka header, a row of docs/devices.md."""

    bad_topic = "bad_topic"
    topic_mismatch = "topic_mismatch"
    unknown_sensor = "unknown_sensor"
    gateway_mismatch = "gateway_mismatch"
    empty = "empty"
    too_large = "too_large"
    too_deep = "too_deep"
    bad_text = "bad_text"
    not_json = "not_json"
    not_cbor = "not_cbor"
    duplicate_key = "duplicate_key"
    not_finite = "not_finite"
    wrong_shape = "wrong_shape"
    missing_field = "missing_field"
    bad_time = "bad_time"
    too_far_ahead = "too_far_ahead"
    too_old = "too_old"
    unknown_metric = "unknown_metric"
    unit_unknown = "unit_unknown"
    not_a_number = "not_a_number"
    out_of_range = "out_of_range"
    bad_frame = "bad_frame"
    store_rejected = "store_rejected"


SENTENCES: dict[Code, str] = {
    Code.bad_topic: "The topic is not city/<district>/<kind>/<sensor>, or a level of it holds what no id may hold.",
    Code.topic_mismatch: "The topic and the message, or the topic and the registry, name different sensors, kinds or "
    "districts.",
    Code.unknown_sensor: "The registry knows no such sensor or gateway.",
    Code.gateway_mismatch: "The gateway is not the one that the registry names for this sensor.",
    Code.empty: "There is nothing in it: no bytes, an empty array, or no values.",
    Code.too_large: "The message is longer than 64 KiB or holds more than 1,000 objects.",
    Code.too_deep: "The message nests deeper than 32 levels.",
    Code.bad_text: "The bytes are not plain UTF-8: another encoding, a byte order mark or half a surrogate pair.",
    Code.not_json: "The message is not JSON as RFC 8259 has it.",
    Code.not_cbor: "The message begins as CBOR does and is none, or uses more of it than SenML may.",
    Code.duplicate_key: "An object names the same key twice, so nobody can know which value was meant.",
    Code.not_finite: "A number is NaN, Infinity or too great for a 64-bit float.",
    Code.wrong_shape: "It can be read, but a part of it is not of the type that the contract gives it.",
    Code.missing_field: "A field that the contract asks for is not there.",
    Code.bad_time: "The time is not in the format that the registry declares for this sensor, or there is no such day "
    "or hour.",
    Code.too_far_ahead: "The time is further in the future than the city allows.",
    Code.too_old: "The time is further in the past than the city allows.",
    Code.unknown_metric: "The registry does not list this metric for this sensor.",
    Code.unit_unknown: "The message names a unit for this value that is not the one the registry declares, or, in "
    "SenML and FIWARE, none that this metric can be in.",
    Code.not_a_number: "The value is not a JSON number: a text, a boolean, null, an array or an object.",
    Code.out_of_range: "The value, converted and calibrated, is outside what this metric can physically be.",
    Code.bad_frame: "A record on the topic of readings is not a sound frame; some other producer wrote it.",
    Code.store_rejected: "The time-series store will not take this reading, whatever is tried; its words are in the "
    "detail.",
}


class Refusal(msgspec.Struct, frozen=True):
    """One refused value (`index`, from 0, in order of appearance) or a whole message (-1), and what was wrong.

    In an array an object that is refused whole counts as one place in that order.
    """

    code: Code
    detail: str
    index: int = -1

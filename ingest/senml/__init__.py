"""Sensor Measurement Lists (RFC 8428) on the topics of the device contract, in JSON and CBOR."""

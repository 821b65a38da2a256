"""The area stage: rules on groups of sensors, judged from what the single series report
(docs/decisions/0007-area-stage.md)."""

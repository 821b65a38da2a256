"""The outcome of tests as JUnit XML, which every CI shows."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from urbanpulse.authors.trial import Verdict, explain


def junit(verdicts: Sequence[Verdict]) -> bytes:
    """One suite for each file, in the order of their tests."""
    root = Element("testsuites", name="urbanpulse test")
    by_file: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_file.setdefault(verdict.case.file, []).append(verdict)
    for file, each in by_file.items():
        failures = sum(not verdict.passed for verdict in each)
        suite = SubElement(root, "testsuite", name=file, tests=str(len(each)), failures=str(failures), errors="0")
        for verdict in each:
            case = SubElement(suite, "testcase", classname=file, name=verdict.case.name, line=str(verdict.case.line))
            if not verdict.passed:
                message = f"{len(verdict.missing)} missing, {len(verdict.unasked)} not expected"
                SubElement(case, "failure", message=message).text = "\n".join(explain(verdict))
    root.set("tests", str(len(verdicts)))
    root.set("failures", str(sum(not verdict.passed for verdict in verdicts)))
    indent(root)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text

"""The runs of a command in JUnit's XML, as Jenkins, GitLab and their like read it.

A pipeline is a test suite and each of its blocks a test case, beside one for the pipeline itself
and one for its contract; so is each fault that was declared. The form is junit-10.xsd of Jenkins'
xUnit plugin.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from harness.plain import counted, printable, readable
from harness.report.junit import readable_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TITLE = 200
_LONGEST = 20_000


def junit(facts: Mapping[str, Any], *, files: Mapping[str, Iterable[tuple[str, str]]]) -> str:
    """The XML of a command's runs.

    Args:
        facts: As they are published (docs/run.schema.json).
        files: For a pipeline, further properties: the files that tell more of it.
    """
    root = ET.Element("testsuites", name="mage-harness")
    for one in facts["pipelines"]:
        root.append(_suite(one, files.get(one["uuid"], ())))
    for one in facts["left_out"]:
        root.append(_unchanged(one))
    if facts["declared_faults"]:
        root.append(_of("declared faults", map(_fault, facts["declared_faults"]), seconds=0.0))
    totals = {name: sum(int(one.get(name, 0)) for one in root) for name in ("tests", "failures")}
    seconds = sum(one["seconds"] for one in facts["pipelines"])
    root.attrib |= {name: str(count) for name, count in totals.items()}
    root.attrib |= {"errors": "0", "time": _time(seconds)}
    ET.indent(root)
    return ET.tostring(root, "unicode", xml_declaration=True) + "\n"


def _suite(facts: Mapping[str, Any], files: Iterable[tuple[str, str]]) -> ET.Element:
    uuids = {block["uuid"] for block in facts["blocks"]}
    cases = [_block(block, facts) for block in facts["blocks"]]
    others = [one for one in facts["problems"] if one["block"] not in uuids]
    cases.append(_case(facts["uuid"], "the pipeline", facts["seconds"], others))
    if facts["contract"] is not None:
        cases.append(_contract(facts))
    suite = _of(facts["uuid"], cases, seconds=facts["seconds"])
    properties = ET.Element("properties")
    for name, value in (*readable_of(facts), *files):
        ET.SubElement(properties, "property", name=name, value=readable(value))
    suite.insert(0, properties)
    return suite


def _unchanged(one: Mapping[str, Any]) -> ET.Element:
    case = _case(one["uuid"], "the pipeline", 0.0, ())
    why = f"nothing that it depends on has changed since {one['since']}"
    ET.SubElement(case, "skipped", message=readable(why))
    return _of(one["uuid"], [case], seconds=0.0)


def _of(name: str, cases: Iterable[ET.Element], *, seconds: float) -> ET.Element:
    suite = ET.Element("testsuite", name=readable(name))
    suite.extend(cases)
    suite.attrib |= {
        "tests": str(len(suite)),
        "failures": str(len(suite.findall("*/failure"))),
        "errors": "0",
        "skipped": str(len(suite.findall("*/skipped"))),
        "time": _time(seconds),
    }
    return suite


def _block(block: Mapping[str, Any], facts: Mapping[str, Any]) -> ET.Element:
    problems = [one for one in facts["problems"] if one["block"] == block["uuid"]]
    case = _case(facts["uuid"], block["uuid"], block["seconds"] or 0.0, problems)
    if not problems and block["status"] != "completed":
        # Which of them failed is said by its own problem, or by the pipeline's.
        told = ": ".join(filter(None, (block["status"], block["skipped"])))
        ET.SubElement(case, "skipped", message=readable(told))
    return case


def _contract(facts: Mapping[str, Any]) -> ET.Element:
    contract = facts["contract"]
    differences = [
        {
            "code": "contract",
            "block": "",
            "file": contract["file"],
            "line": one["line"],
            "message": f"{one['service']} {one['sink']} {one['column']}: {one['rule']}: expected "
            f"{one['expected']}, found {one['found']}",
        }
        for one in contract["differences"]
    ]
    case = _case(facts["uuid"], "the contract", 0.0, differences)
    if contract["left_out"]:
        ET.SubElement(case, "skipped", message=readable(contract["left_out"]))
    return case


def _fault(fault: Mapping[str, Any]) -> ET.Element:
    told = {
        "code": "fault-not-met",
        "file": "",
        "line": None,
        "message": f"it came {fault['met']} of {counted(fault['times'], 'time')}",
    }
    unmet = [told] if fault["met"] < fault["times"] else []
    return _case("declared faults", fault["fault"], 0.0, unmet)


def _case(
    pipeline: str, name: str, seconds: float, problems: Iterable[Mapping[str, Any]]
) -> ET.Element:
    case = ET.Element(
        "testcase", classname=readable(pipeline), name=readable(name), time=_time(seconds)
    )
    told = list(problems)
    if told:
        # Readers show the first failure of a case alone, so that one tells of all.
        first = told[0]
        more = f", and {len(told) - 1} more" if len(told) > 1 else ""
        failure = ET.SubElement(
            case,
            "failure",
            type=readable(first["code"]),
            message=f"{readable(first['message'])[:_TITLE]}{more}",
        )
        failure.text = printable("\n".join(map(_told, told))[:_LONGEST])
    return case


def _told(problem: Mapping[str, Any]) -> str:
    place = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
    return " ".join(filter(None, (f"[{problem['code']}]", place, problem["message"])))


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"

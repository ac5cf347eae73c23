"""Reference implementation of `key-v1.md`, written from that page alone, and the judge of `vectors/`.

    python -m venv venv && venv/bin/pip install blake3
    venv/bin/python spec/reference.py check    # verify every vector; exit code 1 if one fails
    venv/bin/python spec/reference.py fill     # add the bytes, keys and digests that cases lack; never changes one

It favours being obviously right over being fast, and takes nothing but the one form that the page gives each value.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import re
import struct
import sys
from pathlib import Path
from typing import Any

from blake3 import blake3

Json = Any  # whatever json.loads gives

MAX_DEPTH = 128
MAX_JSON_INT = 2**53 - 1
KINDS = """null bool int float text bytes list tuple set map date time datetime zoned duration decimal uuid path complex
    enum record array table""".split()  # in the order of their bytes
DATE = r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})"
TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{9}))?"
INT = r"0|-?[1-9][0-9]*"
DECIMAL = rf"-?(0|[1-9][0-9]*)E({INT})|-?Infinity|NaN"
UUID = "-".join(rf"[0-9a-f]{{{digits}}}" for digits in (8, 4, 4, 4, 12))

# dtype -> (bytes of one number, numbers per element); floats carry their infinity and their NaN too, as bit patterns
INT_DTYPES = {f"{sign}int{bits}": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64, 128)}
FLOAT_DTYPES = {"float16": (2, 1), "float32": (4, 1), "float64": (8, 1), "complex64": (4, 2), "complex128": (8, 2)}
INFINITY_AND_NAN = {2: (0x7C00, 0x7E00), 4: (0x7F800000, 0x7FC00000), 8: (0x7FF0 << 48, 0x7FF8 << 48)}
DTYPES = {"bool", "object", *INT_DTYPES, *FLOAT_DTYPES}


class Refused(ValueError):
    """The value has no form in key-v1."""


def need(holds: bool, reason: str) -> None:
    if not holds:
        raise Refused(reason)


# JSON in, Python out: each of these refuses whatever has another shape.


def groups(value: Json, pattern: str) -> tuple[str | Any, ...]:
    found = re.fullmatch(pattern, value) if isinstance(value, str) else None
    if found is None:
        raise Refused(f"{value!r} does not match {pattern}")
    return found.groups()


def as_text(value: Json, pattern: str = r"(?s:.*)") -> str:
    groups(value, pattern)
    return str(value)


def as_list(value: Json, length: int | None = None) -> list[Json]:
    need(isinstance(value, list) and length in (None, len(value)), f"expected a list of {length or 'any'} items")
    return list(value)


def as_object(value: Json, *names: str, optional: str | None = None) -> dict[str, Json]:
    need(isinstance(value, dict) and set(value) - {optional} == set(names), f"expected an object of {names}: {value!r}")
    return dict(value)


def as_int(value: Json) -> int:
    number = int(as_text(value, INT)) if isinstance(value, str) else value
    need(type(number) is int, f"{value!r} is not an int")
    need((abs(number) > MAX_JSON_INT) == isinstance(value, str), f"{value!r} is text beyond 2^53 - 1, else a number")
    return int(number)


def as_float(value: Json) -> float:
    if isinstance(value, str):
        return float(as_text(value, "nan|inf|-inf"))
    need(type(value) in (int, float) and abs(value) <= sys.float_info.max, f"{value!r} is no finite binary64")
    return float(value)


def as_hex(value: Json, length: int | None = None) -> bytes:
    return bytes.fromhex(as_text(value, "([0-9a-f]{2})*" if length is None else f"([0-9a-f]{{2}}){{{length}}}"))


# Notation.


def unsigned(value: int, bits: int) -> bytes:
    need(0 <= value < 2**bits, f"{value} does not fit u{bits}")
    return value.to_bytes(bits // 8, "big")


def signed(value: int, bits: int) -> bytes:
    need(-(2 ** (bits - 1)) <= value < 2 ** (bits - 1), f"{value} does not fit i{bits}")
    return value.to_bytes(bits // 8, "big", signed=True)


def blob(raw: bytes) -> bytes:
    return unsigned(len(raw), 64) + raw


def string(value: Json) -> bytes:
    try:
        return blob(as_text(value).encode("utf-8"))
    except UnicodeEncodeError as error:
        raise Refused(f"{value!r} is not valid Unicode") from error


def counted(parts: list[bytes]) -> bytes:
    return unsigned(len(parts), 64) + b"".join(parts)


def fields(value: Json, depth: int) -> bytes:
    need(isinstance(value, dict), "fields are an object")
    named = sorted((string(name), node(field, depth)) for name, field in value.items())
    return counted([name + field for name, field in named])


# Values.


def date(value: Json) -> bytes:
    digits, month, day = groups(value, DATE)
    year = int(digits)
    need(digits == f"{year:0{5 if year < 0 else 4}d}", f"{value!r} does not write its year in the one form")
    try:
        datetime.date(2000 + year % 400, int(month), int(day))  # the calendar repeats every 400 years
    except ValueError as error:
        raise Refused(f"{value!r} is no day of the calendar") from error
    return signed(year, 32) + unsigned(int(month), 8) + unsigned(int(day), 8)


def time(value: Json) -> bytes:
    hours, minutes, seconds, fraction = groups(value, TIME)
    need(fraction != "000000000", f"{value!r} has a fraction of zero")
    need(int(hours) < 24 and int(minutes) < 60 and int(seconds) < 60, f"{value!r} is no time of day")
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return unsigned(whole * 10**9 + int(fraction or 0), 64)


def binary64(value: Json) -> bytes:
    number = as_float(value)
    return bytes.fromhex("7ff8000000000000") if math.isnan(number) else struct.pack(">d", number)


def node(value: Json, depth: int = 1) -> bytes:
    """One value's kind byte and body; a value that holds no other is 1 deep."""
    need(depth <= MAX_DEPTH, f"values nest at most {MAX_DEPTH} deep")
    need(isinstance(value, dict) and len(value) == 1, f"a value is an object with one member, not {value!r:.60}")
    [(kind, content)] = value.items()
    need(kind in KINDS, f"unknown kind {kind}")
    return bytes([KINDS.index(kind)]) + body(kind, content, depth)


def body(kind: str, value: Json, depth: int) -> bytes:
    match kind:
        case "null":
            need(value is None, "null holds null")
            return b""
        case "bool":
            need(isinstance(value, bool), "bool holds true or false")
            return unsigned(int(value), 8)
        case "int":
            number = as_int(value)
            magnitude = abs(number).to_bytes((number.bit_length() + 7) // 8, "big")
            return unsigned(int(number < 0), 8) + blob(magnitude)
        case "float":
            return binary64(value)
        case "text":
            return string(value)
        case "bytes":
            return blob(as_hex(value))
        case "list" | "tuple":
            return counted([node(element, depth + 1) for element in as_list(value)])
        case "set":
            return counted(sorted({node(member, depth + 1) for member in as_list(value)}))
        case "map":
            pairs = [as_list(entry, length=2) for entry in as_list(value)]
            entries = {node(key, depth + 1): node(item, depth + 1) for key, item in pairs}
            need(len(entries) == len(pairs), "a key occurs twice")
            return counted([key + item for key, item in sorted(entries.items())])
        case "date":
            return date(value)
        case "time":
            return time(value)
        case "datetime":
            day, _, time_of_day = as_text(value).partition("T")
            return date(day) + time(time_of_day)
        case "zoned":
            moment = as_object(value, "seconds", "nanoseconds", "offset_seconds", "zone")
            nanoseconds = as_int(moment["nanoseconds"])
            need(nanoseconds < 10**9, "nanoseconds are below a second")
            zone = "" if moment["zone"] == "UTC" else moment["zone"]
            offset = signed(as_int(moment["offset_seconds"]), 32)
            return signed(as_int(moment["seconds"]), 64) + unsigned(nanoseconds, 32) + offset + string(zone)
        case "duration":
            return signed(as_int(value), 128)
        case "decimal":
            return string(as_text(value, DECIMAL))
        case "uuid":
            return bytes.fromhex(as_text(value, UUID).replace("-", ""))
        case "path":
            components = [component for component in as_text(value).split("/") if component not in ("", ".")]
            return string(("/" * value.startswith("/") + "/".join(components)) or ".")
        case "complex":
            return b"".join(binary64(part) for part in as_list(value, length=2))
        case "enum":
            enum = as_object(value, "type", "member", optional="data")
            data = b"\x01" + node(enum["data"], depth + 1) if "data" in enum else b"\x00"
            return string(enum["type"]) + string(enum["member"]) + data
        case "record":
            record = as_object(value, "type", "fields")
            return string(record["type"]) + fields(record["fields"], depth + 1)
        case "array":
            array = as_object(value, "dtype", "shape", "digest")
            need(as_text(array["dtype"]) in DTYPES, f"unknown dtype {array['dtype']}")
            shape = counted([unsigned(as_int(length), 64) for length in as_list(array["shape"])])
            return string(array["dtype"]) + shape + as_hex(array["digest"], length=32)
        case "table":
            columns = [as_object(each, "name", "type", "values") for each in as_list(value)]
            return counted([string(c["name"]) + string(c["type"]) + column(c["values"], depth + 1) for c in columns])
    raise AssertionError(kind)


def column(values: Json, depth: int) -> bytes:
    encoded = node(values, depth)
    need("list" in values or ("array" in values and len(values["array"]["shape"]) == 1), "not a column's values")
    return encoded


def step_bytes(step: Json) -> bytes:
    as_object(step, "payload_name", "version", "params", "dependencies")
    version = b"\x00" if step["version"] is None else b"\x01" + string(step["version"])
    dependencies = [as_object(each, "payload_name", "key") for each in as_list(step["dependencies"])]
    below = counted([string(each["payload_name"]) + as_hex(each["key"], length=32) for each in dependencies])
    name = string("persistable-key-v1") + string(step["payload_name"])
    return b"\x20" + name + version + fields(step["params"], depth=1) + below


def elements_digest(dtype: str, shape: list[int], elements: bytes) -> str:
    """The digest of an array's elements; elements of dtype object are taken as they are."""
    width, parts = FLOAT_DTYPES.get(dtype, (INT_DTYPES.get(dtype, 1), 1))
    need(dtype == "object" or len(elements) == width * parts * math.prod(shape), "elements do not fill the shape")
    if dtype in FLOAT_DTYPES:
        infinity, nan = INFINITY_AND_NAN[width]
        numbers = [int.from_bytes(elements[at : at + width], "little") for at in range(0, len(elements), width)]
        without_sign = (1 << (8 * width - 1)) - 1
        numbers = [nan if number & without_sign > infinity else number for number in numbers]
        elements = b"".join(number.to_bytes(width, "little") for number in numbers)
    return blake3(elements).hexdigest()


def listing_digest(files: dict[str, bytes]) -> str:
    """The digest of a folder, by artifact-v1.md."""
    listing = blake3()
    for path, content in sorted((path.encode(), content) for path, content in files.items()):
        listing.update(struct.pack(">Q", len(path)) + path + struct.pack(">Q", len(content)))
        listing.update(blake3(content).hexdigest().encode())
    return listing.hexdigest()


# Vectors.

MEMBERS = "name value step elements file files error canonical params_digest key differs_from agrees_with".split()


def results(case: Json) -> dict[str, str]:
    """What a case must give."""
    if "step" not in case:
        return {"canonical": node(case["value"]).hex()}
    canonical = step_bytes(case["step"])
    params_digest = blake3(fields(case["step"]["params"], depth=1)).hexdigest()
    return {"canonical": canonical.hex(), "params_digest": params_digest, "key": blake3(canonical).hexdigest()}


def input_digest(case: Json) -> str:
    """The digest of the file, or of the files of a folder, that a case carries."""
    if "file" in case:
        return blake3(as_hex(case["file"])).hexdigest()
    return listing_digest({path: as_hex(content) for path, content in case["files"].items()})


def problems(case: Json, others: dict[str, Json]) -> list[str]:
    """What is wrong with a case, given all cases of its file by name."""
    found = [f"unknown member {member}" for member in case if member not in MEMBERS]
    if ("value" in case) == ("step" in case):
        return [*found, "needs either a value or a step"]
    try:
        given = results(case)
    except Refused as refused:
        return found if "error" in case else [*found, f"refused: {refused}"]
    if "error" in case:
        return [*found, "must be refused, and was not"]
    for name, result in given.items():
        if case.get(name) != result:
            found.append(f"{name} is {result}, expected {case.get(name, 'nothing: run fill')}")
    if "elements" in case:
        array = case["value"]["array"]
        digest = elements_digest(array["dtype"], array["shape"], as_hex(case["elements"]))
        if digest != array["digest"]:
            found.append(f"elements have digest {digest}, not {array['digest']}")
    if "file" in case or "files" in case:
        digest = input_digest(case)
        content = case["value"]["record"]["fields"]["content"]["bytes"]
        if digest != content:
            found.append(f"the input has digest {digest}, not {content}")
    for relation, must_agree in (("agrees_with", True), ("differs_from", False)):
        for name in case.get(relation, []):
            if name == case["name"] or "canonical" not in others.get(name, {}):
                found.append(f"{relation} names no other case with bytes: {name}")
            elif (others[name]["canonical"] == given["canonical"]) != must_agree:
                found.append(f"{relation} {name} does not hold")
    return found


def fill(case: Json) -> Json:
    """The case with what it lacks; as it is where it must be, or is, refused."""
    try:
        if "elements" in case and "error" not in case:
            array = case["value"]["array"]
            array.setdefault("digest", elements_digest(array["dtype"], array["shape"], as_hex(case["elements"])))
        if "file" in case or "files" in case:
            case["value"]["record"]["fields"].setdefault("content", {"bytes": input_digest(case)})
        return case if "error" in case else results(case) | case
    except Refused:
        return case


def members_once(pairs: list[tuple[str, Json]]) -> Json:
    need(len(dict(pairs)) == len(pairs), f"a member occurs twice: {[name for name, _ in pairs]}")
    return dict(pairs)


def int_or_minus_zero(digits: str) -> int | float:
    return -0.0 if digits == "-0" else int(digits)


def read(path: Path) -> Json:
    return json.loads(path.read_text("utf-8"), object_pairs_hook=members_once, parse_int=int_or_minus_zero)


def pretty(content: Json) -> str:
    """One member of a case a line, in the order of MEMBERS, ASCII only: so that a change is a change of few lines."""
    cases = []
    for case in content["cases"]:
        lines = [f"      {json.dumps(name)}: {json.dumps(case[name])}" for name in MEMBERS if name in case]
        cases.append("    {\n" + ",\n".join(lines) + "\n    }")
    description = json.dumps(content["description"])
    return f'{{\n  "description": {description},\n  "cases": [\n' + ",\n".join(cases) + "\n  ]\n}\n"


def check_all(paths: list[Path]) -> bool:
    passed = failed = 0
    for path in paths:
        cases = read(path)["cases"]
        by_name = {case["name"]: case for case in cases}
        for case in cases:
            found = problems(case, by_name) + ["its name occurs twice"] * (by_name[case["name"]] is not case)
            passed, failed = (passed, failed + 1) if found else (passed + 1, failed)
            for problem in found:
                print(f"{path.name}: {case['name']}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return passed > 0 and failed == 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Reference of key-v1.md")
    parser.add_argument("command", choices=["check", "fill"])
    parser.add_argument("--vectors", type=Path, default=Path(__file__).parent / "vectors", help="folder of the vectors")
    arguments = parser.parse_args()
    sys.set_int_max_str_digits(0)  # ints have no largest size
    paths = sorted(arguments.vectors.glob("*.json"))
    if arguments.command == "check":
        return 0 if check_all(paths) else 1
    for path in paths:
        content = read(path)
        path.write_text(pretty(content | {"cases": [fill(case) for case in content["cases"]]}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

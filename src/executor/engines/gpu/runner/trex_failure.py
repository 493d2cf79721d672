"""Why a run ended without a result: a class for whom it concerns, a code, a sentence, and the first useful lines."""

import json
import os
import re
import traceback

EXIT_CODES = {
    "bad_config": 2,
    "nan": 3,
    "diverged": 3,
    "out_of_memory": 4,
    "bad_data": 5,
    "environment": 6,
    "internal": 70,
    "cancelled": 143,
}

CLASSES = {
    "bad_config": "config",
    "nan": "config",
    "diverged": "config",
    "out_of_memory": "memory",
    "bad_data": "data",
    "environment": "environment",
    "internal": "ours",
    "cancelled": "user",
}

MOST_LINES = 20
LONGEST_LINE = 300


class RunFailure(Exception):
    """Ends the run; the message goes to people as it is, with lines of another program's log where one failed."""

    def __init__(self, code, message, log=()):
        super().__init__(message)
        self.code = code
        self.log = [line[:LONGEST_LINE] for line in log][:MOST_LINES]


def describe(error):
    """What failure.json says of an exception. What we did not foresee is our fault."""
    code, message = _name(error)
    return {"class": CLASSES[code], "code": code, "message": message, "log": useful_lines(error)}


def _name(error):
    if isinstance(error, RunFailure):
        return error.code, str(error)
    text = " ".join(str(error).split())[:LONGEST_LINE]
    kind = type(error).__name__
    if kind == "OutOfMemoryError" or re.search("out of memory|not enough memory|allocate memory", text, re.I) or isinstance(error, MemoryError):
        return "out_of_memory", f"The memory did not suffice: {text}"
    if isinstance(error, ImportError):
        return "environment", f"A Python package is missing or broken ({text}). Install the runner's requirements in the environment of TREX_PYTHON."
    if isinstance(error, OSError) and error.errno is not None:
        return "environment", f"The machine refused: {text}"
    return "internal", f"It crashed: {kind}: {text}"


def useful_lines(error):
    """The error first, then where it was raised, innermost call first. What we found ourselves needs no lines."""
    if isinstance(error, RunFailure):
        return error.log or (useful_lines(error.__cause__) if error.__cause__ is not None else [])
    lines = traceback.format_exception_only(type(error), error)
    if error.__traceback__ is not None:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            lines.append(f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}: {frame.line}")
    return [line.rstrip()[:LONGEST_LINE] for text in lines for line in text.splitlines() if line.strip()][:MOST_LINES]


def write_atomically(path, text):
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.part", path)


def write_json(path, value):
    write_atomically(path, json.dumps(value, allow_nan=False, ensure_ascii=False) + "\n")

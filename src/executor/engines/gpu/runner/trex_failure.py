"""Why a run ended without a result: a class of failures, a code, a sentence, and the first useful lines."""

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

MAX_LINES = 20
MAX_LINE_LENGTH = 300


class RunFailure(Exception):
    """Ends the run. People see the message as it is, with lines of another program's log where one failed."""

    def __init__(self, code, message, log=()):
        super().__init__(message)
        self.code = code
        self.log = [line[:MAX_LINE_LENGTH] for line in log][:MAX_LINES]


def describe(error):
    """The content of failure.json for an exception. One that we did not foresee is our fault."""
    code, message = _name(error)
    return {"class": CLASSES[code], "code": code, "message": message, "log": useful_lines(error)}


def _name(error):
    if isinstance(error, RunFailure):
        return error.code, str(error)
    text = " ".join(str(error).split())[:MAX_LINE_LENGTH]
    kind = type(error).__name__
    if kind == "OutOfMemoryError" or re.search("out of memory|not enough memory|allocate memory", text, re.I) or isinstance(error, MemoryError):
        return "out_of_memory", f"The memory did not suffice: {text}"
    if isinstance(error, ImportError):
        return "environment", f"A Python package is missing or broken ({text}). Install the runner's requirements in the environment of TREX_PYTHON."
    if isinstance(error, OSError) and error.errno is not None:
        return "environment", f"The machine refused: {text}"
    return "internal", f"It crashed: {kind}: {text}"


def useful_lines(error):
    """The error first, then its calls, innermost first. Failures that the runner itself raises need no lines."""
    if isinstance(error, RunFailure):
        return error.log or (useful_lines(error.__cause__) if error.__cause__ is not None else [])
    lines = traceback.format_exception_only(type(error), error)
    if error.__traceback__ is not None:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            lines.append(f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}: {frame.line}")
    return [line.rstrip()[:MAX_LINE_LENGTH] for text in lines for line in text.splitlines() if line.strip()][:MAX_LINES]


def write_atomically(path, text):
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.part", path)


def write_json(path, value):
    write_atomically(path, json.dumps(value, allow_nan=False, ensure_ascii=False) + "\n")

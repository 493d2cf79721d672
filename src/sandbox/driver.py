"""Runs map_row of somebody else's code over rows, inside a sandbox.

Input: a line with the job, {"code", "seed", "limits", "filter"}, then a row a line. Output: for each row a line with the
list of rows made of it; {"failed": ...} as the last line when the code fails. Limits and the filter of system calls are
set here, before the code is run, because this is the one place that bubblewrap and any container have in common; they
cannot be lifted again.
"""

import ctypes
import json
import os
import random
import resource
import sys
import traceback

NAME = "map_row"


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def restrict(limits, instructions):
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    program = Filter(len(instructions) // 8, instructions)
    # PR_SET_NO_NEW_PRIVS, then PR_SET_SECCOMP with SECCOMP_MODE_FILTER.
    if prctl(38, 1, 0, 0, 0) != 0 or prctl(22, 2, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls cannot be set")


def say(out, value):
    out.write(json.dumps(value, allow_nan=False).encode() + b"\n")


def line_of(error):
    frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == NAME]
    if frames:
        return frames[-1]
    return error.lineno if isinstance(error, SyntaxError) and error.filename == NAME else None


def words_of(error):
    if isinstance(error, MemoryError):
        return "MemoryError"
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:
        text = ""
    name = type(error).__name__
    return (name + ": " + text if text else name)[:300]


def listed(value):
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise TypeError("map_row must return a dict, a list of dicts or None, not " + type(value).__name__)


def main():
    os.dup2(0, 3)
    os.dup2(1, 4)
    rows = os.fdopen(3, "rb")
    out = os.fdopen(4, "wb")
    # The code prints to the log and reads from an empty input. All other open files are closed for it.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(5, os.sysconf("SC_OPEN_MAX"))
    job = json.loads(rows.readline())
    restrict(job["limits"], bytes.fromhex(job["filter"]))
    random.seed(job["seed"])
    number = 0
    try:
        scope = {"__name__": NAME}
        exec(compile(job["code"], NAME, "exec"), scope)
        map_row = scope[NAME]
        for line in rows:
            number += 1
            say(out, listed(map_row(json.loads(line))))
    except BaseException as error:
        say(out, {"failed": {"row": number, "error": words_of(error), "line": line_of(error)}})
    out.flush()
    sys.stderr.flush()
    # Skips exit handlers and threads that the code may have left behind.
    os._exit(0)


main()

"""Tries to get out of the sandbox, as the code of a python_map could; the answer names the attempts that succeed.

The prompt of the one row is JSON: {"port", "secrets", "folders", "pid", "start", "memory", "file"}.
"""

import ctypes
import glob
import json
import os
import resource
import socket


def reaches(address):
    try:
        socket.create_connection(address, 0.5).close()
        return True
    except OSError:
        return False


def interfaces():
    with open("/proc/net/dev") as file:
        return {line.split(":")[0].strip() for line in file if ":" in line}


def reads(path):
    try:
        with open(path, "rb") as file:
            file.read(1)
        return True
    except OSError:
        return False


def writes(path):
    try:
        with open(path, "wb") as file:
            file.write(b"x")
        return True
    except OSError:
        return False


def environments():
    for path in glob.glob("/proc/*/environ"):
        try:
            with open(path, "rb") as file:
                yield from file.read().split(b"\0")
        except OSError:
            pass


def allocates(size):
    try:
        return len(bytearray(size)) == size
    except MemoryError:
        return False


def fills(size):
    try:
        with open("filled", "wb") as file:
            for _ in range(0, size, 1 << 20):
                file.write(b"x" * (1 << 20))
        return True
    except OSError:
        return False
    finally:
        if os.path.exists("filled"):
            os.remove("filled")


def forks():
    try:
        child = os.fork()
    except OSError:
        return False
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def shares():
    return ctypes.CDLL(None).shmget(0, 4096, 0o1600) != -1


def sees(pid, start):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(") ", 1)[1].split(" ")[19] == start
    except (OSError, IndexError):
        return False


def map_row(row):
    want = json.loads(row["prompt"])
    found = []
    if reaches(("127.0.0.1", want["port"])):
        found.append("reach this machine's own network")
    if reaches(("1.1.1.1", 443)) or interfaces() - {"lo"}:
        found.append("reach a network")
    if any(reads(path) for path in want["secrets"]):
        found.append("read files outside of its folder")
    if any(writes(path) for path in want["folders"]):
        found.append("write outside of its folder")
    secret = (b"TREX_", b"SLACK_", b"OPENAI_", b"DATABASE_", b"SEMANTIC_")
    if any(entry.startswith(secret) for entry in environments()):
        found.append("read the bot's variables")
    if sees(want["pid"], want["start"]):
        found.append("see this machine's processes")
    if os.getuid() == 0:
        found.append("run as root")
    if allocates(want["memory"]):
        found.append("take more memory than allowed")
    if fills(want["file"]):
        found.append("write a larger file than allowed")
    if shares():
        found.append("take memory that is not counted")
    if forks():
        found.append("start processes")
    if resource.getrlimit(resource.RLIMIT_CPU)[1] == resource.RLIM_INFINITY:
        found.append("use the processor for ever")
    return {"prompt": "found", "completion": json.dumps(found)}

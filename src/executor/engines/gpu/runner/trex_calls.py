"""Reads calls of tools in an answer, with any marks that the model's template puts around them."""

import json
import re

# `<tool_call>`, `[TOOL_CALLS]`, `<|python_tag|>`, and the bracket of a list, right before a call.
MARKS = re.compile(r"(?:<[^<>]*>|\[[A-Z_]+\]|\[|\s)+$")


def with_calls(text):
    """
    The answer in the form of expected answers: its content, then a line of `{"name": ..., "arguments": {...}}` for each
    call. A text without calls is returned unchanged.
    """
    decoder = json.JSONDecoder()
    calls, first, at = [], None, text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            value, end = None, at + 1
        call = _call_of(value)
        if call is not None:
            first = at if first is None else first
            calls.append(call)
        at = text.find("{", end if call is not None else at + 1)
    if not calls:
        return text
    said = MARKS.sub("", text[:first])
    return "\n".join([*([said] if said else []), *calls])


def _call_of(value):
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("function"), dict):
        value = value["function"]
    name, given = value.get("name"), value.get("arguments", value.get("parameters"))
    if not isinstance(name, str) or not isinstance(given, dict):
        return None
    write = lambda part: json.dumps(part, ensure_ascii=False)  # noqa: E731
    return f'{{"name": {write(name)}, "arguments": {write(given)}}}'

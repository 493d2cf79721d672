"""Rows and prompts: read, checked line by line, and turned into examples. Rows that do not fit are left out, never cut."""

import json
import random

from trex_failure import RunFailure

# Rows that are checked before all of a large file: a file that does not fit fails in seconds.
SAMPLE_ROWS = 256
# With more rows left out than kept, training would be on another data set than the one agreed on.
MAX_LEFT_OUT_SHARE = 0.5
# The limit for the sample is higher, so that chance cannot exceed it: 5 standard deviations above a half.
MAX_LEFT_OUT_OF_SAMPLE = 0.66

COLUMNS = {"sft": ("prompt", "completion"), "dpo": ("prompt", "completion", "rejected"), "grpo": ("prompt", "completion")}


def read_lines(path, columns):
    """Objects of a JSONL file that hold every column as a text. Raises RunFailure (bad_data) with the line."""
    rows = []
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    rows.append(_parse(path, number, line, columns))
    except (OSError, UnicodeDecodeError) as error:
        raise RunFailure("bad_data", f"I cannot read {path}: {error}.") from error
    if not rows:
        raise RunFailure("bad_data", f"{path} has no rows.")
    return rows


def _parse(path, number, line, columns):
    try:
        row = json.loads(line)
    except ValueError:
        raise RunFailure("bad_data", f"Line {number} of {path} is not JSON.") from None
    for column in columns:
        if not isinstance(row, dict) or not isinstance(row.get(column), str):
            raise RunFailure("bad_data", f"Line {number} of {path} has no text `{column}`.")
    if not isinstance(row.get("messages", []), list) or not isinstance(row.get("answer", {}), dict):
        raise RunFailure("bad_data", f"Line {number} of {path} has turns that are no turns.")
    return row


class Encoded:
    """Training examples in tokens, and the number of rows left out for their length."""

    def __init__(self):
        self.examples = []
        self.lengths = []
        self.left_out = 0
        self.longest = 0

    def add(self, example, length, max_length):
        """Keeps the example if its `length` in tokens is at most `max_length`."""
        self.longest = max(self.longest, length)
        if length > max_length:
            self.left_out += 1
            return
        self.examples.append(example)
        self.lengths.append(length)


def encode_rows(rows, encoder, train):
    """
    `lengths` are tokens an example. Rows beyond max_tokens are left out; of GRPO, those whose prompt leaves no room for
    an answer. Raises RunFailure (bad_data) when no row is left, when more than half of the rows do not fit, and when all
    answers are empty; a sample of the rows is checked first.
    """
    if len(rows) > SAMPLE_ROWS:
        sample = _encode_all(random.Random(len(rows)).sample(rows, SAMPLE_ROWS), encoder, train)
        _refuse_long(sample, SAMPLE_ROWS, train, MAX_LEFT_OUT_OF_SAMPLE)
    encoded = _encode_all(rows, encoder, train)
    if not any(row["completion"].strip() for row in rows):
        raise RunFailure("bad_data", f"None of {len(rows)} rows has an answer in it: there is nothing to learn.")
    _refuse_long(encoded, len(rows), train, MAX_LEFT_OUT_SHARE)
    return encoded


def _encode_all(rows, encoder, train):
    encode = {"sft": _encode_sft, "dpo": _encode_dpo, "grpo": _encode_grpo}[train["objective"]["kind"]]
    encoded = Encoded()
    for row in rows:
        encode(row, encoder, train, encoded)
    return encoded


def _refuse_long(encoded, rows, train, max_share):
    if encoded.left_out <= max_share * rows:
        return
    raise RunFailure(
        "bad_data",
        f"{encoded.left_out} of {rows} rows do not fit into {train['max_tokens']} tokens (the longest has "
        f"{encoded.longest}). Leave out long rows, or allow longer ones.",
    )


def _encode_sft(row, encoder, train, encoded):
    prompt, answer = encoder.prompt(row), encoder.answer(row)
    ids = prompt + answer
    labels = ([-100] * len(prompt) if train["objective"]["completion_only"] else prompt) + answer
    encoded.add({"input_ids": ids, "labels": labels}, len(ids), train["max_tokens"])


def _encode_dpo(row, encoder, train, encoded):
    prompt = encoder.prompt(row)
    pair = [encoder.answer(row), encoder.text_answer(row["rejected"])]
    example = {"prompt_ids": prompt, "chosen_ids": pair[0], "rejected_ids": pair[1]}
    encoded.add(example, len(prompt) + max(len(answer) for answer in pair), train["max_tokens"])


def _encode_grpo(row, encoder, train, encoded):
    room = train["max_tokens"] - train["objective"]["max_completion_tokens"]
    length = len(encoder.prompt(row))
    encoded.add({"prompt": encoder.prompt_text(row), "answer": row["completion"]}, length, room)

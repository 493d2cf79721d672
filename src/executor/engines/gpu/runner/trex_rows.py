"""Rows and prompts: read, checked line by line, and turned into tokens one way for training and for answers."""

import json
import random

from trex_failure import RunFailure

# Looked at before all of a large file: rows that do not fit show in seconds.
SAMPLE_ROWS = 256
# More rows cut than whole are another data set than the one that was agreed on.
MOST_CUT_SHARE = 0.5
# In a sample only what chance cannot explain counts: 5 standard deviations above a half.
MOST_CUT_OF_SAMPLE = 0.66

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
    return row


class Encoder:
    """
    Tokens of prompts and answers. A chat model reads its own template; any other reads the prompt and a line break.
    The answer's tokens follow the prompt's, and the end mark follows them: what is trained is what is asked later.
    """

    def __init__(self, tokenizer, chat):
        if chat and tokenizer.chat_template is None:
            raise RunFailure("bad_config", "The model is said to be a chat model, but its tokenizer has no chat template.")
        if tokenizer.eos_token_id is None:
            raise RunFailure("bad_config", "The tokenizer has no end mark (eos_token): answers would never end.")
        self.tokenizer = tokenizer
        self.chat = chat

    def prompt_text(self, prompt):
        """As trainers that sample for themselves take it."""
        return [{"role": "user", "content": prompt}] if self.chat else f"{prompt}\n"

    def prompt(self, prompt):
        text = self.prompt_text(prompt)
        if not self.chat:
            return self.tokenizer(text)["input_ids"]
        return self.tokenizer.apply_chat_template(text, add_generation_prompt=True, tokenize=True, return_dict=False)

    def answer(self, completion):
        ids = self.tokenizer(completion, add_special_tokens=False)["input_ids"]
        return [*ids, self.tokenizer.eos_token_id]


class Encoded:
    """Training examples in tokens, with what was cut."""

    def __init__(self):
        self.examples = []
        self.lengths = []
        self.truncated = 0
        self.longest = 0

    def add(self, example, length, truncated):
        self.examples.append(example)
        self.lengths.append(length)
        self.truncated += truncated


def encode_rows(rows, encoder, train):
    """
    `lengths` are tokens an example. Rows beyond max_tokens lose the start of the prompt first, then the end of the
    answer. Rows of GRPO whose prompt leaves no room for an answer are left out. Raises RunFailure (bad_data) when
    nothing is left, when more than half of the rows were cut, and when no answer has anything in it; a sample of the
    rows is looked at first.
    """
    if len(rows) > SAMPLE_ROWS:
        sample = _encode_all(random.Random(len(rows)).sample(rows, SAMPLE_ROWS), encoder, train)
        _refuse_cut(sample, SAMPLE_ROWS, train, MOST_CUT_OF_SAMPLE)
    encoded = _encode_all(rows, encoder, train)
    if not encoded.examples:
        raise RunFailure("bad_data", f"No row fits into {train['max_tokens']} tokens.")
    if not any(row["completion"].strip() for row in rows):
        raise RunFailure("bad_data", f"None of {len(rows)} rows has an answer in it: there is nothing to learn.")
    _refuse_cut(encoded, len(rows), train, MOST_CUT_SHARE)
    return encoded


def _encode_all(rows, encoder, train):
    encode = {"sft": _encode_sft, "dpo": _encode_dpo, "grpo": _encode_grpo}[train["objective"]["kind"]]
    encoded = Encoded()
    for row in rows:
        encode(row, encoder, train, encoded)
    return encoded


def _refuse_cut(encoded, rows, train, most_share):
    if encoded.truncated <= most_share * rows:
        return
    raise RunFailure(
        "bad_data",
        f"{encoded.truncated} of {rows} rows do not fit into {train['max_tokens']} tokens (the longest has "
        f"{encoded.longest}). Leave out long rows, or allow longer ones.",
    )


def _encode_sft(row, encoder, train, encoded):
    prompt, answer = encoder.prompt(row["prompt"]), encoder.answer(row["completion"])
    length = len(prompt) + len(answer)
    encoded.longest = max(encoded.longest, length)
    answer = answer[: train["max_tokens"]]
    prompt = _end(prompt, train["max_tokens"] - len(answer))
    ids = prompt + answer
    labels = ([-100] * len(prompt) if train["objective"]["completion_only"] else prompt) + answer
    encoded.add({"input_ids": ids, "labels": labels}, len(ids), length > len(ids))


def _encode_dpo(row, encoder, train, encoded):
    most = train["max_tokens"]
    prompt = encoder.prompt(row["prompt"])
    pair = [encoder.answer(row["completion"])[:most], encoder.answer(row["rejected"])[:most]]
    longest = max(len(answer) for answer in pair)
    encoded.longest = max(encoded.longest, len(prompt) + longest)
    kept = _end(prompt, most - longest)
    example = {"prompt_ids": kept, "chosen_ids": pair[0], "rejected_ids": pair[1]}
    encoded.add(example, len(kept) + longest, len(kept) < len(prompt))


def _encode_grpo(row, encoder, train, encoded):
    room = train["max_tokens"] - train["objective"]["max_completion_tokens"]
    length = len(encoder.prompt(row["prompt"]))
    encoded.longest = max(encoded.longest, length + train["objective"]["max_completion_tokens"])
    if length > room:
        encoded.truncated += 1
        return
    encoded.add({"prompt": encoder.prompt_text(row["prompt"]), "answer": row["completion"]}, length, False)


def _end(ids, count):
    return ids[len(ids) - count :] if 0 <= count < len(ids) else ids

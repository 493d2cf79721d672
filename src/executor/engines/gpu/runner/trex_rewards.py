"""Rewards of GRPO: the metrics of the bot that tell right from wrong, by the same rules."""

import unicodedata


def trimmed(text):
    return unicodedata.normalize("NFC", text).strip()


def folded(text):
    return " ".join(trimmed(text).lower().split())


def exact_match(answer, expected):
    return float(trimmed(answer) == trimmed(expected))


def accuracy(answer, expected):
    return float(folded(answer) == folded(expected))


def contains(answer, expected):
    """As whole words."""
    text, wanted = folded(answer), folded(expected)
    if not wanted:
        return float(not text)
    at = text.find(wanted)
    while at >= 0:
        before, after = text[max(0, at - 1) : at], text[at + len(wanted) : at + len(wanted) + 1]
        if not (_joins(before, wanted[0]) or _joins(wanted[-1], after)):
            return 1.0
        at = text.find(wanted, at + 1)
    return 0.0


UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI")


def _joins(a, b):
    return _is_word(a) and _is_word(b)


def _is_word(character):
    """Scripts without spaces end a word with every character."""
    return character.isalnum() and not unicodedata.name(character, "").startswith(UNSPACED)


def reward_function(name):
    """A function as TRL calls it: completions with the column `answer` of their rows."""
    score = {"exact_match": exact_match, "accuracy": accuracy, "contains": contains}[name]

    def reward(completions, answer, **_):
        return [score(text_of(completion), expected) for completion, expected in zip(completions, answer, strict=True)]

    reward.__name__ = name
    return reward


def text_of(completion):
    return completion if isinstance(completion, str) else completion[-1]["content"]

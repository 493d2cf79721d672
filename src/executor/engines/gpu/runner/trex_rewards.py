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
    """Whether the answer has the expected text as whole words and numbers; the rule of `src/scoring/contains.ts`."""
    text, wanted = folded(answer), folded(expected)
    if not wanted:
        return float(not text)
    at = text.find(wanted)
    while at >= 0:
        if not (_goes_on(text, at) or _goes_on(text, at + len(wanted)) or _begins_as_hyphen(text, at)):
            return 1.0
        at = text.find(wanted, at + 1)
    return 0.0


NUMBER_JOINTS = frozenset(".,/:'\u2019\u066b\u066c\u00b7")
SIGNS = frozenset("-\u2212\u2013")
UNSPACED = ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "THAI")


def _at(text, index):
    return text[index] if 0 <= index < len(text) else ""


def _goes_on(text, at):
    """Whether a word or number goes on from `at - 1` to `at`. A mark belongs to the letter before it."""
    before, after = _at(text, at - 1), _at(text, at)
    if not before or not after:
        return False
    if _is_mark(after):
        return _is_word(before)
    if _is_word(before) and _is_word(after):
        return not (_is_unspaced(before) or _is_unspaced(after))
    earlier = _at(text, at - 2)
    if after in NUMBER_JOINTS:
        return _is_digit(before) and _is_digit(_at(text, at + 1))
    if not _is_digit(after):
        return False
    if before in NUMBER_JOINTS:
        return _is_digit(earlier) or (before == "." and not _is_word(earlier))
    return before in SIGNS and not _is_word(earlier)


def _begins_as_hyphen(text, at):
    return _at(text, at) in SIGNS and _is_word(_at(text, at - 1))


def _category(character):
    return unicodedata.category(character) if character else ""


def _is_mark(character):
    return _category(character).startswith("M")


def _is_digit(character):
    return _category(character) == "Nd"


def _is_word(character):
    return _category(character)[:1] in ("L", "N", "M")


def _is_unspaced(character):
    """Whether a character is of a script without spaces, where every character ends a word."""
    return unicodedata.name(character, "").startswith(UNSPACED)


def reward_function(name):
    """The reward function as TRL calls it, with completions and the column `answer` of their rows."""
    score = {"exact_match": exact_match, "accuracy": accuracy, "contains": contains}[name]

    def reward(completions, answer, **_):
        return [score(text_of(completion), expected) for completion, expected in zip(completions, answer, strict=True)]

    reward.__name__ = name
    return reward


def text_of(completion):
    return completion if isinstance(completion, str) else completion[-1]["content"]

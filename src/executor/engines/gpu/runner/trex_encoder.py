"""Tokens of prompts and answers, made in the same way for training and for predicting."""

import json

from trex_failure import RunFailure


class Encoder:
    """
    A chat model reads its own template: the turns and tools of a conversation, or a prompt as one user turn. Any other
    reads the prompt and a line break. The answer's tokens follow the prompt's, and the end mark follows them: a model is
    asked in the form in which it was trained.
    """

    def __init__(self, tokenizer, chat):
        if chat and tokenizer.chat_template is None:
            raise RunFailure("bad_config", "The model is said to be a chat model, but its tokenizer has no chat template.")
        if tokenizer.eos_token_id is None:
            raise RunFailure("bad_config", "The tokenizer has no end mark (eos_token): answers would never end.")
        self.tokenizer = tokenizer
        self.chat = chat
        self.knows = set()

    def prompt_text(self, row):
        """The prompt in the form of trainers that sample by themselves."""
        return messages_of(row) if self.chat else f"{row['prompt']}\n"

    def prompt(self, row):
        if self.chat:
            return self._template(messages_of(row), tools_of(row), add_generation_prompt=True)
        if "messages" in row:
            raise RunFailure("bad_data", "A conversation needs a chat model: this one has no template for its turns.")
        return self.tokenizer(self.prompt_text(row))["input_ids"]

    def answer(self, row):
        """Tokens of a row's completion; calls of tools are written by the model's template."""
        if "answer" not in row:
            return self.text_answer(row["completion"])
        asked = self.prompt(row)
        whole = self._template([*messages_of(row), _loaded(row["answer"])], tools_of(row))
        if whole[: len(asked)] != asked:
            raise RunFailure("bad_data", "The model's chat template does not write calls where its answers begin.")
        answer, end = whole[len(asked) :], self.tokenizer.eos_token_id
        # Templates put a line break or more after the end mark; a model never has to write that.
        return answer[: len(answer) - answer[::-1].index(end)] if end in answer else [*answer, end]

    def text_answer(self, text):
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return [*ids, self.tokenizer.eos_token_id]

    def _template(self, messages, tools, **more):
        write = self.tokenizer.apply_chat_template
        try:
            self._require(messages, tools)
            return write(messages, tools=tools, tokenize=True, return_dict=False, **more)
        except RunFailure:
            raise
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            raise RunFailure("bad_data", f"The model's chat template refuses a conversation: {said}") from error

    def _require(self, messages, tools):
        """A template that leaves out tools or calls would train another conversation than the one in the row."""
        write = self.tokenizer.apply_chat_template
        if tools is not None and "tools" not in self.knows:
            if write(messages, tools=tools, tokenize=False) == write(messages, tokenize=False):
                raise RunFailure("bad_data", "The model's chat template knows no tools, and the rows have some.")
            self.knows.add("tools")
        if "calls" not in self.knows and any("tool_calls" in message for message in messages):
            silent = [{name: value for name, value in message.items() if name != "tool_calls"} for message in messages]
            # Their names are in the list of tools as well: only a difference to the text without calls shows them.
            if write(messages, tools=tools, tokenize=False) == write(silent, tools=tools, tokenize=False):
                raise RunFailure("bad_data", "The model's chat template writes no tool calls, and the rows have some.")
            self.knows.add("calls")


def messages_of(row):
    """Turns as chat templates take them: arguments of calls are objects."""
    if "messages" not in row:
        return [{"role": "user", "content": row["prompt"]}]
    return [_loaded(message) for message in row["messages"]]


def tools_of(row):
    return json.loads(row["tools"]) if "tools" in row else None


def _loaded(message):
    if "tool_calls" not in message:
        return message
    calls = []
    for call in message["tool_calls"]:
        function = {**call["function"], "arguments": json.loads(call["function"]["arguments"])}
        calls.append({**call, "function": function})
    return {**message, "tool_calls": calls}

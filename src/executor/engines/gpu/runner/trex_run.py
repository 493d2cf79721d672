"""run.json, read strictly: an unknown, missing or wrong field ends the run before anything is loaded."""

import json

from trex_failure import RunFailure

NUMBER = (int, float)
# Names of precisions in PyTorch and other programs.
DTYPE_NAMES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}


class Fields:
    """A JSON object, read field by field; `end` refuses fields that were not read."""

    def __init__(self, path, value):
        if not isinstance(value, dict):
            raise RunFailure("bad_config", f"{path} must be an object.")
        self.path = path
        self.left = dict(value)

    def take(self, name, kind, low=None, allowed=None):
        if name not in self.left:
            raise RunFailure("bad_config", f"{self.path} lacks the field {name}.")
        value = self.left.pop(name)
        right = isinstance(value, kind) and (isinstance(value, bool) == (kind is bool))
        if not right or (low is not None and value < low) or (allowed is not None and value not in allowed):
            wanted = f"one of {', '.join(allowed)}" if allowed else _words(kind, low)
            raise RunFailure("bad_config", f"{self.path}: {name} must be {wanted}, not {json.dumps(value)[:60]}.")
        return value

    def optional(self, name):
        """A nested object that may be null."""
        if name not in self.left:
            raise RunFailure("bad_config", f"{self.path} lacks the field {name}.")
        value = self.left.pop(name)
        return None if value is None else Fields(f"{self.path}.{name}", value)

    def nested(self, name):
        fields = self.optional(name)
        if fields is None:
            raise RunFailure("bad_config", f"{self.path}: {name} must be an object.")
        return fields

    def end(self, read):
        if self.left:
            raise RunFailure("bad_config", f"{self.path} has fields I do not know: {', '.join(self.left)}.")
        return read


def _words(kind, low):
    names = {str: "a text", bool: "true or false", int: "a whole number", list: "a list", NUMBER: "a number"}
    return names[kind] + ("" if low is None else f" from {low}")


def read_run(path):
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except (OSError, ValueError) as error:
        raise RunFailure("bad_config", f"I cannot read {path}: {error}.") from error
    return parse_run(value)


def parse_run(value):
    run = Fields("the run", value)
    run.take("v", int, 1)
    read = {
        "seed": run.take("seed", int, 0),
        "model": run.take("model", str),
        "chat": run.take("chat", bool),
        "device": run.take("device", str, allowed=["cuda", "cpu"]),
        "precision": run.take("precision", str, allowed=["bf16", "fp16", "fp32"]),
        "weights": run.take("weights", (str, type(None))),
        "probe": run.take("probe", bool),
        "train": _parse_train(run.optional("train")),
        "standard": _parse_standard(run.optional("standard")),
        "predict": [_parse_prediction(i, one) for i, one in enumerate(run.take("predict", list))],
    }
    run.end(read)
    if read["device"] == "cpu" and read["precision"] == "fp16":
        raise RunFailure("bad_config", "The precision fp16 needs a GPU. Take bf16 or fp32 on a processor.")
    train = read["train"]
    if train is not None and train["lora"] is not None and train["lora"]["quantized"] and read["device"] != "cuda":
        raise RunFailure("bad_config", "QLoRA needs CUDA: its 4-bit weights are computed on a GPU only.")
    if train is not None and train["trainer"] == "llamafactory" and train["objective"]["kind"] == "grpo":
        raise RunFailure("bad_config", "LLaMA-Factory has no GRPO. Train with TRL.")
    if read["probe"] and (train is None or read["predict"] or read["standard"]):
        raise RunFailure("bad_config", "A probe trains a few steps and answers nothing.")
    if train is not None and read["weights"] is not None:
        raise RunFailure("bad_config", "A run trains the base model or predicts with earlier weights, not both.")
    return read


def _parse_train(train):
    if train is None:
        return None
    read = {
        "trainer": train.take("trainer", str, allowed=["trl", "llamafactory"]),
        "file": train.take("file", str),
        "objective": _parse_objective(train.nested("objective")),
        "lora": _parse_lora(train.optional("lora")),
        "learning_rate": train.take("learningRate", NUMBER, 0),
        "schedule": train.take("schedule", str, allowed=["cosine", "linear", "constant"]),
        "warmup_ratio": train.take("warmupRatio", NUMBER, 0),
        "weight_decay": train.take("weightDecay", NUMBER, 0),
        "max_grad_norm": train.take("maxGradNorm", NUMBER, 0),
        "epochs": train.take("epochs", NUMBER, 0),
        "micro_batch": train.take("microBatch", int, 1),
        "accumulation": train.take("accumulation", int, 1),
        "order": train.take("order", str, allowed=["shuffled", "as_given"]),
        "max_tokens": train.take("maxSequenceTokens", int, 8),
        "gradient_checkpointing": train.take("gradientCheckpointing", bool),
        "probe_steps": train.take("probeSteps", int, 0),
        "checkpoint_seconds": train.take("checkpointSeconds", NUMBER, 0),
        "resume_from": train.take("resumeFrom", list),
    }
    return train.end(read)


def _parse_objective(objective):
    kind = objective.take("kind", str, allowed=["sft", "dpo", "grpo"])
    if kind == "sft":
        return objective.end({"kind": kind, "completion_only": objective.take("completionOnly", bool)})
    beta = objective.take("beta", NUMBER, 0)
    if kind == "dpo":
        return objective.end({"kind": kind, "beta": beta})
    return objective.end(
        {
            "kind": kind,
            "beta": beta,
            "reward": objective.take("reward", str, allowed=["exact_match", "accuracy", "contains"]),
            "generations": objective.take("generations", int, 2),
            "max_completion_tokens": objective.take("maxCompletionTokens", int, 1),
        }
    )


def _parse_lora(lora):
    if lora is None:
        return None
    targets = lora.left.get("targets")
    read = {
        "rank": lora.take("rank", int, 1),
        "alpha": lora.take("alpha", NUMBER, 0),
        "targets": lora.take("targets", list if isinstance(targets, list) else str),
        "quantized": lora.take("quantized", bool),
    }
    return lora.end(read)


def _parse_standard(standard):
    if standard is None:
        return None
    read = {
        "tasks": standard.take("tasks", list),
        "folder": standard.take("folder", (str, type(None))),
        "limit": standard.take("limit", int, 1),
    }
    return standard.end(read)


def _parse_prediction(index, value):
    prediction = Fields(f"predict[{index}]", value)
    read = {
        "split": prediction.take("split", str),
        "file": prediction.take("file", str),
        "max_new_tokens": prediction.take("maxNewTokens", int, 1),
    }
    return prediction.end(read)

"""Trains with any trainer: first a probe of a few steps, then the whole run, from a checkpoint where there is one."""

import os
import time

import torch

from trex_failure import RunFailure
from trex_watch import RunWatch, last_checkpoint, remove_torn_checkpoints

CHECKPOINTS = "checkpoints"


def trainer_of(run):
    """Imports the module of the trainer that the run names, and only that one: the other need not be installed."""
    if run["train"]["trainer"] == "llamafactory":
        import trex_llamafactory

        return trex_llamafactory
    import trex_trl

    return trex_trl


def rows_a_step(train):
    return train["micro_batch"] * train["accumulation"] * int(os.environ.get("WORLD_SIZE", "1"))


def probe(run, tokenizer, encoded, folder, device):
    """Runs a few real steps on the longest rows and discards them: measures speed and memory before the long part."""
    train = run["train"]
    if train["probe_steps"] == 0:
        return None
    longest = sorted(range(len(encoded.lengths)), key=lambda i: -encoded.lengths[i])
    examples = [encoded.examples[i] for i in longest[: max(1, rows_a_step(train))]]
    watch = RunWatch(run, "probe", lambda: False)
    output_dir = os.path.join(folder, CHECKPOINTS, "probe")
    trainer_of(run).train(run, tokenizer, examples, watch, device, output_dir, train["probe_steps"], None)
    peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    seconds = (time.monotonic() - watch.began_seconds) / train["probe_steps"]
    return {"secondsPerStep": round(seconds, 4), "peakMemoryBytes": peak, "steps": train["probe_steps"]}


def fit(run, tokenizer, encoded, folder, identity, should_stop, device):
    """
    Trains to the end, from the last checkpoint of this same run if there is one. Returns the model and its fields of
    result.json. Raises RunFailure: nan, diverged, cancelled.
    """
    train = run["train"]
    mean_tokens = sum(encoded.lengths) / len(encoded.lengths)
    tokens_of_step = mean_tokens * rows_a_step(train)
    watch = RunWatch(run, identity, should_stop, os.path.join(folder, "metrics.jsonl"), tokens_of_step)
    own = os.path.join(folder, CHECKPOINTS)
    remove_torn_checkpoints(own)
    checkpoint = last_checkpoint([own, *[os.path.join(folder, other) for other in train["resume_from"]]], identity)
    try:
        model, state = trainer_of(run).train(run, tokenizer, encoded.examples, watch, device, own, -1, checkpoint)
    finally:
        watch.close()
    seconds = time.monotonic() - watch.began_seconds
    if watch.stopped and state.global_step < state.max_steps:
        raise RunFailure(
            "cancelled", f"It was asked to stop at step {state.global_step} of {state.max_steps}, and saved a checkpoint."
        )
    first = 0 if checkpoint is None else int(checkpoint.rsplit("-", 1)[1])
    tokens = (state.global_step - first) * tokens_of_step
    return model, {
        "step": state.global_step,
        "steps": state.max_steps,
        "resumedAtStep": first,
        "trainLoss": watch.train_loss,
        "trainSeconds": round(seconds, 3),
        "tokensPerSecond": round(tokens / seconds) if seconds > 0 else None,
        "secondsPerStep": watch.seconds_per_step,
        "leftOutRows": encoded.left_out,
        "rowTokens": sum(encoded.lengths),
    }

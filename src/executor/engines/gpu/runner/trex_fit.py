"""Trains with TRL: one trainer for each objective, fed with tokens that are already made."""

import os
import time

import torch
from datasets import Dataset
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

from trex_failure import RunFailure
from trex_model import training_model
from trex_rewards import reward_function
from trex_watch import RunWatch, last_checkpoint, remove_torn_checkpoints

CHECKPOINTS = "checkpoints"


class TokenDpoTrainer(DPOTrainer):
    """Takes pairs as tokens: the same ones that answers are asked with."""

    def _prepare_dataset(self, dataset, processing_class, args, dataset_name):
        return dataset


def trainer_of(run, model, tokenizer, examples, folder, callback, max_steps):
    train, objective = run["train"], run["train"]["objective"]
    kind = objective["kind"]
    shared = {
        "output_dir": os.path.join(folder, CHECKPOINTS),
        "report_to": "none",
        "disable_tqdm": True,
        "seed": run["seed"],
        "max_steps": max_steps,
        "num_train_epochs": train["epochs"],
        "per_device_train_batch_size": train["micro_batch"],
        "gradient_accumulation_steps": train["accumulation"],
        "learning_rate": train["learning_rate"],
        "lr_scheduler_type": "constant_with_warmup" if train["schedule"] == "constant" else train["schedule"],
        "warmup_steps": train["warmup_ratio"],
        "weight_decay": train["weight_decay"],
        "max_grad_norm": train["max_grad_norm"],
        "gradient_checkpointing": train["gradient_checkpointing"],
        "bf16": run["precision"] == "bf16",
        "fp16": run["precision"] == "fp16",
        "use_cpu": run["device"] == "cpu",
        "logging_steps": 1,
        # The filter would show the last good loss in place of NaN.
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "save_total_limit": 2,
        "dataloader_num_workers": 0,
    }
    if kind != "grpo" and train["order"] == "as_given":
        shared["train_sampling_strategy"] = "sequential"
    common = {
        "model": model,
        "train_dataset": Dataset.from_list(examples),
        "processing_class": tokenizer,
        "callbacks": [callback],
    }
    if kind == "sft":
        config = SFTConfig(max_length=train["max_tokens"], dataset_kwargs={"skip_prepare_dataset": True}, **shared)
        return SFTTrainer(args=config, **common)
    if kind == "dpo":
        return TokenDpoTrainer(args=DPOConfig(beta=objective["beta"], max_length=train["max_tokens"], **shared), **common)
    config = GRPOConfig(
        beta=objective["beta"],
        num_generations=objective["generations"],
        max_completion_length=objective["max_completion_tokens"],
        shuffle_dataset=train["order"] == "shuffled",
        **shared,
    )
    return GRPOTrainer(args=config, reward_funcs=[reward_function(objective["reward"])], **common)


def probe(run, tokenizer, encoded, folder, device):
    """A few real steps on the longest rows, then thrown away: speed and memory before anything long begins."""
    train = run["train"]
    if train["probe_steps"] == 0:
        return None
    longest = sorted(range(len(encoded.lengths)), key=lambda i: -encoded.lengths[i])
    rows = max(1, train["micro_batch"] * train["accumulation"] * int(os.environ.get("WORLD_SIZE", "1")))
    examples = [encoded.examples[i] for i in longest[:rows]]
    watch = RunWatch(run, "probe", lambda: False)
    model = training_model(run, device)
    trainer = trainer_of(run, model, tokenizer, examples, folder, watch, train["probe_steps"])
    started = time.monotonic()
    trainer.train()
    peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    seconds = (time.monotonic() - started) / train["probe_steps"]
    return {"secondsPerStep": round(seconds, 4), "peakMemoryBytes": peak, "steps": train["probe_steps"]}


def fit(run, tokenizer, encoded, folder, identity, should_stop, device):
    """
    Trains to the end, from the last checkpoint of this very run if there is one. Returns the model and what
    result.json says of it. Raises RunFailure: nan, diverged, cancelled.
    """
    train = run["train"]
    mean_tokens = sum(encoded.lengths) / len(encoded.lengths)
    rows_a_step = train["micro_batch"] * train["accumulation"] * int(os.environ.get("WORLD_SIZE", "1"))
    watch = RunWatch(run, identity, should_stop, os.path.join(folder, "metrics.jsonl"), mean_tokens * rows_a_step)
    own = os.path.join(folder, CHECKPOINTS)
    remove_torn_checkpoints(own)
    checkpoint = last_checkpoint([own, *[os.path.join(folder, other) for other in train["resume_from"]]], identity)
    trainer = trainer_of(run, training_model(run, device), tokenizer, encoded.examples, folder, watch, -1)
    started = time.monotonic()
    try:
        trainer.train(resume_from_checkpoint=checkpoint)
    finally:
        watch.close()
    seconds = time.monotonic() - started
    state = trainer.state
    if watch.stopped and state.global_step < state.max_steps:
        raise RunFailure(
            "cancelled", f"It was asked to stop at step {state.global_step} of {state.max_steps}, and saved a checkpoint."
        )
    first = 0 if checkpoint is None else int(checkpoint.rsplit("-", 1)[1])
    tokens = (state.global_step - first) * rows_a_step * mean_tokens
    result = {
        "step": state.global_step,
        "steps": state.max_steps,
        "resumedAtStep": first,
        "trainLoss": watch.train_loss,
        "trainSeconds": round(seconds, 3),
        "tokensPerSecond": round(tokens / seconds) if seconds > 0 else None,
        "truncatedRows": encoded.truncated,
        "rowTokens": sum(encoded.lengths),
    }
    return trainer.accelerator.unwrap_model(trainer.model), result

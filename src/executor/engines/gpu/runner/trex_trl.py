"""Trains with TRL: one trainer for each objective, fed with tokens that are already made."""

import os

from datasets import Dataset
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

from trex_model import training_model
from trex_rewards import reward_function


class TokenDpoTrainer(DPOTrainer):
    """Takes pairs as tokens, which are made in the same way as those for predicting."""

    def _prepare_dataset(self, dataset, processing_class, args, dataset_name):
        return dataset


def train(run, tokenizer, examples, watch, device, output_dir, max_steps, checkpoint):
    """Trains until the watch or the last step ends it. Returns the model and the trainer's state."""
    model = training_model(run, device)
    trainer = trainer_of(run, model, tokenizer, examples, watch, output_dir, max_steps)
    trainer.train(resume_from_checkpoint=checkpoint)
    return trainer.accelerator.unwrap_model(trainer.model), trainer.state


def trainer_of(run, model, tokenizer, examples, callback, output_dir, max_steps):
    train, objective = run["train"], run["train"]["objective"]
    kind = objective["kind"]
    shared = {
        "output_dir": output_dir,
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

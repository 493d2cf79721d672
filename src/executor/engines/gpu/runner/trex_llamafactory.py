"""
Trains with LLaMA-Factory, from the configuration beside run.json. Only settings that depend on the machine are set here:
the paths of rows and checkpoints, and the probe. Its own templates are not used: rows reach it as tokens.
"""

import glob
import os
import shutil

from datasets import Dataset, DatasetDict
from transformers import TrainerCallback

from trex_failure import RunFailure

CONFIG = "llamafactory.yaml"
TOKENS = "tokens"

try:
    from llamafactory.hparams import get_train_args
    from llamafactory.train.dpo import run_dpo
    from llamafactory.train.sft import run_sft
    from omegaconf import OmegaConf
except ImportError as error:
    raise RunFailure(
        "environment",
        f"LLaMA-Factory is missing or broken ({error}). TREX_PYTHON must be an environment with requirements-llamafactory.txt.",
    ) from error


class Trained(Exception):
    """Leaves LLaMA-Factory at the last step, before it saves: the runner saves the model itself, merged and once."""


class Handover(TrainerCallback):
    """Takes the model when the training ends. It is called after the watch, so that the watch can fail the run first."""

    model = state = None

    def on_train_begin(self, args, state, control, model=None, **_):
        self.model, self.state = model, state

    def on_train_end(self, args, state, control, **_):
        self.state = state
        raise Trained


def train(run, tokenizer, examples, watch, device, output_dir, max_steps, checkpoint):
    """Trains until the watch or the last step ends it. Returns the model and the trainer's state."""
    config = OmegaConf.to_container(OmegaConf.load(CONFIG))
    config |= {"output_dir": output_dir, "max_steps": max_steps, "resume_from_checkpoint": checkpoint}
    config["tokenized_path"] = os.path.join(output_dir, TOKENS)
    if checkpoint is None:
        # LLaMA-Factory would resume by itself from any checkpoint there.
        for other in glob.glob(os.path.join(output_dir, "checkpoint-*")):
            shutil.rmtree(other, ignore_errors=True)
    handover = Handover()
    try:
        model_args, data_args, args, finetuning_args, generating_args = get_train_args(config)
        with args.main_process_first(desc="tokens"):
            if args.should_save:
                save_tokens(examples, config["tokenized_path"])
        callbacks = [watch, handover]
        if run["train"]["objective"]["kind"] == "dpo":
            run_dpo(model_args, data_args, args, finetuning_args, callbacks)
        else:
            run_sft(model_args, data_args, args, finetuning_args, generating_args, callbacks)
    except Trained:
        pass
    except ValueError as error:
        # Before the model is loaded, errors are about settings or adapters that do not fit; later ones are not.
        if handover.model is None:
            raise RunFailure("bad_config", f"LLaMA-Factory refuses these settings: {' '.join(str(error).split())[:300]}") from error
        raise
    except OSError as error:
        if handover.model is None and error.errno is None:
            raise RunFailure("environment", f"The model {run['model']} cannot be loaded: {str(error).strip()[:300]}") from error
        raise
    model = handover.model
    # LLaMA-Factory turns the cache off in the saved configuration, and answers would be slow without one.
    model.config.use_cache = True
    return model, handover.state


def save_tokens(examples, path):
    """Saves tokens in the form in which LLaMA-Factory saves those that it made itself."""
    shutil.rmtree(path, ignore_errors=True)
    DatasetDict({"train": Dataset.from_list([row_of(example) for example in examples])}).save_to_disk(path)


def row_of(example):
    if "input_ids" in example:
        return {**example, "attention_mask": [1] * len(example["input_ids"])}
    row = {"images": None, "videos": None, "audios": None}
    for side in ("chosen", "rejected"):
        ids = example["prompt_ids"] + example[f"{side}_ids"]
        row[f"{side}_input_ids"] = ids
        row[f"{side}_attention_mask"] = [1] * len(ids)
        row[f"{side}_labels"] = [-100] * len(example["prompt_ids"]) + example[f"{side}_ids"]
    return row

"""
The runner: executes run.json in its folder, and leaves metrics.jsonl, model.safetensors, predictions and result.json
there, or failure.json. A cluster starts it, once or under torchrun once for each GPU.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sys
import time
import traceback

from trex_encoder import Encoder
from trex_failure import EXIT_CODES, RunFailure, describe, write_json
from trex_rows import COLUMNS, encode_rows, read_lines
from trex_run import read_run

STARTED = time.monotonic()


class StopRequest:
    """SIGTERM and SIGINT request a stop: the run saves its state at the end of its step, and ends."""

    def __init__(self):
        self.is_set = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._set)

    def _set(self, *_):
        self.is_set = True

    def __call__(self):
        return self.is_set


def is_main():
    return int(os.environ.get("RANK", "0")) == 0


def identity_of(run, folder):
    """The identity of a run for its checkpoints: the settings and the rows."""
    train = {name: value for name, value in run["train"].items() if name not in ("resume_from", "checkpoint_seconds", "probe_steps")}
    settings = {**run, "train": train, "standard": None, "predict": None}
    # Runs of older versions have no such field, and no probe resumes from a checkpoint.
    del settings["probe"]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    with open(os.path.join(folder, run["train"]["file"]), "rb") as file:
        digest.update(file.read())
    return digest.hexdigest()


def carry_out(run, folder, should_stop):
    """Runs the stages, cheapest failure first: files, tokens, model, probe, training, standard tasks, answers."""
    train = run["train"]
    rows = None if train is None else read_lines(os.path.join(folder, train["file"]), COLUMNS[train["objective"]["kind"]])
    prompts = [(one, read_lines(os.path.join(folder, one["file"]), ("id", "prompt"))) for one in run["predict"]]

    # Imported late: it is slow to load, and the checks before need none of it.
    import torch
    from transformers import set_seed
    from transformers.utils import logging

    from trex_model import free_memory, load_tokenizer, merged_model, require_device, save_weights

    logging.disable_progress_bar()
    require_device(run)
    set_seed(run["seed"])
    device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if run["device"] == "cuda" else "cpu"
    if run["device"] == "cuda":
        torch.cuda.set_device(device)
    source = run["model"] if run["weights"] is None else os.path.dirname(os.path.join(folder, run["weights"]))
    tokenizer = load_tokenizer(source)
    encoder = Encoder(tokenizer, run["chat"])
    result = {}
    if train is not None:
        from trex_fit import CHECKPOINTS, fit, probe

        encoded = encode_rows(rows, encoder, train)
        probed = probe(run, tokenizer, encoded, folder, device)
        free_memory()
        if should_stop():
            raise RunFailure("cancelled", "It was asked to stop before its first step.")
        model, result = fit(run, tokenizer, encoded, folder, identity_of(run, folder), should_stop, device)
        result["probe"] = probed
        if is_main() and not run["probe"]:
            result["weightsSha256"] = save_weights(merged_model(model, run, folder), tokenizer, run, folder)
        del model
        free_memory()
        source = folder
    if is_main():
        from trex_predict import answers, write_predictions

        if run["standard"] is not None:
            from trex_lm_eval import standard_scores

            result["standard"], result["standardTasks"] = standard_scores(run, source, folder, should_stop)
        for one, asked in prompts:
            texts, result["answeredBy"] = answers(run, source, encoder, asked, one["max_new_tokens"], should_stop, device)
            write_predictions(os.path.join(folder, f"predictions.{one['split']}.jsonl"), asked, texts)
        if train is not None:
            shutil.rmtree(os.path.join(folder, CHECKPOINTS), ignore_errors=True)
    return result


def keep_to_one_gpu():
    """A process trains on one GPU: trainers that see more would enlarge the batch by sharing it among them."""
    if "RANK" not in os.environ:
        os.environ["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]


def main():
    folder = os.getcwd()
    should_stop = StopRequest()
    keep_to_one_gpu()
    if is_main():
        # Removes files of an earlier start in this folder: some sites start a job again by themselves.
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(folder, "failure.json"))
    try:
        result = carry_out(read_run(os.path.join(folder, "run.json")), folder, should_stop)
    except Exception as error:
        failure = describe(error)
        print(failure["message"], file=sys.stderr)
        if not isinstance(error, RunFailure):
            traceback.print_exc()
        # With several processes one fails and the others are stopped: only the first failure is kept.
        if not os.path.exists(os.path.join(folder, "failure.json")):
            write_json(os.path.join(folder, "failure.json"), {"v": 1, **failure})
        return EXIT_CODES[failure["code"]]
    if is_main():
        write_json(os.path.join(folder, "result.json"), {"v": 1, **result, "wallSeconds": round(time.monotonic() - STARTED, 3)})
    return 0


if __name__ == "__main__":
    sys.exit(main())

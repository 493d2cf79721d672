"""
Standard tasks, measured by lm-eval in a process of its own, whose GPU memory is free again when it ends. It ends with
code 0 also when it could not write its results, so the file decides.
"""

import glob
import json
import math
import os
import shutil
import subprocess
import sys
import time

from trex_failure import MAX_LINES, RunFailure, write_json
from trex_run import DTYPE_NAMES

RESULTS = "standard"
LOG = "lm-eval.log"
# Fixed, so that a model is measured before and after training in the same batches.
BATCH = 8
# The metric of a task that is usually quoted, in this order; else the first that the task lists.
USUAL = ("acc_norm", "acc", "exact_match", "f1")
MAX_SCORES = 40
STOP_SECONDS = 10


def standard_scores(run, path, folder, should_stop):
    """
    Scores of the tasks in run["standard"] for the model at `path`, and the number of single tasks: a group holds many.
    Raises RunFailure: bad_config for an unknown task, environment when lm-eval left no results for another reason.
    """
    results = os.path.join(folder, RESULTS)
    shutil.rmtree(results, ignore_errors=True)
    config = os.path.join(folder, "lm-eval.yaml")
    write_json(config, config_of(run, path, results))
    command = [sys.executable, "-m", "lm_eval", "run", "--config", config]
    log = os.path.join(folder, LOG)
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                if should_stop():
                    raise RunFailure("cancelled", "It was asked to stop while its standard tasks were measured.")
                time.sleep(0.2)
        finally:
            stop(process)
    found = sorted(glob.glob(os.path.join(results, "**", "results_*.json"), recursive=True))
    if process.returncode != 0 or not found:
        raise failure_of(process.returncode, run["standard"]["tasks"], last_lines(log))
    try:
        with open(found[-1], encoding="utf-8") as file:
            return scores_of(json.load(file), run["standard"]["tasks"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFailure("environment", f"I cannot read the results of lm-eval ({error}).", last_lines(log)) from error


def config_of(run, path, results):
    standard = run["standard"]
    config = {
        "model": "hf",
        "model_args": {"pretrained": path, "dtype": DTYPE_NAMES[run["precision"]]},
        "tasks": standard["tasks"],
        "limit": standard["limit"],
        "device": run["device"],
        "batch_size": BATCH,
        "seed": [run["seed"]] * 4,
        "apply_chat_template": run["chat"],
        "output_path": results,
    }
    return config if standard["folder"] is None else {**config, "include_path": standard["folder"]}


def stop(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        # Progress bars are one line that is written over and over.
        lines = [line.rstrip().rsplit("\r", 1)[-1] for line in file]
    return [line for line in lines if line.strip()][-MAX_LINES:]


def failure_of(code, tasks, lines):
    text = "\n".join(lines)
    last = lines[-1][:300] if lines else "it said nothing"
    if "Tasks not found" in text:
        return RunFailure(
            "bad_config",
            f"lm-eval does not know all of the tasks {', '.join(tasks)} ({last}). Look at TREX_LM_EVAL_TASKS and TREX_LM_EVAL_DIR.",
            lines,
        )
    if "No module named lm_eval" in text or "No module named 'lm_eval'" in text:
        return RunFailure(
            "environment", "lm-eval is not installed in the environment of TREX_PYTHON. Install requirements-lm-eval.txt there.", lines
        )
    if "OfflineMode" in text:
        return RunFailure(
            "environment",
            f"The rows of a standard task are not on this machine ({last}). Fetch them once, or set TREX_HF_DOWNLOADS=on.",
            lines,
        )
    if "out of memory" in text.lower():
        return RunFailure("out_of_memory", f"The memory did not suffice for the standard tasks: {last}", lines)
    how = "left no results" if code == 0 else f"ended with code {code}"
    return RunFailure("environment", f"lm-eval {how}: {last}", lines)


def scores_of(report, tasks):
    """Finds for each requested name its own score, or the scores of its tasks where it has none."""
    results, groups = report["results"], report.get("group_subtasks", {})
    inside = {task for members in groups.values() for task in members}
    names = []
    for name in tasks:
        names += [name] if name in results else groups.get(name, [])
    # A tag is no name in the results: its tasks are there by themselves.
    if not all(name in results or name in groups for name in tasks):
        names += [name for name in results if name not in inside]
    scores = [score_of(report, name) for name in dict.fromkeys(names) if name in results]
    scores = [score for score in scores if score is not None]
    if not scores:
        raise ValueError("they hold no number")
    return scores[:MAX_SCORES], len(report["n-samples"])


def score_of(report, task):
    numbers = {}
    for key, value in report["results"][task].items():
        metric, separator, chosen = key.partition(",")
        if separator and is_number(value) and not metric.endswith("_stderr"):
            numbers.setdefault(metric, (value, report["results"][task].get(f"{metric}_stderr,{chosen}")))
    if not numbers:
        return None
    metric = next((name for name in USUAL if name in numbers), next(iter(numbers)))
    value, error = numbers[metric]
    return {
        "task": task,
        "metric": metric,
        "value": value,
        "standardError": error if is_number(error) else None,
        "items": items_of(report, task),
        "higherIsBetter": report["higher_is_better"].get(task, {}).get(metric) is not False,
    }


def items_of(report, task):
    if task in report["n-samples"]:
        return report["n-samples"][task]["effective"]
    return sum(items_of(report, one) for one in report["group_subtasks"].get(task, []))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)

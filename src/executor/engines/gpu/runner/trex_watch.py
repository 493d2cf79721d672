"""Follows a training run: live metrics, divergence, stop requests and checkpoints."""

import glob
import json
import math
import os
import re
import shutil
import time

import torch
from transformers import TrainerCallback

from trex_failure import RunFailure, write_json
from trex_gpu import own_gpu_use

SHORTEST_GAP_SECONDS = 0.1
LOSS_WINDOW = 20
COMPLETE = "complete.json"
OTHER_NUMBERS = {"loss", "grad_norm", "learning_rate", "epoch", "num_tokens", "total_flos"}


class DivergenceWatch:
    """
    The rule of the embedded engine: `start` is the lowest smoothed loss (exponential average, 0.9) of the first five
    steps it sees, the limit max(1.5 start, start + 1). After warm-up a run has diverged when its smoothed loss stays
    above the limit for 20 steps, or was above it and is not below 0.8 start 50 steps later, or at the last step.
    """

    def __init__(self, steps, warmup_steps):
        self.steps, self.warmup_steps = steps, warmup_steps
        self.smoothed = self.start = self.spike_at = None
        self.seen = self.above = 0

    def has_diverged(self, step, loss):
        self.smoothed = loss if self.smoothed is None else 0.9 * self.smoothed + 0.1 * loss
        self.seen += 1
        if self.seen <= 5:
            self.start = self.smoothed if self.start is None else min(self.start, self.smoothed)
        if self.seen <= 5 or step <= self.warmup_steps:
            return False
        is_above = self.smoothed > max(1.5 * self.start, self.start + 1)
        self.above = self.above + 1 if is_above else 0
        if is_above and self.spike_at is None:
            self.spike_at = step
        elif not is_above and self.smoothed < 0.8 * self.start:
            self.spike_at = None
        is_late = self.spike_at is not None and (step - self.spike_at >= 50 or step == self.steps)
        return self.above >= 20 or is_late


def finite(value):
    return value if math.isfinite(value) else str(value)


class RunWatch(TrainerCallback):
    """
    Writes at most ten metric lines a second, the first and the last step always; raises RunFailure on NaN and on
    divergence; saves a checkpoint at intervals, and another before it ends the training when `should_stop` is true.
    Without a metrics path it follows a probe.
    """

    def __init__(self, run, identity, should_stop, metrics_path=None, tokens_of_step=0):
        self.train, self.precision = run["train"], run["precision"]
        self.identity, self.should_stop = identity, should_stop
        self.metrics_path, self.tokens_of_step = metrics_path, tokens_of_step
        self.seq = 0
        self.file = None
        self.recent = []
        self.stopped = False
        self.last_seconds = self.saved_seconds = time.monotonic()
        self.last_tokens = 0
        self.first_end = self.last_end = None
        self.steps_seen = 0
        self.gpu_use = None

    def on_train_begin(self, args, state, control, **_):
        if state.is_world_process_zero and self.metrics_path is not None:
            if os.path.exists(self.metrics_path):
                with open(self.metrics_path, encoding="utf-8") as file:
                    self.seq = sum(1 for _ in file)
            self.file = open(self.metrics_path, "a", buffering=1, encoding="utf-8")
            self.gpu_use = own_gpu_use(args.device)
        is_sampled = self.train["objective"]["kind"] == "grpo"
        warmup = args.get_warmup_steps(state.max_steps)
        self.divergence = None if is_sampled else DivergenceWatch(state.max_steps, warmup)
        self.began_seconds = self.saved_seconds = self.last_seconds = time.monotonic()

    def on_substep_end(self, args, state, control, **_):
        if self.gpu_use is not None:
            self.gpu_use.sample()

    def on_step_end(self, args, state, control, **_):
        # The first step includes one-time set-up; the others measure the time of a step.
        self.last_end = time.monotonic()
        self.first_end = self.first_end or self.last_end
        self.steps_seen += 1
        if self.gpu_use is not None:
            self.gpu_use.sample()
        if agreed(self.should_stop(), args.device):
            self.stopped = control.should_save = control.should_training_stop = True
        elapsed = time.monotonic() - self.saved_seconds
        if agreed(elapsed >= self.train["checkpoint_seconds"], args.device) and state.global_step < state.max_steps:
            control.should_save = True

    def on_save(self, args, state, control, **_):
        self.saved_seconds = time.monotonic()
        if state.is_world_process_zero:
            folder = os.path.join(args.output_dir, f"checkpoint-{state.global_step}")
            write_json(os.path.join(folder, COMPLETE), {"identity": self.identity, "step": state.global_step})

    def on_log(self, args, state, control, logs=None, **_):
        if not logs or "loss" not in logs:
            return
        step, steps = state.global_step, state.max_steps
        loss, norm = float(logs["loss"]), float(logs.get("grad_norm", 0.0))
        self.recent = [*self.recent, loss][-LOSS_WINDOW:]
        # The scaler of fp16 meets infinite gradients on purpose, until it has found its scale.
        is_nan = not math.isfinite(loss) or (not math.isfinite(norm) and self.precision != "fp16")
        diverged = not is_nan and self.divergence is not None and self.divergence.has_diverged(step, loss)
        if state.is_world_process_zero:
            self._write(step, steps, loss, norm, logs, step in (1, steps) or is_nan or diverged)
        what = "" if self.metrics_path is not None else " of the probe"
        when = f"at step {step} of {steps}{what} (learning rate {logs.get('learning_rate', 0):.3g})"
        if is_nan:
            raise RunFailure("nan", f"The loss became {loss} and the gradient norm {norm} {when}.")
        if diverged:
            raise RunFailure(
                "diverged",
                f"The loss ran away and did not come back: it is {self.divergence.smoothed:.2f} on average {when}.",
            )

    def _write(self, step, steps, loss, norm, logs, is_due):
        now = time.monotonic()
        if self.file is None or (not is_due and now - self.last_seconds < SHORTEST_GAP_SECONDS):
            return
        tokens = int(logs.get("num_tokens", step * self.tokens_of_step))
        speed = (tokens - self.last_tokens) / max(1e-3, now - self.last_seconds)
        self.last_seconds, self.last_tokens = now, tokens
        metrics = {
            "loss": finite(loss),
            "grad_norm": finite(norm),
            "learning_rate": finite(float(logs.get("learning_rate", 0.0))),
            "tokens_per_second": round(speed),
        }
        if torch.cuda.is_available():
            metrics["memory_bytes"] = torch.cuda.max_memory_allocated()
        use = None if self.gpu_use is None else self.gpu_use.take()
        if use is not None:
            metrics["gpu_utilization"] = use
        for name, value in logs.items():
            if name not in OTHER_NUMBERS and isinstance(value, (int, float)) and len(metrics) < 24:
                metrics[name] = finite(value)
        line = {"v": 1, "seq": self.seq, "t": round(time.time(), 3), "step": step, "steps": steps, "tokens": tokens}
        self.file.write(json.dumps({**line, "metrics": metrics}) + "\n")
        self.seq += 1

    def close(self):
        if self.file is not None:
            self.file.close()

    @property
    def seconds_per_step(self):
        if self.steps_seen < 2:
            return None if self.steps_seen == 0 else round(self.last_end - self.began_seconds, 4)
        return round((self.last_end - self.first_end) / (self.steps_seen - 1), 4)

    @property
    def train_loss(self):
        return sum(self.recent) / len(self.recent) if self.recent else None


def agreed(stops, device):
    """True in all processes as soon as it is in one: they have to save and stop at the same step."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return stops
    flag = torch.tensor([int(stops)], device=device)
    torch.distributed.all_reduce(flag, op=torch.distributed.ReduceOp.MAX)
    return bool(flag.item())


def last_checkpoint(folders, identity):
    """The latest complete checkpoint of the same run in any of the folders; None without one."""
    found = []
    for folder in folders:
        for path in glob.glob(os.path.join(folder, "checkpoint-*")):
            try:
                with open(os.path.join(path, COMPLETE), encoding="utf-8") as file:
                    note = json.load(file)
            except (OSError, ValueError):
                continue
            if note.get("identity") == identity:
                found.append((note["step"], path))
    return max(found)[1] if found else None


def remove_torn_checkpoints(folder):
    """Removes checkpoints that a kill left half written: their number would be taken for a complete one."""
    for path in glob.glob(os.path.join(folder, "checkpoint-*")):
        if re.fullmatch(r"checkpoint-\d+", os.path.basename(path)) and not os.path.exists(os.path.join(path, COMPLETE)):
            shutil.rmtree(path, ignore_errors=True)

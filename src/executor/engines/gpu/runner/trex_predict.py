"""Answers, greedy and in batches: vLLM where it is installed beside a GPU, transformers otherwise."""

import importlib.util
import json

import torch

from trex_failure import RunFailure, write_atomically
from trex_model import DTYPES, free_memory, load_model

BATCH = 32


def answers(run, path, encoder, prompts, max_new_tokens, should_stop, device):
    """Texts in the order of the prompts. A prompt that leaves no room keeps its end."""
    if device.startswith("cuda") and importlib.util.find_spec("vllm") is not None:
        return _with_vllm(run, path, encoder, prompts, max_new_tokens)
    model = load_model(path, DTYPES[run["precision"]], device).eval()
    texts = _with_transformers(model, encoder, prompts, max_new_tokens, should_stop, device)
    del model
    free_memory()
    return texts


def _with_vllm(run, path, encoder, prompts, max_new_tokens):
    from vllm import LLM, SamplingParams

    dtype = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}[run["precision"]]
    model = LLM(model=path, dtype=dtype, seed=run["seed"], gpu_memory_utilization=0.85)
    sampling = SamplingParams(temperature=0.0, max_tokens=max_new_tokens)
    outputs = model.generate([{"prompt_token_ids": encoder.prompt(prompt)} for prompt in prompts], sampling)
    return [output.outputs[0].text.strip() for output in outputs]


@torch.inference_mode()
def _with_transformers(model, encoder, prompts, max_new_tokens, should_stop, device):
    tokenizer = encoder.tokenizer
    context = getattr(model.config, "max_position_embeddings", None)
    room = None if context is None else max(1, context - max_new_tokens)
    tokens = [encoder.prompt(prompt) for prompt in prompts]
    tokens = [ids if room is None else ids[-room:] for ids in tokens]
    texts = [""] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda index: len(tokens[index]))
    for start in range(0, len(order), BATCH):
        if should_stop():
            raise RunFailure("cancelled", f"It was asked to stop after {start} of {len(order)} answers.")
        batch = order[start : start + BATCH]
        width = max(len(tokens[index]) for index in batch)
        ids = torch.full((len(batch), width), tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, index in enumerate(batch):
            length = len(tokens[index])
            ids[row, width - length :] = torch.tensor(tokens[index])
            mask[row, width - length :] = 1
        made = model.generate(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=_end_marks(model, tokenizer),
        )
        for row, index in enumerate(batch):
            texts[index] = tokenizer.decode(made[row, width:], skip_special_tokens=True).strip()
    return texts


def _end_marks(model, tokenizer):
    configured = model.generation_config.eos_token_id
    marks = configured if isinstance(configured, list) else [configured]
    return sorted({tokenizer.eos_token_id, *[mark for mark in marks if mark is not None]})


def write_predictions(path, rows, texts):
    lines = [json.dumps({"id": row["id"], "prediction": text}) for row, text in zip(rows, texts, strict=True)]
    write_atomically(path, "\n".join(lines) + "\n")

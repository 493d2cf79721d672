"""Answers, greedy and in batches: by vLLM where it works beside a GPU, by transformers otherwise."""

import json
import sys

import torch
from transformers import AutoConfig, GenerationConfig

from trex_calls import with_calls
from trex_failure import RunFailure, write_atomically
from trex_model import DTYPES, free_memory, load_model
from trex_run import DTYPE_NAMES

BATCH = 32


def answers(run, path, encoder, rows, max_new_tokens, should_stop, device):
    """
    Texts in the order of the rows, and the name of their writer; calls of tools as `with_calls` writes them. The start
    of a prompt that leaves no room is cut. Both writers get the same tokens, end at the same marks, and use the same
    tokenizer.
    """
    config = AutoConfig.from_pretrained(path)
    context = getattr(config, "max_position_embeddings", None)
    room = None if context is None else max(1, context - max_new_tokens)
    tokens = [encoder.prompt(row) for row in rows]
    tokens = [ids if room is None else ids[-room:] for ids in tokens]
    ends = end_marks(path, config, encoder.tokenizer)
    made, writer = None, "transformers"
    if device.startswith("cuda"):
        made, writer = with_vllm(run, path, tokens, max_new_tokens, ends) or (None, writer)
    if made is None:
        model = load_model(path, DTYPES[run["precision"]], device).eval()
        made = with_transformers(model, encoder.tokenizer, tokens, max_new_tokens, ends, should_stop)
        del model
        free_memory()
    texts = [encoder.tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in made]
    return [with_calls(text) if "tools" in row else text for row, text in zip(rows, texts, strict=True)], writer


def end_marks(path, config, tokenizer):
    try:
        configured = GenerationConfig.from_pretrained(path).eos_token_id
    except OSError:
        configured = getattr(config, "eos_token_id", None)
    marks = configured if isinstance(configured, list) else [configured]
    return sorted({tokenizer.eos_token_id, *[mark for mark in marks if mark is not None]})


def with_vllm(run, path, tokens, max_new_tokens, ends):
    """Tokens of the answers and the writer's name; None where vLLM is missing or fails, and the log says why."""
    try:
        import vllm
    except Exception as error:
        # A missing vLLM is usual; a broken one is worth a line in the log.
        if getattr(error, "name", None) != "vllm":
            print(f"vLLM cannot be imported, so transformers answers: {error}", file=sys.stderr)
        return None
    engine = None
    try:
        engine = vllm.LLM(
            model=path,
            dtype=DTYPE_NAMES[run["precision"]],
            seed=run["seed"],
            max_model_len=max(len(ids) for ids in tokens) + max_new_tokens,
            gpu_memory_utilization=0.85,
        )
        sampling = vllm.SamplingParams(temperature=0.0, max_tokens=max_new_tokens, stop_token_ids=ends)
        outputs = engine.generate([{"prompt_token_ids": ids} for ids in tokens], sampling, use_tqdm=False)
        return [list(output.outputs[0].token_ids) for output in outputs], f"vLLM {getattr(vllm, '__version__', '')}".strip()
    except Exception as error:
        print(f"vLLM failed, so transformers answers: {type(error).__name__}: {error}", file=sys.stderr)
        return None
    finally:
        del engine
        free_memory()


@torch.inference_mode()
def with_transformers(model, tokenizer, tokens, max_new_tokens, ends, should_stop):
    made = [[]] * len(tokens)
    order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
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
        output = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=ends,
        )
        for row, index in enumerate(batch):
            made[index] = output[row, width:].tolist()
    return made


def write_predictions(path, rows, texts):
    lines = [json.dumps({"id": row["id"], "prediction": text}) for row, text in zip(rows, texts, strict=True)]
    write_atomically(path, "\n".join(lines) + "\n")

"""
Replaces vLLM, which needs a GPU: its documented calls, answered by transformers. The arguments of calls are written to
the file of FAKE_VLLM_CALLS; FAKE_VLLM selects a failure.
"""

import json
import os
from types import SimpleNamespace

if os.environ.get("FAKE_VLLM") == "broken":
    raise ImportError("libcudart.so.12: cannot open shared object file")

import torch
from transformers import AutoModelForCausalLM

__version__ = "0.11.0"


class SamplingParams:
    def __init__(self, temperature=1.0, max_tokens=16, stop_token_ids=None):
        self.temperature, self.max_tokens, self.stop_token_ids = temperature, max_tokens, stop_token_ids


class LLM:
    def __init__(self, model, dtype="auto", seed=0, max_model_len=None, gpu_memory_utilization=0.9):
        if os.environ.get("FAKE_VLLM") == "memory":
            raise ValueError("Free memory on device (3.1/79.1 GiB) on startup is less than desired GPU memory utilization")
        self.calls = {"dtype": dtype, "seed": seed, "max_model_len": max_model_len}
        self.model = AutoModelForCausalLM.from_pretrained(model, dtype=getattr(torch, dtype))

    def generate(self, prompts, sampling_params, use_tqdm=True):
        with open(os.environ["FAKE_VLLM_CALLS"], "w") as file:
            json.dump({**self.calls, "prompts": prompts, "sampling": vars(sampling_params), "use_tqdm": use_tqdm}, file)
        return [self._answer(prompt["prompt_token_ids"], sampling_params) for prompt in prompts]

    @torch.inference_mode()
    def _answer(self, ids, sampling):
        made = self.model.generate(
            input_ids=torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            max_new_tokens=sampling.max_tokens,
            do_sample=sampling.temperature > 0,
            eos_token_id=sampling.stop_token_ids,
            pad_token_id=0,
        )
        return SimpleNamespace(outputs=[SimpleNamespace(token_ids=made[0, len(ids) :].tolist(), text="")])

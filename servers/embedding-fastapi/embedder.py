"""Texts in, unit-length embeddings out: tokenizer and ONNX Runtime behind a number of permits."""

import json
import os
import threading
import time
from pathlib import Path

# Tokenizing is part of the work that the permits count; it must not spread over more cores.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

MODEL_FILES = ("model.onnx", "tokenizer.json", "config.json")
FEWEST_TOKENS = 3
"""`[CLS]`, one token of the text, `[SEP]`."""


class ModelError(Exception):
    """The model folder cannot be used; the message says why and what to do."""


class GivenUp(Exception):
    """The server is going down and does not wait for this computation any more."""


class Embedder:
    """A loaded model that many threads may call; `concurrency` of them compute at a time."""

    def __init__(self, folder: Path, *, threads: int, concurrency: int, max_tokens: int) -> None:
        """Load the model in `folder` for texts cut to `max_tokens`; `threads` compute one call."""
        started = time.perf_counter()
        missing = [name for name in MODEL_FILES if not (folder / name).is_file()]
        if missing:
            raise ModelError(
                f"{folder} has no {', '.join(missing)}; "
                "run servers/models/install.sh or name another folder with --model-dir"
            )
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self.dimension: int = config["hidden_size"]
            longest: int = config["max_position_embeddings"]
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = _open_session(folder / "model.onnx", threads)
        # Both libraries raise plain Exception for a file they cannot read.
        except Exception as error:
            raise ModelError(f"cannot load the model in {folder}: {error}") from error
        if not FEWEST_TOKENS <= max_tokens <= longest:
            between = f"between {FEWEST_TOKENS} and the model's {longest}"
            raise ModelError(f"--max-tokens {max_tokens} is not {between}")
        self._tokenizer.enable_truncation(max_length=max_tokens)
        self._tokenizer.enable_padding(pad_id=config.get("pad_token_id", 0))
        self._input_names = {given.name for given in self._session.get_inputs()}
        self._permits = threading.BoundedSemaphore(concurrency)
        self._run_options = onnxruntime.RunOptions()
        self._given_up = False
        self.model_name: str = config.get("_name_or_path") or folder.resolve().name
        self.load_seconds = time.perf_counter() - started
        # The first run allocates; no request shall pay for it.
        self.embed(["warm-up"])

    def embed(self, texts: list[str]) -> np.ndarray:
        """Return float32 of shape (texts, dimension); blocks until a permit is free."""
        with self._permits:
            if self._given_up:
                raise GivenUp
            try:
                return self._compute(texts)
            except Exception as error:
                if self._given_up:
                    raise GivenUp from error
                raise

    def give_up(self) -> None:
        """End what is being computed and refuse what waits."""
        self._given_up = True
        self._run_options.terminate = True

    def _compute(self, texts: list[str]) -> np.ndarray:
        encodings = self._tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.array([one.attention_mask for one in encodings], np.int64),
            "token_type_ids": np.zeros_like(ids),
        }
        # Exports by other tools want the segment ids, ours does not.
        wanted = {name: value for name, value in inputs.items() if name in self._input_names}
        return self._session.run(["sentence_embedding"], wanted, self._run_options)[0]


def _open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would count as work in every CPU figure taken of this server.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

"""Writes a tiny Whisper for CTranslate2: seeded random weights, no model hub.

It hears nothing and writes nonsense, at the cost of a model of its size: for load, not for words.
    make_tiny_whisper.py FOLDER
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

# The order of Whisper's own vocabulary: text, end, start, languages, tasks, and times.
LANGUAGES = ["en", "zh", "de", "es", "ru", "ko", "fr", "ja"]
TIMES = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    *[f"<|{language}|>" for language in LANGUAGES],
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
    *TIMES,
]


def tokenizer() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    end = "<|endoftext|>"
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=end, eos_token=end, pad_token=end, unk_token=end
    )


def main(folder: Path) -> None:
    torch.manual_seed(7)
    words = tokenizer()
    token = words.convert_tokens_to_ids
    end = token("<|endoftext|>")
    config = WhisperConfig(
        vocab_size=len(words),
        num_mel_bins=80,
        d_model=64,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        max_source_positions=1500,
        max_target_positions=448,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=token("<|startoftranscript|>"),
    )
    model = WhisperForConditionalGeneration(config)
    model.generation_config.update(
        is_multilingual=True,
        lang_to_id={f"<|{language}|>": token(f"<|{language}|>") for language in LANGUAGES},
        task_to_id={"translate": token("<|translate|>"), "transcribe": token("<|transcribe|>")},
        no_timestamps_token_id=token("<|notimestamps|>"),
        alignment_heads=[[0, 0], [1, 0]],
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    with tempfile.TemporaryDirectory() as source:
        model.save_pretrained(source)
        words.save_pretrained(source)
        extractor = WhisperFeatureExtractor(feature_size=80)
        extractor.save_pretrained(source)
        # The name under which CTranslate2 and faster-whisper look for it.
        Path(source, "preprocessor_config.json").write_text(json.dumps(extractor.to_dict()))
        converter = Path(sys.executable).with_name("ct2-transformers-converter")
        copied = ["--copy_files", "tokenizer.json", "preprocessor_config.json"]
        arguments = ["--model", source, "--output_dir", str(folder), *copied, "--force"]
        subprocess.run([str(converter), *arguments], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

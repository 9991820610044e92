"""Writes a tiny Llama with a small ASCII tokenizer: seeded random weights, no model hub.

What a server does with it depends on shapes and not on values; its texts mean nothing. Every token
but three has a text of its own, so that every chunk of a stream has one too.
    make_tiny_model.py FOLDER
"""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL = ["<s>", "</s>", "<pad>"]
PRINTABLE = [chr(code) for code in range(32, 127)]
# What kernels like; pairs of letters fill it up.
VOCABULARY = 320
CHAT_TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def tokenizer() -> PreTrainedTokenizerFast:
    letters = "etaoinshrdlucmfw"
    pairs = [(first, second) for first in letters for second in letters]
    pairs = pairs[: VOCABULARY - len(SPECIAL) - len(PRINTABLE)]
    tokens = SPECIAL + PRINTABLE + [first + second for first, second in pairs]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    assert len(vocabulary) == VOCABULARY
    ascii_pairs = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs, unk_token="?"))
    ascii_pairs.decoder = decoders.Fuse()
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=ascii_pairs,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        model_max_length=2048,
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def main(folder: Path) -> None:
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=2048,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        tie_word_embeddings=True,
    )
    folder.mkdir(parents=True, exist_ok=True)
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer().save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Train the small WordPiece vocabulary that lies beside this file as `tokenizer.json`.

It is here to show where the committed file comes from; nothing runs it on its own. The text is what
a Debian machine with Python has anyway: the licence texts of /usr/share/common-licenses and the
language reference that `pydoc` carries (`pydoc_data.topics`, PSF licence), here those of Debian 12
and Python 3.11. A rerun does not give the same bytes: the trainer breaks ties in hash order, so
that about one entry in ten gets another number and a few change. Raise VERSION when the committed
file changes, because a prepared model folder holds a copy of it.

    python train-tokenizer.py [--entries 3000] [--out tokenizer.json]
"""

import argparse
import pydoc_data.topics
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.decoders import WordPiece as WordPieceDecoder
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import WordPieceTrainer

LICENCES = Path("/usr/share/common-licenses")
SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def training_text() -> Iterator[str]:
    """Yield the documents, in an order that does not depend on the file system."""
    for path in sorted(LICENCES.iterdir()):
        if not path.is_symlink():
            yield path.read_text(encoding="utf-8", errors="replace")
    for topic in sorted(pydoc_data.topics.topics):
        yield pydoc_data.topics.topics[topic]


def train(entries: int) -> Tokenizer:
    """Return an uncased BERT tokenizer with at most `entries` vocabulary entries."""
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.decoder = WordPieceDecoder()
    trainer = WordPieceTrainer(
        vocab_size=entries, min_frequency=2, special_tokens=SPECIAL_TOKENS, show_progress=False
    )
    tokenizer.train_from_iterator(training_text(), trainer)
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return tokenizer


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=3000)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("tokenizer.json"))
    arguments = parser.parse_args()
    tokenizer = train(arguments.entries)
    tokenizer.save(str(arguments.out), pretty=True)
    print(f"{arguments.out}: {tokenizer.get_vocab_size()} entries")


if __name__ == "__main__":
    main()

"""Chinese text with spaces between its words, by jieba's dictionary."""

import logging
import threading
import warnings
from pathlib import Path
from typing import Any

_OPENING = threading.Lock()


class Segmenter:
    """Takes Chinese apart as search needs it: long words and the shorter ones inside them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tokenizer: Any = None

    def spaced(self, text: str) -> str:
        """The text as words with spaces between them. Its dictionary has words such as "T恤" with a capital letter only."""
        return " ".join(word for word in self._opened().cut_for_search(text.upper()) if word.strip())

    def _opened(self) -> Any:
        with _OPENING:
            if self._tokenizer is None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn of when they compile it
                    import jieba

                jieba.setLogLevel(logging.WARNING)
                tokenizer = jieba.Tokenizer()
                # Its cache is read with marshal: it must lie where only we write, not in the folder of everybody's temporary files.
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                tokenizer.tmp_dir = str(self._folder)
                tokenizer.initialize()
                self._tokenizer = tokenizer
            return self._tokenizer

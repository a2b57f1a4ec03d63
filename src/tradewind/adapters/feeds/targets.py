"""Where finished feed files are handed over: a folder, such as a mounted share. Readers see the old file or the new one."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path


def hand_over(files: Sequence[Path], root: Path, folder: Path) -> list[Path]:
    """Copy the files, which lie below `root`, to the same places below `folder`; each is replaced in one step."""
    done = []
    for file in files:
        target = folder / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(file, scratch)
        scratch.replace(target)
        done.append(target)
    return done

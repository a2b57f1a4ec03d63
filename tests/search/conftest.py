"""The builders of the window and of the command line serve these tests too."""

import sys
from pathlib import Path

for folder in ("search", "cli", "web"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / folder))

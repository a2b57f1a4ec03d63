"""Figures of Tradewind, each beside its limit or its peer, measured in the same run. `python -m bench --help`."""

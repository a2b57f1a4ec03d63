"""Plays a platform of the Universal Commerce Protocol against a running server, and tells what Google would find."""

from tradewind.checks.ucp.model import Report, Step, Verdict, Wanted
from tradewind.checks.ucp.play import self_check

__all__ = ["Report", "Step", "Verdict", "Wanted", "self_check"]

"""One engine for every state machine (law 9): a machine is a table of named transitions with guards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tradewind.kit.errors import TransitionNotAllowed

Guard = Callable[[Any], bool]


def always(_subject: object) -> bool:
    """The guard of a transition that needs no condition."""
    return True


@dataclass(frozen=True, slots=True)
class Transition:
    """`name` takes a subject from `source` to `target` when `guard` says yes."""

    name: str
    source: str
    target: str
    guard: Guard = always


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A named table of transitions. States are the words that appear in it; those without a way out are final."""

    name: str
    transitions: tuple[Transition, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in order of first appearance."""
        return tuple(dict.fromkeys(state for step in self.transitions for state in (step.source, step.target)))

    @property
    def final_states(self) -> frozenset[str]:
        return frozenset(self.states) - {step.source for step in self.transitions}

    def fire(self, state: str, name: str, subject: object = None) -> str:
        """The state after the transition `name`; TransitionNotAllowed when there is none or its guard says no."""
        candidates = [step for step in self.transitions if step.name == name and step.source == state]
        for step in candidates:
            if step.guard(subject):
                return step.target
        allowed = sorted({step.name for step in self.transitions if step.source == state})
        reason = f"its condition {candidates[0].guard.__name__} does not hold" if candidates else "there is no such step"
        raise TransitionNotAllowed(
            f'a {self.name} in state "{state}" cannot {name}: {reason}',
            hint=f"possible now: {', '.join(allowed) or 'nothing, the state is final'}",
        )

    def diagram(self) -> str:
        """The table as a Mermaid state diagram, for the documentation."""
        lines = ["stateDiagram-v2"]
        for step in self.transitions:
            condition = "" if step.guard is always else f" [{step.guard.__name__}]"
            lines.append(f"    {step.source} --> {step.target}: {step.name}{condition}")
        return "\n".join(lines)

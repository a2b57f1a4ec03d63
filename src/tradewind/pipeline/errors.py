"""What can go wrong with a run.

TradewindError
├── RunNotFound
├── SnapshotMissing
├── MarketNotInRun
├── RunIsBusy               another run holds the workspace
├── RunStopped              a signal stopped it; it can be resumed
├── ShardFailed             a shard raised, or its process died too often
├── ManifestIsBroken
├── FeedsAreNotWhole        a run's files are shorter than when it was computed
├── PublishedStateChanged   what is published is no longer what was compared
├── NothingToRollBackTo
├── ApproverMissing
└── MarketIsNotLaunchable   the market can be priced, not run
"""

from tradewind.kit import InputIsInvalid, NotFound, TradewindError


class RunNotFound(NotFound):
    """No run has this id."""

    code = "run_not_found"


class SnapshotMissing(NotFound):
    """The workspace has no catalog snapshot to run on."""

    code = "snapshot_missing"


class MarketNotInRun(NotFound):
    """The run does not cover this market."""

    code = "market_not_in_run"


class RunIsBusy(TradewindError):
    """Another process works on this workspace's runs."""

    code = "run_is_busy"
    http_status = 409


class RunStopped(TradewindError):
    """A signal stopped the run; what it has finished is kept."""

    code = "run_stopped"


class ShardFailed(TradewindError):
    """A shard could not be computed."""

    code = "shard_failed"


class ManifestIsBroken(TradewindError):
    """A manifest is not readable."""

    code = "manifest_broken"


class FeedsAreNotWhole(TradewindError):
    """Feeds are shorter than when their run was computed, and so are the files they are made of: a power cut, a full disk."""

    code = "feeds_not_whole"


class PublishedStateChanged(TradewindError):
    """What is published changed between comparing and publishing."""

    code = "published_state_changed"
    http_status = 409


class NothingToRollBackTo(TradewindError):
    """The market has no earlier published run."""

    code = "nothing_to_roll_back_to"
    http_status = 409


class ApproverMissing(InputIsInvalid):
    """A decision about publishing needs the name of who takes it."""

    code = "approver_missing"


class MarketIsNotLaunchable(InputIsInvalid):
    """A run was asked for a market that can only be priced."""

    code = "market_not_launchable"

"""What can go wrong between a home catalog and a snapshot.

TradewindError
├── InputIsInvalid
│   ├── MappingIsInvalid      a mapping names something that is not there, or in a form we do not read
│   ├── DefaultsAreInvalid    a category-defaults or facts file
│   ├── HeaderIsNoHeader      most rows do not fit the first one: something stands above the names of the columns
│   └── ShapeIsUnknown        no mapping was given and the columns are of no shape we know
├── NotFound
│   ├── SnapshotNotFound
│   ├── SkuNotFound
│   └── QuarantineEntryNotFound
├── ImportIsRunning           another process imports into this workspace
├── NothingWasAccepted        every row of the file went to quarantine
└── RowsDoNotAddUp            accepted + quarantined is not rows read: a defect of ours
"""

from tradewind.kit import InputIsInvalid, NotFound, TradewindError


class MappingIsInvalid(InputIsInvalid):
    """A mapping file names something that is not there, or says it in a form we do not read."""

    code = "mapping_invalid"


class DefaultsAreInvalid(InputIsInvalid):
    """A category-defaults file or a facts file cannot be used."""

    code = "defaults_invalid"


class ShapeIsUnknown(InputIsInvalid):
    """No mapping was given, and the columns are of no shape we know."""

    code = "shape_unknown"


class HeaderIsNoHeader(InputIsInvalid):
    """Most rows do not fit the first one, so that it cannot be the names of the columns."""

    code = "header_no_header"


class SnapshotNotFound(NotFound):
    """There is no such snapshot, or none at all."""

    code = "snapshot_not_found"


class SkuNotFound(NotFound):
    """The snapshot holds no variant with this sku."""

    code = "sku_not_found"


class QuarantineEntryNotFound(NotFound):
    """The snapshot's quarantine holds no entry with this id."""

    code = "quarantine_entry_not_found"


class ImportIsRunning(TradewindError):
    """Another process imports into this workspace right now."""

    code = "import_running"
    http_status = 409


class NothingWasAccepted(TradewindError):
    """Every row of the file went to quarantine, so there is nothing to publish."""

    code = "nothing_accepted"
    http_status = 422


class RowsDoNotAddUp(TradewindError):
    """Accepted and quarantined rows are not the rows read (law 5): a defect of ours, never of the file."""

    code = "rows_do_not_add_up"

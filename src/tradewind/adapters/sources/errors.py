"""What can be wrong with a source file, each with the place that is broken.

TradewindError
└── SourceIsUnusable
    ├── SourceIsMissing, SourceIsFolder, SourceIsUnreadable, SourceIsEmpty, SourceChanged, SourceIsTooLarge
    ├── GzipIsBroken
    ├── FormatIsUnknown
    │   └── FormatIsNotASource
    ├── EncodingIsUnknown, BytesAreInvalid
    ├── LineIsTooLong, RowsAreTooMany
    ├── HeaderIsMissing, HeaderIsEmpty, HeaderIsDuplicated, HeaderIsReserved
    ├── QuotesAreBroken
    ├── ItemsAreMissing, ItemsAreAmbiguous
    ├── JsonIsBroken, YamlIsBroken, XmlIsBroken, XmlItemIsTooLarge
    ├── ParquetIsBroken
    └── WorkbookIsBroken, SheetIsMissing
"""

from tradewind.kit import TradewindError


class SourceIsUnusable(TradewindError):
    """A source file cannot be imported; nothing of it was staged."""

    code = "source_unusable"
    http_status = 400


class SourceIsMissing(SourceIsUnusable):
    """There is no file at the path."""

    code = "source_missing"
    http_status = 404


class SourceIsFolder(SourceIsUnusable):
    """The path is a folder, a device or a pipe, not a file."""

    code = "source_folder"


class SourceIsUnreadable(SourceIsUnusable):
    """The operating system refused to read the file."""

    code = "source_unreadable"


class SourceIsEmpty(SourceIsUnusable):
    """The file holds nothing."""

    code = "source_empty"


class SourceChanged(SourceIsUnusable):
    """The file was written to while it was read."""

    code = "source_changed"


class SourceIsTooLarge(SourceIsUnusable):
    """The content, unpacked, is larger than the limit."""

    code = "source_too_large"


class GzipIsBroken(SourceIsUnusable):
    """A gzip file ends early or its checksum is wrong."""

    code = "gzip_broken"


class FormatIsUnknown(SourceIsUnusable):
    """The content is none of the formats that are read."""

    code = "format_unknown"


class FormatIsNotASource(FormatIsUnknown):
    """The content is recognized, but this format is not read as a catalog yet."""

    code = "format_not_a_source"


class EncodingIsUnknown(SourceIsUnusable):
    """The name is not that of a text encoding."""

    code = "encoding_unknown"


class BytesAreInvalid(SourceIsUnusable):
    """Bytes that are not text in the file's encoding."""

    code = "bytes_invalid"


class LineIsTooLong(SourceIsUnusable):
    """One line is longer than the limit."""

    code = "line_too_long"


class RowsAreTooMany(SourceIsUnusable):
    """The file has more rows than the limit."""

    code = "rows_too_many"


class HeaderIsMissing(SourceIsUnusable):
    """There is no header row."""

    code = "header_missing"


class HeaderIsEmpty(SourceIsUnusable):
    """A column has no name."""

    code = "header_empty"


class HeaderIsDuplicated(SourceIsUnusable):
    """Two columns have the same name."""

    code = "header_duplicated"


class HeaderIsReserved(SourceIsUnusable):
    """A column has a name that staging itself needs."""

    code = "header_reserved"


class QuotesAreBroken(SourceIsUnusable):
    """So many quotes are unclosed that rows cannot be told apart."""

    code = "quotes_broken"


class ItemsAreMissing(SourceIsUnusable):
    """No list of records was found in the file."""

    code = "items_missing"


class ItemsAreAmbiguous(SourceIsUnusable):
    """Several lists of records were found in the file."""

    code = "items_ambiguous"


class JsonIsBroken(SourceIsUnusable):
    """The file is not well-formed JSON."""

    code = "json_broken"


class YamlIsBroken(SourceIsUnusable):
    """The file is not well-formed YAML."""

    code = "yaml_broken"


class XmlIsBroken(SourceIsUnusable):
    """The file is not well-formed XML."""

    code = "xml_broken"


class XmlItemIsTooLarge(SourceIsUnusable):
    """One item of a feed has more elements than the limit."""

    code = "xml_item_too_large"


class ParquetIsBroken(SourceIsUnusable):
    """The file starts like Parquet but cannot be read as such."""

    code = "parquet_broken"


class WorkbookIsBroken(SourceIsUnusable):
    """The file starts like an Excel workbook but cannot be read as such."""

    code = "workbook_broken"


class SheetIsMissing(SourceIsUnusable):
    """The workbook has no sheet of that name."""

    code = "sheet_missing"

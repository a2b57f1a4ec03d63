"""Limits on what a source file may ask of the machine. A file that passes one is refused with the limit's value."""

BLOCK_BYTES = 1024 * 1024
SAMPLE_BYTES = 64 * 1024
ENCODING_SEARCH_BYTES = 64 * 1024 * 1024  # how far the first byte beyond ASCII is looked for
MAX_CONTENT_BYTES = 256 * 1024**3  # unpacked
MAX_COLUMNS = 4096
MAX_DEPTH = 64  # of nested values
MAX_ITEM_NODES = 100_000  # values in one JSON or YAML record, elements in one XML item, aliases expanded
MAX_REPLAYS = 200  # quotes in one CSV file that are never closed
MAX_WORKBOOK_BYTES = 4 * 1024**3  # unpacked
MAX_SHARED_STRINGS_BYTES = 512 * 1024**2
ROW_GROUP_ROWS = 20_480  # many row groups: a file with one runs on one thread
LIST_SEARCH_DEPTH = 3  # how deep a list of records is looked for when none is named

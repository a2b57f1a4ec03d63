"""Preferences by origin: what the special column of the American tariff grants, and to whom. Pure.

A price never counts on one: goods of an origin owe the general rate until the product's own proof says that they qualify.
"""

import re

# Programs of the special column, and the origins that may claim them. A, A* and A+ (the general system) ran out at the end of 2020,
# D (Africa) in September 2025; B, C, K and L go by the goods and not by the origin.
PROGRAMS: dict[str, tuple[str, ...]] = {
    "AU": ("AU",), "BH": ("BH",), "CL": ("CL",), "CO": ("CO",), "IL": ("IL",), "JO": ("JO",), "JP": ("JP",), "KR": ("KR",),
    "MA": ("MA",), "OM": ("OM",), "P": ("CR", "DO", "GT", "HN", "NI", "SV"), "P+": ("CR", "DO", "GT", "HN", "NI", "SV"),
    "PA": ("PA",), "PE": ("PE",), "S": ("CA", "MX"), "S+": ("CA", "MX"), "SG": ("SG",),
    "E": ("AG", "BB", "BS", "BZ", "DM", "GD", "GY", "HT", "JM", "KN", "LC", "MS", "TT", "VC", "VG"),
}  # fmt: skip
_GRANT = re.compile(r"(?P<rate>[^()]+?)\s*\((?P<programs>[A-Z*+, ]+)\)")


def grants(special: str) -> list[tuple[str, tuple[str, ...]]]:
    """The grants of a special column: (rate text, its programs), in the order of the text."""
    return [
        (found.group("rate").strip(" ,;"), tuple(one.strip() for one in found.group("programs").split(",") if one.strip()))
        for found in _GRANT.finditer(special)
    ]


def preference_of(special: str, origin: str) -> tuple[str, str] | None:
    """The rate text and the program that goods of an origin may claim when they qualify; None when there is none."""
    for rate, programs in grants(special):
        for program in programs:
            if origin in PROGRAMS.get(program, ()):
                return rate, program
    return None

"""Codes of the Harmonized System 2022 that were split from codes of 2017, for tariffs that still have the old ones.

Written from general knowledge of the 2022 edition for goods of a shop, not taken from the official correlation tables: a rate that
rests on it is likely at best, and the whole table is not here. A new code takes the
range of the rates of the codes it came from: nobody knows from the code alone which of them was its own.
"""

from collections.abc import Iterator, Sequence

from tradewind.markets.tariff.lines import Line

# New code: the old codes that its goods came from.
SPLITS: dict[str, tuple[str, ...]] = {
    "240411": ("240399",), "240412": ("382499",), "441920": ("441990",), "842132": ("842139",), "851713": ("851712",),
    "851714": ("851712",), "851771": ("851770",), "851779": ("851770",), "852411": ("852990", "901380"),
    "852412": ("852990", "853120", "854370"), "852419": ("852990", "901380"), "852491": ("852990", "901380"),
    "852492": ("852990", "853120", "854370"), "852499": ("852990", "901380"), "852581": ("852580",), "852582": ("852580",),
    "852583": ("852580",), "852589": ("852580",), "853951": ("854370", "940540"), "853952": ("853950",), "854141": ("854140",),
    "854142": ("854140",), "854143": ("854140",), "854149": ("854140",), "854151": ("854150",), "854159": ("854150",),
    "940131": ("940130",), "940139": ("940130",), "940141": ("940140",), "940149": ("940140",), "940191": ("940190",),
    "940199": ("940190",), "940391": ("940390",), "940399": ("940390",), "940440": ("940490",), "940511": ("940510",),
    "940519": ("940510",), "940521": ("940520",), "940529": ("940520",), "940531": ("940530",), "940539": ("940530",),
    "940541": ("940540",), "940542": ("940540",), "940549": ("940540",), "940561": ("940560",), "940569": ("940560",),
    "950821": ("950890",), "950822": ("950890",), "620120": ("620111", "620191"), "620130": ("620112", "620192"),
    "620140": ("620113", "620193"), "620190": ("620119", "620199"), "620220": ("620211", "620291"), "620230": ("620212", "620292"),
    "620240": ("620213", "620293"), "620290": ("620219", "620299"),
}  # fmt: skip


def carried_over(lines: Sequence[Line]) -> Iterator[Line]:
    """A line for each new code that the table lacks and whose old codes it has: the range of their rates."""
    held = {line.code[:6] for line in lines}
    by_heading: dict[str, list[Line]] = {}
    for line in lines:
        by_heading.setdefault(line.code[:6], []).append(line)
    for new, olds in SPLITS.items():
        found = [line for old in olds for line in by_heading.get(old, [])]
        if new not in held and found:
            yield Line(
                row=0,
                code=new,
                text=f"as {', '.join(old for old in olds if old in by_heading)} of HS 2017",
                ppm=max(line.ppm for line in found),
                low_ppm=min(line.low_ppm for line in found),
                per_kg_micro=max(line.per_kg_micro for line in found),
                per_item_micro=max(line.per_item_micro for line in found),
                problem=next((line.problem for line in found if line.problem), ""),
                is_sure=False,
            )

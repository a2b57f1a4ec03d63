"""How a parcel with a battery travels: UN numbers and packing instructions by the battery of the article. Pure.

IATA Dangerous Goods Regulations, 67th edition (2026). The catalog does not tell ion from metal, so both numbers are named and the supplier's
battery document decides.
"""

from dataclasses import dataclass

BATTERY_SOURCE = "IATA Dangerous Goods Regulations, 67th edition (2026)"


@dataclass(frozen=True, slots=True)
class BatteryClass:
    """UN number and packing instruction of lithium-ion and of lithium-metal batteries; `alone`: not in and not with a device."""

    ion: tuple[str, str]
    metal: tuple[str, str]
    alone: bool

    @property
    def words(self) -> str:
        """The class in one line."""
        return f"lithium ion {' '.join(self.ion)}, lithium metal {' '.join(self.metal)}"


_CLASSES = {
    "contained": BatteryClass(("UN 3481", "PI 967"), ("UN 3091", "PI 970"), alone=False),
    "packed": BatteryClass(("UN 3481", "PI 966"), ("UN 3091", "PI 969"), alone=False),
    "standalone": BatteryClass(("UN 3480", "PI 965"), ("UN 3090", "PI 968"), alone=True),
}


def battery_class(battery: str | None) -> BatteryClass | None:
    """The class of an article by its battery, as the catalog names it; None without one, or when it is not known."""
    return _CLASSES.get(battery or "")

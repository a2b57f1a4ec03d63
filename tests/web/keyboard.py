"""A shopper without a mouse: presses keys, hears the name of what has the focus, and must see where it is."""

from typing import Any

_SEEN = """() => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect()
  const over = document.elementFromPoint(
    Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 0), innerHeight - 1))
  return {
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 1,
    uncovered: !!over && (here.contains(over) || over.contains(here)),
  }
}"""


STOPS_LIMIT = 80


class Keyboard:
    """The keys of one page, and what has the focus."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._tree = page.context.new_cdp_session(page)

    def name(self) -> str:
        """The accessible name of what has the focus, as assistive technology is told it."""
        found = self._tree.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]["objectId"]
        node = self._tree.send("Accessibility.getPartialAXTree", {"objectId": found, "fetchRelatives": False})["nodes"][0]
        return str(node.get("name", {}).get("value", ""))

    def is_at(self, name: str) -> None:
        """What has the focus is called so, and everybody sees that it has it."""
        here = self.name()
        assert here == name, (here, name)
        self._is_seen(name)

    def _is_seen(self, name: str) -> None:
        seen = self.page.evaluate(_SEEN)
        assert seen["outline"] >= 2, (name, seen)
        assert seen["inside"], (name, seen)
        assert seen["uncovered"], (name, seen)

    def tab(self, *names: str) -> None:
        """Tab, once for each name: exactly these stops, in this order."""
        for name in names:
            self.page.keyboard.press("Tab")
            self.is_at(name)

    def tab_to(self, beginning: str) -> None:
        """Tab to a stop whose name goes on with something that changes, such as a day or a sum."""
        self.page.keyboard.press("Tab")
        name = self.name()
        assert name.startswith(beginning), (name, beginning)
        self.is_at(name)

    def is_at_summary(self, words: str) -> None:
        """The focus is at what went wrong, in sight, and says so."""
        self.page.wait_for_selector("#problems")
        found = self.page.evaluate("[document.activeElement.id, document.activeElement.innerText]")
        assert found[0] == "problems", found
        assert words in found[1], found
        self._is_seen("problems")

    def skip_stops(self, number: int) -> None:
        """Tab over so many stops that were looked at before."""
        for _ in range(number):
            self.page.keyboard.press("Tab")
            self._is_seen(self.name())

    def walk(self, key: str) -> list[str]:
        """The names of all stops until the page's end, or back to its beginning."""
        names = []
        for _ in range(STOPS_LIMIT):
            self.page.keyboard.press(key)
            if self.page.evaluate("document.activeElement === document.body"):
                return names
            names.append(self.name())
        raise AssertionError(f"the focus never leaves the page: {names[-5:]}")

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def go(self, key: str = "Enter") -> None:
        """A key that leads to another page, until that is there."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def to_content(self, words: str) -> None:
        """Over the head of the page by its skip link."""
        self.tab(words)
        self.page.keyboard.press("Enter")

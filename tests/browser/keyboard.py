"""Using the product with nothing but a keyboard, and seeing where one is."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

# What the eye needs at each step: the focused element is on the screen, nothing covers it, and it
# has a ring. Under the middle of what fits on the screen is the element, its label, or its inside.
_LOOK = """target => {
  const focused = document.activeElement;
  const box = focused.getBoundingClientRect();
  // A link may draw its ring round the whole row that it opens.
  const rings = [null, "::before", "::after"].map(part => getComputedStyle(focused, part))
    .filter(style => style.outlineStyle !== "none").map(style => parseFloat(style.outlineWidth));
  const middle = (from, to, size) => (Math.max(from, 0) + Math.min(to, size)) / 2;
  const at = document.elementFromPoint(
    middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
  const label = at && at.closest("label");
  return {
    hit: focused === target,
    what: focused.outerHTML.slice(0, 120),
    ring: Math.max(0, ...rings),
    seen: !!at && (focused.contains(at) || at.contains(focused)
                   || (label && label.control === focused)),
  };
}"""


class Keyboard:
    """Presses keys, and counts how often it takes to come somewhere."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def skip_to_content(self) -> None:
        """The first stop of every page leads past header and menu.

        The address keeps its #main through a redirect: then the browser begins there by itself.
        """
        if self.page.evaluate("location.hash") == "#main":
            return
        self.tab_to("link", "Hoppa till innehållet", within=1)
        self.press("Enter")
        expect(self.page.locator("main")).to_be_focused()

    def tab_to(
        self, role: Any, name: str, *, within: int = 40, exact: bool = False, key: str = "Tab"
    ) -> int:
        """Tab until the element has focus. Returns how many presses it took."""
        target = self.page.get_by_role(role, name=name, exact=exact).first
        return self.tab_to_element(target, within=within, key=key)

    def tab_to_element(self, target: Locator, *, within: int = 40, key: str = "Tab") -> int:
        handle = target.element_handle()
        passed = []
        for presses in range(1, within + 1):
            self.press(key)
            here = self.page.evaluate(_LOOK, handle)
            self._assert_seen(here)
            if here["hit"]:
                return presses
            passed.append(here["what"])
        raise AssertionError(f"{target} is not within {within} Tab presses: {passed}")

    def _assert_seen(self, here: dict[str, Any]) -> None:
        assert here["seen"], f"the focus is hidden: {here['what']}"
        assert here["ring"] >= 2, f"the focus has no ring: {here['what']}"

    def follow(self, name: str, *, role: Any = "link", within: int = 40, key: str = "Tab") -> int:
        """Go to a link or a button and press it. The next page has come."""
        target = self.page.get_by_role(role, name=name).first
        return self.follow_element(target, within=within, key=key)

    def follow_element(self, target: Locator, *, within: int = 40, key: str = "Tab") -> int:
        presses = self.tab_to_element(target, within=within, key=key)
        with self.page.expect_event("load"):
            self.press("Enter")
        return presses

    def choose(self, name: str) -> None:
        """A radio button, when none in its group has been chosen."""
        self.tab_to("radio", name, exact=True)
        self.press("Space")
        expect(self.page.get_by_role("radio", name=name, exact=True)).to_be_checked()

    def tick(self, name: str) -> None:
        self.tab_to("checkbox", name)
        self.press("Space")
        expect(self.page.get_by_role("checkbox", name=name)).to_be_checked()

    def fill(self, name: str, text: str) -> None:
        """Replace what stands in the field."""
        self.tab_to("textbox", name)
        self.press("Control+A")
        self.type(text)

"""What is asserted of a page for people who see, hear or point differently.

axe-core's rules (WCAG 2.1 AA and best practices), and the sizes of 适老化通用设计规范
(工信部, 2021): targets of 44 × 44 px, 60 × 60 in the elder version, where no text is under 18 px.
"""

from functools import cache

from playwright.sync_api import Page

from tests.servers import ROOT

AXE = ROOT / "miniprogram" / "harness" / "node_modules" / "axe-core" / "axe.min.js"
# Half a pixel is what rounding takes.
_SLACK = 0.5

_SMALL_TARGETS = """(least) => {
  const wanted = '[role=button], [role=link], [role=radio], [role=checkbox], [role=switch], '
    + '[role=tab], button, a[href], input, textarea, select'
  return [...document.querySelectorAll(wanted)]
    .filter((one) => one.getClientRects().length > 0 && !one.closest('.skip, .visually-hidden'))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.width < least || box.height < least)
    .map(([one, box]) => `${(one.getAttribute('aria-label') ?? one.innerText ?? '').trim()} `
      + `${Math.round(box.width)}x${Math.round(box.height)}`)
}"""

_SMALL_TEXTS = """(least) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) {
    const { data, parentElement: place } = walker.currentNode
    if (!data.trim() || place.closest('script, style, noscript, .visually-hidden')) continue
    if (place.getClientRects().length === 0) continue
    const size = parseFloat(getComputedStyle(place).fontSize)
    if (size < least) found.push(`${data.trim()} ${size}px`)
  }
  return found
}"""

_TIGHT_LINES = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) {
    const { data, parentElement: place } = walker.currentNode
    if (!data.trim() || place.closest('script, style, noscript, .visually-hidden')) continue
    const { fontSize, lineHeight } = getComputedStyle(place)
    const ratio = parseFloat(lineHeight) / parseFloat(fontSize)
    if (place.getClientRects().length > 0 && ratio < 1.295) found.push(`${data.trim()} ${ratio}`)
  }
  return found
}"""


# What is pressed is paler for a tenth of a second after the finger has left it.
_UNPRESSED = """() => {
  if (document.getElementById('unpressed')) return
  const style = document.createElement('style')
  style.id = 'unpressed'
  style.textContent = '.tappable-hover { opacity: 1 !important }'
  document.head.append(style)
}"""

# What axe says of all that is right is four times as much, and takes its time on the way here.
_BREAKS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] })
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help} (${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')})`)
}"""


@cache
def _axe() -> str:
    assert AXE.is_file(), f"{AXE} is missing: run npm ci in miniprogram/harness"
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong in the front end, one line a rule."""
    page.evaluate(_UNPRESSED)
    return rule_breaks(page)


def rule_breaks(page: Page) -> list[str]:
    """What axe-core finds wrong, one line a rule; the page is not touched."""
    # Half a megabyte to read: once for as long as the document stays.
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(_BREAKS)
    return found


def small_targets(page: Page, *, elder: bool) -> list[str]:
    """Controls that are too small to hit."""
    found: list[str] = page.evaluate(_SMALL_TARGETS, (60 if elder else 44) - _SLACK)
    return found


def small_texts(page: Page, *, elder: bool) -> list[str]:
    """Words that are too small to read."""
    found: list[str] = page.evaluate(_SMALL_TEXTS, (18 if elder else 12) - _SLACK)
    return found


def tight_lines(page: Page) -> list[str]:
    """Words whose lines stand closer than 1.3 times their size."""
    found: list[str] = page.evaluate(_TIGHT_LINES)
    return found


def too_wide(page: Page, width: int) -> int:
    """By how many pixels the page is wider than a screen of ``width``; 0 is right."""
    size = page.viewport_size or {"width": 375, "height": 812}
    page.set_viewport_size({"width": width, "height": size["height"]})
    # One frame, so that what reacts to the width has done so.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    over: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.set_viewport_size(size)
    return max(0, over)

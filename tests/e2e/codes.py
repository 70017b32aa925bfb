"""What a camera reads on a phone that shows a licence; whether its page is fit for everybody."""

from typing import Any

from playwright.sync_api import expect

from backend.sandbox.population.people import Person
from tests.e2e.accessibility import small_targets, small_texts, tight_lines, too_wide, violations
from tests.e2e.app import App
from tests.e2e.people import represents, somebody
from tests.servers import ROOT

JSQR = ROOT / "miniprogram" / "node_modules" / "jsqr" / "dist" / "jsQR.js"
NARROWEST = 320
# The picture of the code as a camera would have it.
_READ = """async () => {
  const shown = [...document.querySelectorAll('.qr img')].find((one) => one.src)
  const picture = new Image()
  picture.src = shown.src
  await picture.decode()
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = picture.naturalWidth
  const context = canvas.getContext('2d')
  context.drawImage(picture, 0, 0)
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height)
  return jsQR(data, width, height).data
}"""


def show(phone: App, name: str = "居民身份证") -> str:
    """Put a licence's code on the screen; what a camera reads there."""
    phone.open("pages/code/index")
    phone.page.get_by_role("radio", name=name).filter(visible=True).first.click()
    expect(phone.page.locator(".qr")).to_be_visible(timeout=15_000)
    phone.see(name, "对方会看到")
    return read(phone)


def read(phone: App) -> str:
    """What the code on the screen says."""
    phone.page.evaluate(JSQR.read_text(encoding="utf-8"))
    text: str = phone.page.evaluate(_READ)
    return text


def sound(app: App, picture: str, *, elder: bool = False) -> dict[str, Any]:
    """What is wrong with the page for people who see, hear or point differently."""
    app.shoot(f"{picture}-{'elder' if elder else 'normal'}")
    found = {
        "axe": violations(app.page),
        "small targets": small_targets(app.page, elder=elder),
        "small texts": small_texts(app.page, elder=elder),
        "tight lines": tight_lines(app.page) if elder else [],
        "wider than 320": too_wide(app.page, NARROWEST),
    }
    return {kind: one for kind, one in found.items() if one}


def driver() -> Person:
    """Somebody with a car, of whom no other test knows."""
    return somebody(
        lambda one: one.car is not None and one.licence_load == "normal" and not represents(one)
    )

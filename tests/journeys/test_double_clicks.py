"""Who presses twice wants it once: every button that saves or sends, in both admins."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Request, expect

from tests.support.journeys.merchant import Merchant
from tests.support.journeys.sandbox import RunningSandbox, running_sandbox
from tests.support.journeys.tour import HOSTS, deep, home, opens, paths, settles, stories
from tests.support.journeys.traffic import every_state

# Numbers of buttons that can be pressed, and of Save where the admin's own bar presses it; a save bar comes with the first
# change of its form, of all forms or of one button's.
BUTTONS = """(only) => {
  const changed = only === null ? document.querySelectorAll("form[data-save]")
    : [document.querySelectorAll("button")[only].form].filter((form) => form?.matches("[data-save]"));
  for (const form of changed) {
    const field = form.querySelector("input[type=text]:not([readonly]), textarea");
    if (field) field.value += "x";
    field?.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return [...document.querySelectorAll("button")].map((button, number) => ({ button, number }))
    .filter(({ button }) => button.matches("[hx-post]") || (button.type === "submit" && button.form?.method === "post"))
    .filter(({ button }) => !button.formNoValidate && !button.disabled && !button.closest("dialog") && !button.ariaHidden)
    .filter(({ button }) => button.offsetWidth || (button.closest(".savebar") && document.documentElement.dataset.savebar))
    .filter(({ button }) => !button.matches(".leaf") && !button.form?.matches("[data-download]"))
    .map(({ number }) => number);
}"""
# Whether no form but this button's was changed when all were.
CHANGED_ALONE = """(number) => [...document.querySelectorAll("form[data-save]")]
  .every((form) => form === document.querySelectorAll("button")[number].form)"""
# An admin that gives no token, and what a page does about it in the end.
SILENT = """() => {
  window.kept = window.host.token;
  window.host.token = () => new Promise(() => {});
  document.addEventListener("htmx:before:request", ({ detail }) => {
    window.givesUp = () => detail.ctx.request.abort("silent admin");
  }, { once: true });
}"""
LOOKS = ("/sample", "/result", "/variables/webhook", "/variables/value")  #: what a page asks for by itself


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """One of its own: who presses every button leaves other settings behind."""
    with running_sandbox(tmp_path_factory.mktemp("pressed")) as running:
        yield running


@pytest.mark.parametrize("host", HOSTS)
def test_a_double_click_has_one_effect_and_nobody_is_told_of_himself(
    merchant: Merchant, sandbox: RunningSandbox, host: str
) -> None:
    every_state(sandbox, host)
    address = home(sandbox, host)
    asked: list[str] = []
    merchant.page.on("request", lambda request: asked.append(place(request)) if request.method == "POST" else None)
    pressed = 0
    for path in (*stories(merchant, host, address), *paths(host)):  # sending all again leaves some with another page
        opens(merchant, deep(host, address, path))
        for turn, number in enumerate(reversed(merchant.document.evaluate(BUTTONS, None))):
            if turn or not merchant.document.evaluate(CHANGED_ALONE, number):
                opens(merchant, deep(host, address, path))
                merchant.document.evaluate(BUTTONS, number)
            asked.clear()
            if (button := pressable(merchant, number)) is None:
                continue
            button.dblclick()
            if (question := merchant.app.locator("#question[open]")).count():
                question.locator("button").last.dblclick()
            settles(merchant)

            sent = [each for each in asked if not each.endswith(LOOKS) and "/pretend/" not in each]
            assert len(sent) == 1, (path, number, sent)
            expect(merchant.app.get_by_text("Somebody else changed")).to_have_count(0)
            pressed += 1
    assert pressed > 15
    print(f"\n{host}: {pressed} buttons pressed twice")


def pressable(merchant: Merchant, number: int) -> Locator | None:
    """This button, or the admin's that presses it; None where what is chosen folds it away."""
    button = merchant.app.locator("button").nth(number)
    if button.is_visible():
        return button
    is_in_a_bar = merchant.document.evaluate("n => Boolean(document.querySelectorAll('button')[n].closest('.savebar'))", number)
    admins = merchant.page.locator("#save").get_by_role("button", name="Save")
    return admins if is_in_a_bar and admins.is_visible() else None


def place(request: Request) -> str:
    return request.url.partition("?")[0]


@pytest.mark.parametrize("host", HOSTS)
def test_a_form_that_an_admin_gave_no_token_for_can_be_sent_again(
    merchant: Merchant, sandbox: RunningSandbox, host: str
) -> None:
    opens(merchant, deep(host, home(sandbox, host), "/settings"))
    merchant.writes("Time zone", "Asia/Tokyo")
    merchant.document.evaluate(SILENT)
    save = merchant.app.locator(".savebar [type=submit]")
    merchant.clicks_on("button", "Save")
    expect(save).to_have_attribute("aria-disabled", "true")

    merchant.document.evaluate("givesUp()")

    expect(save).not_to_have_attribute("aria-disabled", "true")
    merchant.reads("The app cannot be reached.")
    merchant.document.evaluate("window.host.token = kept")
    merchant.clicks_on("button", "Save")
    merchant.reads("Saved")

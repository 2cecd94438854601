"""Benar and salah on the page, in a real browser against the real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from benchmarks.harness import Server, serving
from corrections import open_store
from corrections.correction import Correction
from tests.conftest import FURNITURE, MERIT
from tests.service.test_feedback import HASHES, KEY
from tests.service.test_page import browser as browser  # a fixture is found by its name
from tests.service.test_page import classify, opened, pytestmark

pytestmark = pytestmark


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('feedback') / 'feedback.db'}"


@pytest.fixture(scope="module")
def server(model_path: Path, store: str) -> Iterator[Server]:
    with serving(model_path, workers=1, api_keys=",".join(HASHES), feedback=store, max_feedback=20) as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with opened(browser, server) as page:
        yield page


def sign_in(page: Page, text: str) -> None:
    classify(page, text)
    page.fill("#key", KEY)
    classify(page, text)
    page.wait_for_selector(".summary")


def given(store: str) -> list[Correction]:
    return [stored.correction for stored in open_store(store).read()]


def test_a_reader_says_what_is_wrong_by_keyboard_alone_and_it_is_stored(page: Page, store: str) -> None:
    sign_in(page, f"🙂 {MERIT}\n{FURNITURE}")
    assert page.locator(".feedback").count() == 1

    page.locator(".feedback summary").focus()
    page.keyboard.press("Enter")
    page.locator("#note-0").fill("Bukan seleksi")
    page.locator(".question", has_text="Merit: Ya").get_by_text("Salah").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".question [aria-pressed=true]")

    (found,) = given(store)
    assert (found.text, found.theme, found.verdict, found.note) == (f"🙂 {MERIT}", "merit", "no", "Bukan seleksi")
    assert found.article.startswith("page-")
    assert page.locator(".feedback [role=status]").inner_text() == "Tersimpan untuk ditinjau. Terima kasih."


def test_what_was_said_stays_when_the_language_changes(page: Page) -> None:
    sign_in(page, MERIT)
    page.click(".feedback summary")
    page.locator(".question", has_text="Awards: Tidak").get_by_text("Benar").click()
    page.wait_for_selector(".question [aria-pressed=true]")
    page.click("[data-language=en]")

    assert page.locator(".question [aria-pressed=true]").inner_text() == "Right"
    assert page.locator(".feedback").get_attribute("open") is not None


def test_a_lost_answer_is_sent_again_with_its_key_and_stored_once(page: Page, store: str) -> None:
    before = len(given(store))
    sign_in(page, MERIT)
    page.click(".feedback summary")
    button = page.locator(".question", has_text="Integrity").get_by_text("Benar")

    def lose(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/feedback", lose)
    button.click()
    page.locator(".feedback [role=status]", has_text="tidak dapat dihubungi").wait_for()
    page.unroute("**/feedback")
    button.click()
    page.wait_for_selector(".question [aria-pressed=true]")

    assert len(given(store)) == before + 1


def test_a_reader_who_changes_their_mind_has_the_last_word(page: Page, store: str) -> None:
    before = len(given(store))
    sign_in(page, MERIT)
    page.click(".feedback summary")
    for word in ("Benar", "Salah", "Benar", "Benar"):
        button = page.locator(".question", has_text="Neutrality").get_by_text(word)
        button.click()
        page.locator(".question [aria-pressed=true]", has_text=word).wait_for()

    assert [correction.verdict for correction in given(store)[before:]] == ["no", "yes", "no"]


def test_a_quota_that_is_used_up_is_told(page: Page) -> None:
    sign_in(page, MERIT)
    page.click(".feedback summary")
    page.route("**/feedback", lambda route: route.fulfill(status=429, body="{}"))
    page.locator(".question").first.get_by_text("Benar").click()
    page.locator(".feedback [role=status]", has_text="sudah habis").wait_for()

    assert page.locator(".question [aria-pressed=true]").count() == 0


def test_the_key_is_nowhere_but_in_its_field(page: Page) -> None:
    sign_in(page, MERIT)

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
    assert KEY not in kept
    page.reload()
    assert page.locator("#key").input_value() == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, f"{MERIT}\n{'x' * 300}")
    page.locator(".feedback summary").first.click()
    page.route("**/feedback", lambda route: route.fulfill(status=201, body="{}"))
    page.locator(".question").first.get_by_text("Salah").click()
    page.wait_for_selector(".question [aria-pressed=true]")

    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

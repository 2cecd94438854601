"""The page in a real browser, against the real server."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks.harness import Server, serving
from classifier import modelfile
from classifier.model import Model
from tests.conftest import AWARDS, FURNITURE, MERIT, ROOT
from tests.patience import until

CHROMIUM = Path("/usr/bin/chromium")
XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}</textarea>\"'javascript:alert(3)"
pytestmark = [
    # A browser of the system, which no lock of ours installs.
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed; .ci/run installs it"),
    # The driver's event loop keeps sockets that only its own exit closes.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def server(model_path: Path) -> Iterator[Server]:
    with serving(model_path, max_chars=5000, seeds=ROOT / "seeds") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, server: Server) -> Iterator[Page]:
    """Open the page, wait until it is prepared, and let nothing pass that the page complains of."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="id-ID")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=f"http://127.0.0.1:{server.port}")
    page = context.new_page()
    complaints: list[str] = []
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    page.goto(f"http://127.0.0.1:{server.port}/")
    page.wait_for_selector("#model-line:not(:empty)")
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with opened(browser, server) as page:
        yield page


def hold(page: Page, path: str) -> list[Route]:
    """Hold back what the page asks of `path`."""
    routes: list[Route] = []
    page.route(path, lambda route: routes.append(route))
    return routes


def release(page: Page, held: list[Route], number: int) -> None:
    """Let a held request go, and leave the page time to show its answer."""
    while len(held) <= number:
        page.wait_for_timeout(10)
    with page.expect_response(held[number].request.url) as answer:
        held[number].continue_()
    answer.value.finished()
    page.wait_for_timeout(100)


def classify(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.click("#submit")
    page.wait_for_selector("#output .summary, #output .notice:not(.waiting)")


def test_an_article_is_typed_classified_and_read_with_its_words_marked(page: Page) -> None:
    classify(page, f"{MERIT}\n{FURNITURE}\n{AWARDS}")

    assert page.locator(".summary h3").inner_text() == "2 tema ditemukan"
    assert {"seleksi", "terbuka"} & set(" ".join(page.locator("mark").all_inner_texts()).lower().split())
    assert page.locator(".paragraph").nth(1).get_attribute("class") == "paragraph boilerplate"
    assert page.locator(".paragraph .text").all_inner_texts() == [MERIT, FURNITURE, AWARDS]


def test_a_marked_word_tells_its_exact_weight_on_focus_and_on_hover(page: Page) -> None:
    classify(page, MERIT)
    mark = page.locator("mark").first
    mark.focus()

    assert re.search(r"\+\d+,\d{3}", page.locator("#tip").inner_text())
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    mark.hover()
    assert page.locator("#tip").is_visible()


def test_themes_differ_by_line_and_not_by_colour_alone(page: Page) -> None:
    classify(page, f"{MERIT}\n{AWARDS}")
    lines = page.locator(".swatch").evaluate_all("s => s.map(e => getComputedStyle(e).textDecorationStyle)")

    assert len(set(lines)) == 5


@pytest.mark.parametrize(("language", "mark"), [("id", ","), ("en", ".")])
def test_exact_sums_have_the_decimal_mark_of_the_language(page: Page, language: str, mark: str) -> None:
    page.click(f"[data-language={language}]")
    classify(page, MERIT)

    assert all(re.fullmatch(rf"-?\d+\{mark}\d{{3}}", cell) for cell in page.locator("tbody td").all_text_contents())
    assert page.locator("tbody td").count() > 0


def test_the_language_switches_and_stays(page: Page) -> None:
    classify(page, MERIT)
    page.click("[data-language=en]")

    assert page.locator(".summary h3").inner_text() == "1 theme found"
    assert page.locator("html").get_attribute("lang") == "en"
    page.reload()
    assert page.locator("#submit").inner_text() == "Classify"


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", MERIT), ("a.html", f"<html><article><p>{MERIT}</p><p>{AWARDS}</p></article>")]
)
def test_a_file_is_read_and_classified(page: Page, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    page.set_input_files("#file", tmp_path / name)
    page.wait_for_selector(".summary")

    assert MERIT in page.locator(".paragraph .text").all_inner_texts()


def test_a_seed_can_be_picked(page: Page) -> None:
    page.locator("#seed-list button").first.click()
    page.wait_for_selector(".paragraph")

    assert page.locator("#text").input_value().startswith("Heru Budi")


def test_hostile_text_is_shown_as_text(page: Page) -> None:
    classify(page, f"{MERIT} {XSS}\nמספר \u202eterbalik\u202c 🙂 {MERIT}")
    shown = page.locator(".paragraph .text")

    assert shown.first.inner_text() == f"{MERIT} {XSS}"
    assert page.locator(".article script, .article img").count() == 0
    assert set("".join(page.locator(".paragraph").nth(1).locator("mark").all_inner_texts())).isdisjoint("🙂מ")


@pytest.mark.parametrize(
    ("text", "selector"), [("   ", ".note"), ("🙂 !!!", ".empty"), (FURNITURE, ".empty"), ("ASN " * 2000, ".note")]
)
def test_empty_and_long_input_have_their_own_states(page: Page, text: str, selector: str) -> None:
    classify(page, text)

    assert page.locator(selector).is_visible()


def test_a_late_answer_does_not_replace_that_of_a_newer_article(page: Page) -> None:
    held = hold(page, "**/classify")
    page.fill("#text", MERIT)
    page.click("#submit")
    page.fill("#text", AWARDS)
    page.keyboard.press("Control+Enter")
    release(page, held, 1)
    release(page, held, 0)

    assert page.locator(".paragraph .text").all_inner_texts() == [AWARDS]


@pytest.mark.parametrize("path", ["**/classify", "**/seeds/0"])
def test_what_was_cleared_during_work_stays_cleared(page: Page, path: str) -> None:
    held = hold(page, path)
    with page.expect_request(path):
        page.locator("#seed-list button").first.click()
    page.click("#clear")
    release(page, held, 0)

    assert page.locator(".waiting").is_visible()
    assert page.locator("#text").input_value() == ""


@pytest.mark.parametrize(("status", "words"), [(401, "kunci API"), (503, "sibuk")])
def test_an_article_to_try_that_fails_says_why_and_can_be_picked_again(page: Page, status: int, words: str) -> None:
    page.route("**/seeds/0", lambda route: route.fulfill(status=status, body="{}"))
    page.locator("#seed-list button").first.click()

    assert words in page.locator(".failed").inner_text()
    assert page.locator("#key").is_visible() == (status == 401)
    page.unroute("**/seeds/0")
    page.click(".failed button")
    page.wait_for_selector(".paragraph")


@pytest.mark.parametrize(("status", "words"), [(503, "sibuk"), (500, "pihak kami"), (401, "kunci API"), (415, "HTML")])
def test_a_failure_says_what_to_do_and_names_the_request(page: Page, status: int, words: str) -> None:
    page.route("**/classify", lambda route: route.fulfill(status=status, headers={"X-Request-Id": "r-1"}, body="{}"))
    classify(page, MERIT)

    assert words in page.locator(".failed").inner_text()
    assert "r-1" in page.locator(".failed").inner_text()
    page.unroute("**/classify")


def test_a_lost_connection_is_told_and_can_be_tried_again(page: Page) -> None:
    page.route("**/classify", lambda route: route.abort())
    classify(page, MERIT)
    assert "tidak dapat dihubungi" in page.locator(".failed").inner_text()

    page.unroute("**/classify")
    page.click(".failed button")
    page.wait_for_selector(".summary")


def copied(page: Page, button: str) -> str:
    """Press a button, and return what it puts on the clipboard."""
    page.evaluate("navigator.clipboard.writeText('')")
    page.click(button)
    page.wait_for_selector(".flash")
    assert until(lambda: page.evaluate("navigator.clipboard.readText()"))
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_answer_is_copied_as_json_and_as_csv(page: Page) -> None:
    classify(page, f"=cmd|' /C calc'!A0 {MERIT}")
    assert json.loads(copied(page, "#copy-json"))["themes"] == ["merit"]

    header, row = copied(page, "#copy-csv").split("\r\n")
    assert header.startswith('"paragraph","field","boilerplate","themes","neutrality"')
    assert "\"'=cmd|" in row


def test_the_page_can_be_used_by_keyboard_alone(page: Page) -> None:
    page.locator("#text").focus()
    page.keyboard.type(MERIT)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("mark")
    page.locator("mark").first.focus()
    page.keyboard.press("ArrowRight")

    assert page.evaluate("document.activeElement === document.querySelectorAll('mark')[1]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 1100, 360])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for text in (f"{MERIT}\n{FURNITURE}\n{AWARDS}\n{'x' * 300}", "🙂", " "):
        classify(page, text)
        found = Axe().run(page)
        assert [violation["id"] for violation in found.response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(
            "[...document.querySelectorAll('.card')].every(card => card.scrollWidth <= card.clientWidth)"
        )


def test_where_keys_are_set_an_article_to_try_asks_for_one_and_is_then_answered(
    browser: Browser, model_path: Path
) -> None:
    key = "kunci-rahasia"
    settings = {"api_keys": sha256(key.encode()).hexdigest(), "seeds": ROOT / "seeds"}
    with serving(model_path, **settings) as server, opened(browser, server) as page:
        page.locator("#seed-list button").first.click()
        page.locator(".failed", has_text="kunci API").wait_for()
        page.fill("#key", key)
        page.click(".failed button")
        page.wait_for_selector(".paragraph")

        assert page.locator("#text").input_value().startswith("Heru Budi")
        assert page.locator(".swatch").count() == 5


def test_the_articles_to_try_are_in_reach_beside_a_long_answer(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 700})
    classify(page, f"{MERIT}\n" * 60)
    page.evaluate("scrollTo(0, 500)")
    page.locator("#seed-list button").last.scroll_into_view_if_needed()

    assert page.evaluate("scrollY") == 500


def test_other_themes_bring_their_own_title_and_names(browser: Browser, model: Model, tmp_path: Path) -> None:
    title = {"id": "Tema harian", "en": "Daily themes"}
    modelfile.save(replace(model, metadata={**model.metadata, "title": title}), tmp_path / "own.npz")
    with serving(tmp_path / "own.npz") as server:
        page = browser.new_page(locale="en-GB")
        page.goto(f"http://127.0.0.1:{server.port}/")
        page.click("[data-language=en]")
        page.wait_for_function("document.title === 'Daily themes'")
        named = page.inner_text("h1"), page.inner_text("[data-i18n=tagline]")
        page.close()

    assert named == ("Daily themes", "Neutrality · Merit · Integrity · Performance · Awards")


def test_an_answer_of_another_model_brings_its_own_themes(page: Page) -> None:
    def swap(route: Route) -> None:
        answer = route.fetch().json()
        if "labels" not in answer:
            answer["themes"][1]["name"]["id"] = "Tema baru"
        route.fulfill(json={**answer, "model": "another"})

    classify(page, MERIT)
    page.route(re.compile("/classify$|/themes$"), swap)
    page.fill("#text", AWARDS)
    page.click("#submit")

    page.locator(".swatch", has_text="Tema baru").wait_for()


def test_every_text_is_used_and_stands_in_both_languages(page: Page) -> None:
    texts = page.evaluate("import('/static/texts.js').then(module => module.TEXTS)")
    static = ROOT / "service" / "static"
    sources = [path for path in static.iterdir() if path.suffix in {".js", ".html"} and path.name != "texts.js"]
    used = set(re.findall(r'(?<=words\(\)\.)\w+|(?<=")\w+(?=")', "".join(path.read_text() for path in sources)))

    assert texts["id"].keys() == texts["en"].keys()
    # A decision of the service is a key itself.
    assert texts["id"].keys() - used - {"yes", "review", "no"} == set()

"""The page in a real browser: headless Chromium, without a network."""

from __future__ import annotations

import shutil

import pytest

from harness.services.heard import Heard
from tests.page_samples import BEGAN, HOSTILE, Service, output, project_of, run_of, written

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
DESK = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(15, 19, 24)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """200 blocks of which one failed, a million rows, a large cell, and something hostile."""
    folder = tmp_path_factory.mktemp("page")
    upstream = {f"b{n:03}": [f"b{n // 3:03}"] if n else [] for n in range(200)}
    project = project_of(folder / "shop", upstream)
    literal = HOSTILE.replace("\udcff", "").replace("\x00", "").replace("'", "''")
    query = f"SELECT range AS n, '{literal}' AS \"<b>note</b>\" FROM range(1_000_000)"
    output(folder / "variables", "b000", query)
    output(folder / "variables", "b001", "SELECT repeat('<x', 5_000_000) AS big")
    events = [
        {"event": "block_start", "block": "b000", "at": BEGAN, "pid": 1, "printed": [0, 0]},
        {"event": "block_end", "block": "b000", "at": BEGAN, "pid": 1, "printed": [90, 0]},
    ]
    run = run_of(
        folder,
        project,
        failing=["b150"],
        stdout=HOSTILE.encode("utf-8", "surrogateescape"),
        events=events,
    )
    asked = Service(
        Heard(at=BEGAN + 1.2, service="postgres", what=f"SELECT '{HOSTILE}' FROM {'x' * 700}"),
        Heard(at=BEGAN + 2.2, service="gcs", verb="GET", what="gs://shop/a.csv", answer="200"),
    )
    file = folder / "run.html"
    written(file, project, run, services=[asked])
    return file


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """A red run beside a green one, with something hostile on both sides."""
    folder = tmp_path_factory.mktemp("beside")
    literal = HOSTILE.replace("\udcff", "").replace("\x00", "").replace("'", "''")
    upstream = {"load": [], "keep": ["load"], "store": ["keep"]}
    for name, rows in (("green", 90), ("red", 80)):
        project = project_of(folder / name / "shop", upstream)
        code = project.path / "data_loaders" / "keep.py"
        code.write_text(f"{code.read_text()}\n\nROWS = {rows}  # {'long ' * 60}\n")
        query = f"SELECT range + {rows} AS n, '{literal}' AS note FROM range({rows})"
        output(folder / name / "variables", "keep", query)
        run = run_of(folder / name, project, failing=["store"] if name == "red" else [])
        earlier = folder / "green.html" if name == "red" else None
        written(folder / f"{name}.html", project, run, against=earlier)
    return folder / "red.html"


@pytest.fixture
def opened(browser, page):
    """The page, on a desk and in light colours."""
    shown(browser, page, screen=DESK, scheme="light")
    return browser


def shown(browser, page, *, screen, scheme, script=True):
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
    browser.get("about:blank")
    browser.get(page.as_uri())


def seen(browser, script):
    return browser.execute_script(f"return {script}")


def test_nothing_hostile_runs_and_nothing_else_is_asked_for(opened):
    assert opened.title.startswith("failed: shop")
    assert seen(opened, "document.querySelectorAll('img, iframe, object, link').length") == 0
    assert seen(opened, "performance.getEntriesByType('resource').length") == 0
    assert seen(opened, "document.querySelectorAll('script:not([type])').length") == 1
    assert opened.get_log("browser") == []
    # Its policy stops what somebody might still get in.
    opened.execute_script(
        "const one = document.createElement('script'); one.text = 'document.title = `taken`';"
        "document.body.append(one); document.body.insertAdjacentHTML('beforeend',"
        " `<img src='x:y' onerror='document.title = \"taken\"'>`)"
    )
    assert opened.title.startswith("failed: shop")
    assert any("Content Security Policy" in one["message"] for one in opened.get_log("browser"))


def test_each_block_of_the_drawing_leads_to_its_details(opened):
    count = "document.querySelectorAll('.node').length"
    assert seen(opened, count) == 200
    node = "document.querySelectorAll('.node')[120]"
    assert seen(opened, f"{node}.textContent.includes('b120')")
    opened.execute_script(f"{node}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
    body = "document.getElementById('run-1-121')"
    assert opened.current_url.endswith("#run-1-121")
    assert seen(opened, f"{body}.parentElement.open")
    assert seen(opened, f"{body}.parentElement.querySelector('summary').textContent").strip()
    top = f"{body}.getBoundingClientRect().top"
    assert 0 <= seen(opened, top) < DESK["height"]


def test_what_failed_is_open_and_its_line_marked(opened):
    failed = "document.querySelector('details.block[data-state=failed]')"

    assert seen(opened, "document.querySelectorAll('details.block[open]').length") == 1
    assert seen(opened, f"{failed}.querySelector('.line.marked .at').textContent") == "5"
    assert "ZeroDivisionError" in seen(opened, f"{failed}.querySelector('.mark').textContent")
    first = "document.querySelector('h1').getBoundingClientRect()"
    assert seen(opened, f"{first}.top") < 50


def test_the_filters_leave_what_fits(opened):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    blocks = "[...document.querySelectorAll('details.block')].filter(one => !one.hidden)"
    find = opened.find_element(By.ID, "find")
    find.send_keys("B15 Failed")
    WebDriverWait(opened, 10).until(lambda _: seen(opened, f"{blocks}.length") == 1)
    assert seen(opened, f"{blocks}[0].dataset.state") == "failed"
    assert "shown" in opened.find_element(By.ID, "count").text
    assert seen(opened, "document.querySelectorAll('.node.aside').length") == 199

    find.clear()
    find.send_keys("gs://shop")
    rows = "[...document.querySelectorAll('.moments [data-find]')].filter(one => !one.hidden)"
    WebDriverWait(opened, 10).until(lambda _: seen(opened, f"{rows}.length") == 1)

    find.clear()
    find.send_keys("b")
    opened.find_element(By.CSS_SELECTOR, "[name=state][value=completed]").click()
    WebDriverWait(opened, 10).until(lambda _: seen(opened, f"{blocks}.length") == 1)


@pytest.mark.parametrize(("scheme", "ground"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_it_fits_each_screen_and_both_colour_schemes(browser, page, screen, scheme, ground):
    shown(browser, page, screen=screen, scheme=scheme)
    browser.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )

    assert seen(browser, "getComputedStyle(document.body).backgroundColor") == ground
    wide = "document.documentElement.scrollWidth"
    assert seen(browser, wide) <= screen["width"]
    assert seen(browser, "document.querySelector('.graph').scrollWidth") > 360
    assert contrast(browser, ".verdict") >= 4.5
    assert contrast(browser, ".dim") >= 4.5
    assert contrast(browser, ".mark") >= 4.5


def contrast(browser, selector):
    """The contrast of a text with the nearest ground behind it, as WCAG counts it."""
    return browser.execute_script(
        """
        const colour = (text) => text.match(/[\\d.]+/g).map(Number);
        const light = (text) => colour(text).slice(0, 3).map((one) => one / 255)
          .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
          .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
        const text = document.querySelector(arguments[0]);
        let ground = text;
        while (colour(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
        const both = [getComputedStyle(text).color, getComputedStyle(ground).backgroundColor];
        const [high, low] = both.map(light).sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
        """,
        selector,
    )


def test_it_is_whole_without_its_script(browser, page):
    from selenium.webdriver.common.by import By

    shown(browser, page, screen=DESK, scheme="light", script=False)
    try:
        assert not browser.find_element(By.ID, "filters").is_displayed()
        block = browser.find_element(By.CSS_SELECTOR, "details.block")
        assert not block.find_element(By.CSS_SELECTOR, ".body").is_displayed()
        block.find_element(By.TAG_NAME, "summary").click()
        assert block.find_element(By.CSS_SELECTOR, ".body").is_displayed()
        browser.find_elements(By.CSS_SELECTOR, "a.node")[1].click()
        assert browser.current_url.endswith("#run-1-2")
        assert browser.find_element(By.ID, "run-1-2").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize(("scheme", "ground"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_two_runs_stand_side_by_side_on_a_desk_and_below_each_other_on_a_phone(
    browser, beside, screen, scheme, ground
):
    shown(browser, beside, screen=screen, scheme=scheme)
    pairs = browser.execute_script(
        "return [...document.querySelectorAll('.beside[open] .pair')]"
        ".filter((one) => one.checkVisibility())"
        ".map((one) => [...one.children].map((side) => side.getBoundingClientRect()))"
    )

    assert len(pairs) >= 5
    for then, now in pairs:
        if screen is PHONE:
            assert then["bottom"] <= now["top"]
        else:
            assert (then["top"], then["right"] <= now["left"]) == (now["top"], True)
    assert seen(browser, "document.documentElement.scrollWidth") <= screen["width"]
    assert seen(browser, "getComputedStyle(document.body).backgroundColor") == ground
    assert contrast(browser, "td.differs") >= 4.5
    assert contrast(browser, ".when") >= 4.5
    assert contrast(browser, ".line.changed code") >= 4.5
    assert browser.get_log("browser") == []


def test_lines_that_one_side_lacks_keep_the_others_level(browser, beside):
    shown(browser, beside, screen=DESK, scheme="light")
    lines = "[...document.querySelectorAll('.pair .code')].map((one) => one.children.length)"
    sides = seen(browser, lines)

    assert sides
    assert sides[::2] == sides[1::2]
    link = "document.querySelector('header a[href=\"#against\"]')"
    assert "1 with differences" in seen(browser, f"{link}.parentElement.textContent")

"""Front-end files from npm: only the chosen ones, only as chosen."""

import gzip
import hashlib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server import vendor
from server.vendor import FILES, Chosen, vendor_url

TEXT = b"body { color: black }\n" * 50


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node_modules with one file in it, and a list that names it."""
    path = tmp_path / "weui/dist/style/weui.min.css"
    path.parent.mkdir(parents=True)
    path.write_bytes(TEXT)
    chosen = Chosen("weui/dist/style/weui.min.css", "text/css", hashlib.sha256(TEXT).hexdigest())
    monkeypatch.setattr(vendor, "PACKAGES", tmp_path)
    monkeypatch.setitem(FILES, "weui.min.css", chosen)
    return tmp_path


@pytest.fixture
def browser(packages: Path) -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(vendor.blueprint)
    return app.test_client()


def test_a_chosen_file_is_served_for_a_year_under_its_own_address(browser: FlaskClient) -> None:
    answer = browser.get(vendor_url("weui.min.css"))
    assert answer.status_code == 200
    assert answer.data == TEXT
    assert answer.mimetype == "text/css"
    assert answer.cache_control.max_age == 365 * 86400
    assert answer.cache_control.immutable


def test_without_its_version_it_is_kept_for_an_hour_only(browser: FlaskClient) -> None:
    assert browser.get("/static/vendor/weui.min.css").cache_control.max_age == 3600
    assert browser.get("/static/vendor/weui.min.css?v=000000000000").cache_control.max_age == 3600


def test_it_is_packed_for_those_who_can_unpack(browser: FlaskClient) -> None:
    packed = browser.get("/static/vendor/weui.min.css", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == TEXT
    assert len(packed.data) < len(TEXT)
    plain = browser.get("/static/vendor/weui.min.css", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers


def test_a_browser_that_has_it_is_told_so(browser: FlaskClient) -> None:
    first = browser.get("/static/vendor/weui.min.css")
    again = browser.get("/static/vendor/weui.min.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize(
    "name", ["other.css", "../package.json", "..%2fpackage.json", "weui/dist/style/weui.min.css", "", "weui.min.css%00"]
)
def test_nothing_else_is_served(browser: FlaskClient, name: str) -> None:
    assert browser.get("/static/vendor/" + name).status_code == 404


def test_a_changed_file_is_not_served(browser: FlaskClient, packages: Path, caplog: pytest.LogCaptureFixture) -> None:
    (packages / "weui/dist/style/weui.min.css").write_bytes(TEXT + b"/* hello */")
    vendor.contents.cache_clear()
    assert browser.get("/static/vendor/weui.min.css").status_code == 404
    assert "not the file of the version" in caplog.text


def test_a_missing_file_is_404_and_said_in_the_log_until_it_comes(
    browser: FlaskClient, packages: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = packages / "weui/dist/style/weui.min.css"
    path.unlink()
    assert browser.get("/static/vendor/weui.min.css").status_code == 404
    assert "not installed" in caplog.text
    path.write_bytes(TEXT)
    assert browser.get("/static/vendor/weui.min.css").status_code == 200


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_list_knows_the_installed_files(name: str) -> None:
    """Change package.json and the sums in server/vendor.py together."""
    path = vendor.ROOT / "node_modules" / FILES[name].path
    if not path.exists():
        pytest.skip("LOUD: node_modules is not installed; `make` installs it")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == FILES[name].sha256

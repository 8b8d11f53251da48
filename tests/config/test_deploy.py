"""What an office is put on a machine with: units that systemd reads, a compose file whose parts fit, a proxy that hides what is not public."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.settings import ROOT
from tests.conftest import lacking

DEPLOY = ROOT / "config" / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.name)
def test_systemd_reads_each_unit(unit: Path, tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        lacking("systemd-analyze is not on this machine")
    for each in UNITS:
        # What the unit runs need not be installed here.
        text = re.sub(r"^(ExecStart(?:Post)?=)\S+", r"\1/bin/true", each.read_text(), flags=re.M)
        text = re.sub(r"^(User|Group|WorkingDirectory|EnvironmentFile|ExecReload)=.*\n", "", text, flags=re.M)
        (tmp_path / each.name).write_text(text)
    done = subprocess.run(
        [analyse, "verify", str(tmp_path / unit.name)], capture_output=True, text=True, timeout=60, check=False
    )
    said = [line for line in done.stderr.splitlines() if unit.name in line]
    assert not said, said


def test_the_units_of_the_readme_are_there_and_harden_what_they_run() -> None:
    readme = (DEPLOY / "README.md").read_text()
    for name in set(re.findall(r"huiyin-[a-z]+\.(?:service|timer)", readme)):
        assert (DEPLOY / name).exists(), name
    for unit in DEPLOY.glob("*.service"):
        text = unit.read_text()
        for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "User=huiyin", "CapabilityBoundingSet="):
            assert line in text, (unit.name, line)


def test_nginx_serves_neither_numbers_nor_demonstration_to_the_world() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "location = /metrics { return 404; }" in text
    assert "location /demo { return 404; }" in text
    assert re.search(r"location = /readyz \{[^}]*deny all;", text)
    assert text.count("{") == text.count("}")
    proxy = (DEPLOY / "huiyin_proxy.conf").read_text()
    assert "proxy_set_header X-Request-ID $request_id;" in proxy
    assert "non_idempotent" not in proxy, "what people send is never sent twice"


def test_the_containers_speak_to_each_other_and_to_nobody_else() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    services = re.findall(r"^  (\w+):\n    (?:<<|image)", text, flags=re.M)
    assert {"setup", "web", "worker", "database", "redis", "front"} == set(services)
    assert text.count("ports:") == 1
    for named in re.findall(r"depends_on: \{(\w+)", text):
        assert named in services
    docker = (DEPLOY / "Dockerfile").read_text()
    for folder in re.findall(r"^COPY (\w+) \./", docker, flags=re.M):
        assert folder == "node_modules" or (ROOT / folder).is_dir()
    assert "--require-hashes" in docker
    assert re.search(r"^USER huiyin$", docker, flags=re.M)

"""`langgeo doctor`: what it finds on a sound machine, and what it marks."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from installed_packages import install, langgeo_with
from tiny_run import Langgeo

PLENTY = 2**50


def machine(monkeypatch: pytest.MonkeyPatch, disk: int, memory: int = PLENTY) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=PLENTY, used=0, free=disk))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=memory, available=memory))


def details(langgeo: Langgeo) -> dict[str, str]:
    return {check["check"]: check["detail"] for check in json.loads(langgeo("doctor", "--json").out)}


def test_a_sound_machine_has_no_problem(langgeo: Langgeo, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, PLENTY)
    examined = langgeo("doctor")
    assert examined.code == 0, examined.out
    assert all(line.startswith(("ok  ", "none  packages of ")) for line in examined.out.splitlines())
    assert str(cache) in examined.out
    assert {"python", "torch", "memory", "cache", "disk", "plugins"} <= details(langgeo).keys()


def test_a_missing_package_is_named_and_no_problem(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, PLENTY)
    real = importlib.metadata.distribution

    def distribution(name: str) -> importlib.metadata.Distribution:
        if name == "notofonttools":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    examined = langgeo("doctor")
    assert examined.code == 0
    (line,) = [line for line in examined.out.splitlines() if "packages of udhr" in line]
    assert line.startswith("none")
    assert 'pip install "langgeo[starter]"' in line


@pytest.mark.parametrize(("sizes", "check"), [((2**20, PLENTY), "disk"), ((PLENTY, 2**20), "memory")])
def test_too_little_room_is_a_problem(
    langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, int], check: str
) -> None:
    machine(monkeypatch, *sizes)
    examined = langgeo("doctor")
    assert examined.code == 1
    assert [line.split(":")[0] for line in examined.out.splitlines() if line.startswith("LOOK")] == [f"LOOK  {check}"]


def test_a_broken_plugin_is_a_problem(tmp_path: Path) -> None:
    install(tmp_path, "broken", "import no_such_module_of_mine")
    examined = langgeo_with(tmp_path, "doctor")
    assert examined.code == 1
    assert "LOOK  plugin broken: ModuleNotFoundError" in examined.out


def test_a_token_is_found_and_never_shown(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_do_not_show")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    printed, checks = langgeo("doctor"), details(langgeo)
    assert "hf_do_not_show" not in printed.out + printed.err + json.dumps(checks)
    assert checks["hub token"] == "in HF_TOKEN"
    assert checks["hub"].startswith("connections are forbidden by HF_HUB_OFFLINE")
    assert {"cores", "libraries", "extras", "memory"} <= set(checks)


def test_a_token_is_looked_for_in_the_hub_s_folder(
    langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    checks = details(langgeo)
    assert checks["hub token"].startswith("no token")
    assert checks["hub"] == f"connections are allowed, cache in {tmp_path}"
    (tmp_path / "token").write_text("hf_do_not_show", encoding="utf-8")
    assert details(langgeo)["hub token"] == f"in {tmp_path / 'token'}"


def test_prune_deletes_what_killed_runs_left_and_nothing_that_is_in_use(langgeo: Langgeo, cache: Path) -> None:
    from langgeo_core.api import Store, locking

    store = Store(cache)
    (cache / "models" / ".unfinished-tiny").mkdir(parents=True)
    (cache / "cells" / "ab").mkdir(parents=True)
    (cache / "cells" / "ab" / ".unfinished-1.safetensors").write_text("half of")
    with store.claim("abcd"), locking(cache / "models" / ".unfinished-other.lock"):
        assert langgeo("cache", "prune").out.startswith("2 unfinished files and folders of killed runs deleted")
        refused = langgeo("cache", "prune", "cells", "--yes")
        assert (refused.code, "a run is at work in cells" in refused.err) == (2, True)
    assert [path for path in cache.rglob("*") if path.is_file()] == []

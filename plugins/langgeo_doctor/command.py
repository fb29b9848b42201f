"""`langgeo doctor`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from langgeo_core.api import cache_folder, installed, json_option, print_json, print_wrapped
from langgeo_core.hooks import records

Check = tuple[str, bool | None, str]
"""Name, whether it is all right (None: something optional is not installed), and what was found."""

ROOM = 4 * 2**30
LIBRARIES = ("torch", "transformers", "numpy", "scipy", "scikit-learn")
TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
MARKS = {True: "ok  ", None: "none", False: "LOOK"}


@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Check this machine and what is installed; the exit code is 1 if there is a problem.

    LOOK: a problem; none: optional, not installed.

    Versions, cores, memory, accelerators, the cache and its disk, the hub's token and offline mode, packages of
    components, extras, plugins. The token itself is never shown.

    Example: langgeo doctor
    """
    checks = list(_checks())
    if as_json:
        print_json([{"check": name, "ok": fine is not False, "detail": detail} for name, fine, detail in checks])
    else:
        for name, fine, detail in checks:
            print_wrapped(f"{MARKS[fine]}  {name}: {detail}")
    return 1 if any(fine is False for _, fine, _ in checks) else 0


def _checks() -> Iterator[Check]:
    yield "python", sys.version_info >= (3, 11), sys.version.split()[0]
    yield _libraries()
    yield _torch()
    yield _cores()
    yield _memory()
    yield from _accelerators()
    yield from _cache()
    yield from _hub()
    yield from _packages()
    yield _extras()
    yield from _plugins()


def _libraries() -> Check:
    versions = {name: _version(name) for name in LIBRARIES}
    detail = ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items())
    return "libraries", all(versions.values()), detail


def _torch() -> Check:
    import torch

    built = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
    return "torch", True, f"{torch.__version__}, {built}, {torch.get_num_threads()} threads"


def _cores() -> Check:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return "cores", True, f"{usable} of {os.cpu_count()} usable"


def _memory() -> Check:
    import psutil

    memory = psutil.virtual_memory()
    free = f"{memory.available / 2**30:.1f} GiB free"
    return "memory", memory.total >= ROOM, f"{memory.total / 2**30:.1f} GiB, {free} (the starter takes about 3)"


def _accelerators() -> Iterator[Check]:
    import torch

    if not torch.cuda.is_available():
        yield "accelerators", True, "no accelerator that torch can use; calibration runs on the processor"
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        yield f"cuda:{index}", True, f"{device.name}, {device.total_memory / 2**30:.1f} GiB"


def _cache() -> Iterator[Check]:
    folder = cache_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    writable = os.access(existing, os.W_OK)
    yield "cache", writable, f"{folder}{'' if writable else ' is not writable; set LANGGEO_CACHE'}"
    yield "disk", free >= ROOM, f"{free / 2**30:.1f} GiB free for the cache (the starter takes about 2)"


def _hub() -> Iterator[Check]:
    """A missing token is no problem: only gated models and data sets need one."""
    variable = next((name for name in TOKENS if os.environ.get(name)), "")
    stored = Path(os.environ.get("HF_TOKEN_PATH") or _hub_home() / "token")
    kept = f"in {stored}" if stored.is_file() else "no token; gated models and data sets cannot be downloaded"
    yield "hub token", True, f"in {variable}" if variable else kept
    offline = [name for name in OFFLINE if os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE")]
    connections = f"forbidden by {' and '.join(offline)}" if offline else "allowed"
    yield "hub", True, f"connections are {connections}, cache in {_hub_home()}"


def _hub_home() -> Path:
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("HF_HOME") or caches / "huggingface").expanduser()


def _packages() -> Iterator[Check]:
    """A missing package is no problem: only its component needs it."""
    for kind in records.KINDS:
        for entry in installed().all(kind):
            component = entry.component
            if component.requires:
                missing = component.missing_packages()
                lacking = f"{', '.join(missing)} not installed; type: {component.how_to_install()}"
                yield f"packages of {component.name}", None if missing else True, lacking if missing else "installed"


def _extras() -> Check:
    """A missing extra is no problem: only its components need it."""
    from importlib.metadata import metadata, requires

    from packaging.requirements import Requirement

    needs = [Requirement(line) for line in requires("langgeo") or ()]
    extras = metadata("langgeo").get_all("Provides-Extra") or []
    whole = [extra for extra in extras if all(_version(need.name) for need in needs if _belongs(need, extra))]
    partly = [extra for extra in extras if extra not in whole]
    rest = f"; not complete: {', '.join(partly)}" if partly else ""
    return "extras", True, f"{', '.join(whole) or 'none'}{rest}"


def _belongs(need: object, extra: str) -> bool:
    marker = getattr(need, "marker", None)
    return bool(marker and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""}))


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _plugins() -> Iterator[Check]:
    failed = [plugin for plugin in installed().plugins if plugin.error]
    for plugin in failed:
        yield f"plugin {plugin.name}", False, plugin.error.splitlines()[0]
    clashes = installed().clashes()
    for clash in clashes:
        yield "names", False, clash
    if not failed and not clashes:
        yield "plugins", True, f"{len(installed().plugins)} loaded"

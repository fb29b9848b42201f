"""`langgeo doctor`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

import click

from langgeo_core.cli.common import json_option, print_json

Check = tuple[str, bool, str]

ROOM = 4 * 2**30


@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Check versions, memory, disk, the starter packages and the plugins; exits with 1 if something is amiss.

    Example: langgeo doctor
    """
    checks = list(_checks())
    if as_json:
        print_json([{"check": name, "ok": fine, "detail": detail} for name, fine, detail in checks])
    else:
        for name, fine, detail in checks:
            click.echo(f"{'ok  ' if fine else 'LOOK'}  {name}: {detail}")
    return 0 if all(fine for _, fine, _ in checks) else 1


def _checks() -> Iterator[Check]:
    yield "python", sys.version_info >= (3, 11), sys.version.split()[0]
    yield _torch()
    yield _memory()
    yield from _cache()
    yield from _packages()
    yield from _plugins()


def _torch() -> Check:
    import torch

    devices = "CUDA" if torch.cuda.is_available() else "no accelerator"
    return "torch", True, f"{torch.__version__}, {devices}, {torch.get_num_threads()} threads"


def _memory() -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return "memory", total >= ROOM, f"{total / 2**30:.1f} GiB (the starter takes about 3)"


def _cache() -> Iterator[Check]:
    from langgeo_core.cache import cache_folder

    folder = cache_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    writable = os.access(existing, os.W_OK)
    yield "cache", writable, f"{folder}{'' if writable else ' cannot be written: set LANGGEO_CACHE'}"
    yield "disk", free >= ROOM, f"{free / 2**30:.1f} GiB free there (the starter takes about 2)"


def _packages() -> Iterator[Check]:
    from langgeo_core.components import KINDS
    from langgeo_core.registry import installed

    for kind in KINDS:
        for entry in installed().all(kind):
            component = entry.component
            if component.requires:
                missing = component.missing_packages()
                detail = f"{', '.join(missing)} missing; type: {component.how_to_install()}" if missing else "installed"
                yield f"packages of {component.name}", not missing, detail


def _plugins() -> Iterator[Check]:
    from langgeo_core.registry import installed

    failed = [plugin for plugin in installed().plugins if plugin.error]
    for plugin in failed:
        yield f"plugin {plugin.name}", False, plugin.error.splitlines()[0]
    clashes = installed().clashes()
    for clash in clashes:
        yield "names", False, clash
    if not failed and not clashes:
        yield "plugins", True, f"{len(installed().plugins)} loaded"

"""A store on S3, of a server on this machine. `pip install s3fs "moto[server]"` in an environment of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_store import KEY, save

from langgeo_core.contract.errors import StorageError
from langgeo_core.storage.remote import Remote
from langgeo_core.storage.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A server with the bucket `cells`."""
    moto, s3fs = pytest.importorskip("moto.server"), pytest.importorskip("s3fs")
    running = moto.ThreadedMotoServer(port=0)
    running.start()
    host, port = running.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdir("cells")
    yield running
    running.stop()
    s3fs.S3FileSystem.clear_instance_cache()


def test_machines_share_cells_on_s3_until_it_vanishes(server: object, tmp_path: Path) -> None:
    def machine(name: str) -> Store:
        return Store(tmp_path / name, Remote("s3://cells/langgeo"), checked={})

    saved = save(machine("a"))
    assert machine("b").note(KEY)["model"] == "m"
    found = machine("b").find(KEY)
    assert found and found.sha256 == saved.sha256
    save(machine("c"))
    assert len(machine("c").remote._system.find("cells/langgeo")) == 2, "written once"

    last = machine("d")
    assert last.find("ef" + KEY[2:]) is None
    server.stop()
    with pytest.raises(StorageError, match="the store s3://cells/langgeo does not answer"):
        last.find(KEY)
    with pytest.raises(StorageError, match="the store s3://cells/langgeo does not answer"):
        machine("e").find(KEY)

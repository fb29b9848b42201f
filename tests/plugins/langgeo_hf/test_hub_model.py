from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants, errors
from pydantic import ValidationError
from tiny_models import save

import langgeo_hf
from langgeo_core.api import UserError
from langgeo_hf.folder import FolderModel
from langgeo_hf.hub import HubModel
from langgeo_hf.model import huggingface_model
from langgeo_hf.options import HuggingFaceOptions

COMMIT, OTHER = "0123456789abcdef" * 2 + "01234567", "f" * 40
REPO = "some-org/tiny-llama"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint; not to be changed."""
    return save(tmp_path_factory.mktemp("saved") / "tiny-llama")


@pytest.fixture
def hub(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub's cache, and no way to the hub."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return folder


def fill(hub: Path, source: Path, commit: str = COMMIT, ref: str | None = "main") -> Path:
    """Lay a checkpoint out as the hub's cache does: blobs, a snapshot of links, and a reference."""
    home = hub / f"models--{REPO.replace('/', '--')}"
    snapshot = home / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (home / "blobs").mkdir(exist_ok=True)
    for number, file in enumerate(sorted(source.iterdir())):
        blob = home / "blobs" / f"{commit[:8]}{number}"
        shutil.copyfile(file, blob)
        (snapshot / file.name).symlink_to(Path("../../blobs") / blob.name)
    if ref:
        (home / "refs").mkdir(exist_ok=True)
        (home / "refs" / ref).write_text(commit)
    return snapshot


def model(**options: Any) -> FolderModel:
    return huggingface_model(HuggingFaceOptions(repo=REPO, **options))


@pytest.fixture
def online(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[dict[str, Any]], Path]], list[dict[str, Any]]]:
    """Puts a hub in the place of downloads; what is asked of it is listed."""
    real = huggingface_hub.snapshot_download

    def install(serve: Callable[[dict[str, Any]], Path]) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        def download(repo: str, **options: Any) -> str:
            if options.get("local_files_only"):
                return str(real(repo, cache_dir=hub, **options))
            asked.append({"repo": repo, **options})
            return str(serve(options))

        monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
        return asked

    return install


@pytest.fixture(autouse=True)
def in_the_cache_of_the_test(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's functions take the cache's place from when they were defined."""
    real = huggingface_hub.snapshot_download
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda repo, **o: real(repo, **{"cache_dir": hub, **o}))


def test_one_component_serves_folders_the_hub_and_files(saved: Path, hub: Path):
    (record,) = langgeo_hf.langgeo_models()
    kinds = {"path": str(saved), "repo": REPO, "file": "model.gguf"}
    made = {key: record.load("factory")(record.load("options")(**{key: value})) for key, value in kinds.items()}
    assert {key: type(built).__name__ for key, built in made.items()} == {
        "path": "FolderModel",
        "repo": "HubModel",
        "file": "GgufModel",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of path, repo and file is needed, got none"),
        ({"path": "a", "repo": "b/c"}, "got path and repo"),
        ({"path": "a", "download": True}, "download can only be used with repo"),
    ],
)
def test_one_source_is_needed(options: dict[str, Any], message: str):
    with pytest.raises(ValidationError, match=message):
        HuggingFaceOptions(**options)


def test_a_model_in_the_cache_is_known_by_its_commit(saved: Path, hub: Path):
    fill(hub, saved)
    identity = model(licence="MIT").identity()
    assert (identity.name, identity.revision, identity.licence) == (REPO, COMMIT, "MIT")
    assert REPO in identity.source
    assert identity.weights_sha256 == huggingface_model(HuggingFaceOptions(path=str(saved))).identity().weights_sha256
    loaded = model().load("float32")
    assert loaded.encode("w3") == model().tokenizer().encode("w3") == [3]
    assert model().weights().read("layers.0.mlp.up_proj").shape == (24, 16)
    assert model().load_causal("float32").causal is not None


@pytest.mark.parametrize("revision", [OTHER, "v1.0"])
def test_a_revision_is_the_one_asked_for(saved: Path, hub: Path, tmp_path: Path, revision: str):
    fill(hub, saved)
    expected = fill(hub, save(tmp_path / "other", seed=1), OTHER, "v1.0")
    built = model(revision=revision)
    assert (built.folder(), built.identity().revision) == (expected, OTHER)
    assert built.identity().weights_sha256 != model().identity().weights_sha256


def test_a_snapshot_that_the_hub_did_not_name_is_unpinned(saved: Path, hub: Path):
    fill(hub, saved, commit="copied-by-hand")
    assert model().identity().revision == "unpinned"


def missing(**options: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        model(**options).identity()
    assert REPO in caught.value.message
    return caught.value


def test_nothing_is_downloaded_unasked(hub: Path, online: Any):
    asked = online(lambda options: pytest.fail("downloaded"))
    error = missing(revision=OTHER)
    assert str(hub) in error.message
    assert f"hf download {REPO} --revision {OTHER}" in error.hint
    assert "`download: true`" in error.hint
    assert asked == []
    assert f"hf download {REPO} (" in missing().hint


def test_a_check_asks_for_what_is_not_to_be_downloaded_only(saved: Path, hub: Path, online: Any):
    asked = online(lambda options: pytest.fail("downloaded"))
    with pytest.raises(UserError, match="is missing or incomplete in the hub's cache"):
        model().check()
    model(download=True).check()
    assert asked == []
    fill(hub, saved)
    model().check()


def test_a_part_of_a_model_is_told_from_the_whole(saved: Path, hub: Path, tmp_path: Path):
    snapshot = fill(hub, saved)
    (snapshot / "model.safetensors").unlink()
    assert "is missing or incomplete in the hub's cache" in missing().message
    shutil.rmtree(hub)
    sharded = fill(hub, save(tmp_path / "sharded", shard="6KB"))
    next(sharded.glob("model-00002*")).unlink()
    assert "is missing or incomplete in the hub's cache" in missing().message


def test_what_is_asked_for_is_downloaded_once_and_its_commit_recorded(saved: Path, hub: Path, online: Any):
    asked = online(lambda options: fill(hub, saved))
    assert model(download=True).identity().revision == COMMIT
    assert model(download=True).load("float32").encode("w4") == [4]
    assert len(asked) == 1
    assert (asked[0]["repo"], asked[0]["revision"]) == (REPO, None)
    wanted, unwanted = asked[0]["allow_patterns"], asked[0]["ignore_patterns"]
    assert "*.safetensors" in wanted
    assert not [pattern for pattern in wanted if "bin" in pattern or ".py" in pattern]
    assert "consolidated*" in unwanted


def test_a_broken_download_goes_on(saved: Path, hub: Path, online: Any):
    snapshot = fill(hub, saved)
    (snapshot / "model.safetensors").unlink()

    def finish(options: dict[str, Any]) -> Path:
        shutil.copyfile(saved / "model.safetensors", snapshot / "model.safetensors")
        return snapshot

    asked = online(finish)
    assert model(download=True).folder() == snapshot
    assert len(asked) == 1


def test_a_repository_without_safetensors_is_told(saved: Path, hub: Path, online: Any):
    def serve(options: dict[str, Any]) -> Path:
        snapshot = fill(hub, saved)
        (snapshot / "model.safetensors").unlink()
        return snapshot

    online(serve)
    with pytest.raises(UserError, match=r"has no model\.safetensors"):
        model(download=True).identity()


def failing(kind: type[Exception]) -> Callable[[dict[str, Any]], Path]:
    import httpx2

    def serve(options: dict[str, Any]) -> Path:
        response = httpx2.Response(403, request=httpx2.Request("GET", "https://hub.invalid/x"))
        raise kind("refused\nwith details", response=response)

    return serve


@pytest.mark.parametrize(
    ("kind", "message", "hint"),
    [
        (errors.GatedRepoError, "is gated: .* accepted its licence", "set HF_TOKEN to a token"),
        (errors.RepositoryNotFoundError, "the hub has no model some-org/tiny-llama, or it is private", "check `repo`"),
        (errors.RevisionNotFoundError, "has no revision v9", "commit, tag or branch"),
        (errors.HfHubHTTPError, "the download of some-org/tiny-llama failed: refused$", "later"),
    ],
)
def test_what_the_hub_refuses_is_explained(hub: Path, online: Any, kind: type[Exception], message: str, hint: str):
    online(failing(kind))
    error = missing(download=True, revision="v9")
    assert re.search(message, error.message)
    assert hint in error.hint


def test_a_token_that_is_not_accepted_is_told_from_none(hub: Path, online: Any, monkeypatch: pytest.MonkeyPatch):
    online(failing(errors.GatedRepoError))
    assert "(HF_TOKEN is not set)" in missing(download=True).message
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    error = missing(download=True)
    assert "(the one in HF_TOKEN was not accepted)" in error.message
    assert "hf_secret" not in str(error)


def test_without_a_connection_it_says_so(hub: Path):
    error = missing(download=True)
    assert "the hub cannot be reached" in error.message
    assert f"hf download {REPO}" in error.hint


def test_a_full_disk_is_explained(hub: Path, online: Any):
    def full(options: dict[str, Any]) -> Path:
        raise OSError(28, "No space left on device")

    online(full)
    error = missing(download=True)
    assert "No space left on device" in error.message
    assert "HF_HOME" in error.hint


def test_a_name_that_cannot_be_one_is_refused(hub: Path):
    with pytest.raises(UserError, match="is not a repository name"):
        HubModel(huggingface_model(HuggingFaceOptions(repo="a/b/c")).options).identity()

"""A model of the Hugging Face hub, out of the hub's local cache."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from langgeo_core.api import Absence, ModelIdentity, UnavailableError, UserError
from langgeo_hf.digests import notice
from langgeo_hf.folder import IDENTIFYING, FolderModel, folder_sha256
from langgeo_hf.options import FolderOptions
from langgeo_hf.weights import weight_files

WANTED = ["*.safetensors", "*.safetensors.index.json", *IDENTIFYING]
UNWANTED = ["*/*", "consolidated*"]
"""Copies of the weights in other formats that some repositories hold."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


class HubModel(FolderModel):
    """A repository of the hub, named by the `path` of its options.

    Parameters
    ----------
    download : whether to fetch what the hub's cache lacks; nothing that is there is fetched again
    """

    def __init__(self, options: FolderOptions, download: bool = False) -> None:
        super().__init__(options)
        self.download = download

    def folder(self) -> Path:
        """The snapshot in the hub's cache; raises UserError where it is not there or not whole."""
        return self._snapshot

    def identity(self) -> ModelIdentity:
        """Hashes the files. The revision is the commit that the hub gave the snapshot."""
        folder = self.folder()
        commit = folder.name if _COMMIT.fullmatch(folder.name) else "unpinned"
        repo = self.options.path
        return ModelIdentity(repo, folder_sha256(folder), commit, self.options.licence, f"Hugging Face hub: {repo}")

    def check(self) -> None:
        """Raises UserError where the hub's cache lacks the model, and it is not to be downloaded."""
        if not self.download:
            self.folder()

    def absent(self) -> Absence | None:
        """Where the hub's cache lacks the model, what to type; downloads nothing."""
        repo, reference = self.options.path, _reference(self.options.revision)
        if _cached(repo, reference):
            return None
        missing = _not_here(repo, reference)
        return Absence(missing.message, missing.hint, comes=self.download)

    def here(self) -> Path | None:
        """The snapshot where it is in the hub's cache; downloads nothing."""
        return _cached(self.options.path, _reference(self.options.revision))

    @cached_property
    def _snapshot(self) -> Path:
        return snapshot(self.options.path, self.options.revision, self.download)


def snapshot(repo: str, revision: str = "unpinned", download: bool = False) -> Path:
    """The folder of a repository's commit in the hub's cache.

    Parameters
    ----------
    revision : a commit, tag or branch; `unpinned` for the branch main
    download : whether to fetch what is not there, with the token that the environment's `HF_TOKEN` holds

    Raises
    ------
    UnavailableError
        If it is not in the cache, or not whole, and is not to be downloaded.
    UserError
        If it cannot be downloaded.
    """
    reference = _reference(revision)
    folder = _cached(repo, reference)
    if folder is None and download:
        folder = _downloaded(repo, reference)
    if folder is None:
        raise _not_here(repo, reference)
    return folder


def _reference(revision: str) -> str | None:
    return None if revision == "unpinned" else revision


def _not_here(repo: str, reference: str | None) -> UnavailableError:
    return UnavailableError(
        f"{repo} ({reference or 'main'}) is not in the hub's cache at {_cache()}, or only a part of it",
        f"type: {_command(repo, reference)} (or set `download: true` for it: nothing is downloaded unasked)",
    )


def _cached(repo: str, revision: str | None) -> Path | None:
    """The snapshot if all of it is there."""
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        with _explained(repo, revision):
            folder = huggingface_hub.snapshot_download(
                repo, revision=revision, local_files_only=True, allow_patterns=WANTED, ignore_patterns=UNWANTED
            )
    except LocalEntryNotFoundError:
        return None
    return Path(folder) if _is_whole(Path(folder)) else None


def _is_whole(folder: Path) -> bool:
    """Whether config and weights are there: other programs leave snapshots of a file or two."""
    if not (folder / "config.json").is_file():
        return False
    try:
        weight_files(folder)
    except UserError:
        return False
    return True


def _downloaded(repo: str, revision: str | None) -> Path:
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    notice.info("downloading %s (%s) to %s", repo, revision or "main", _cache())
    try:
        with _explained(repo, revision):
            folder = Path(
                huggingface_hub.snapshot_download(
                    repo, revision=revision, allow_patterns=WANTED, ignore_patterns=UNWANTED
                )
            )
    except LocalEntryNotFoundError as failure:
        raise UserError(
            f"{repo} is not in the hub's cache and the hub cannot be reached: {_cause(failure)}",
            f"type where there is a connection: {_command(repo, revision)} (and copy its {_cache().name} folder here); "
            "HF_HUB_OFFLINE=1 forbids every connection",
        ) from failure
    if not _is_whole(folder):
        weight_files(folder)
        raise UserError(f"{repo} has no config.json", "langgeo reads models of transformers only")
    return folder


@contextmanager
def _explained(repo: str, revision: str | None) -> Iterator[None]:
    """What the hub refuses, with what to do; that something is not in the cache is left to the caller."""
    from huggingface_hub import errors

    token = "the one in HF_TOKEN was not accepted" if os.environ.get("HF_TOKEN") else "HF_TOKEN is not set"
    try:
        yield
    except errors.GatedRepoError as failure:
        raise UserError(
            f"{repo} is gated: the hub gives it to accounts that have accepted its licence ({token})",
            "accept the licence on the model's page, and set HF_TOKEN to a token that may read gated repositories",
        ) from failure
    except errors.RevisionNotFoundError as failure:
        raise UserError(f"{repo} has no revision {revision}", "name a commit, tag or branch it has") from failure
    except errors.RepositoryNotFoundError as failure:
        raise UserError(
            f"the hub has no {repo}, or it is private ({token})",
            "check `repo`; for a private one set HF_TOKEN to a token that may read it",
        ) from failure
    except errors.HFValidationError as failure:
        raise UserError(f"{repo!r} is no name of a repository", "write `organisation/name`") from failure
    except errors.LocalEntryNotFoundError:
        raise
    except errors.HfHubHTTPError as failure:
        raise UserError(f"the hub did not give {repo}: {_cause(failure)}", "try again later") from failure
    except OSError as failure:
        raise UserError(
            f"{repo} cannot be kept in {_cache()}: {failure}", "free some space, or set HF_HOME"
        ) from failure


def _cause(failure: BaseException) -> str:
    """The innermost reason, in one line."""
    while failure.__cause__ is not None:
        failure = failure.__cause__
    return str(failure).strip().partition("\n")[0]


def _cache() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _command(repo: str, revision: str | None) -> str:
    return f"hf download {repo}" + (f" --revision {revision}" if revision else "")

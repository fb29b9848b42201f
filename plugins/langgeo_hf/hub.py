"""A model of the Hugging Face hub, read from the hub's local cache."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from langgeo_core.api import Absence, ModelIdentity, UnavailableError, UserError
from langgeo_hf.digests import notice
from langgeo_hf.folder import IDENTIFYING, FolderModel
from langgeo_hf.options import FolderOptions
from langgeo_hf.weights import weight_files

WANTED = ["*.safetensors", "*.safetensors.index.json", *IDENTIFYING]
UNWANTED = ["*/*", "consolidated*"]
"""Copies of the weights in other formats, which some repositories have."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


class HubModel(FolderModel):
    """A repository of the hub; its name is the `path` of the options.

    Parameters
    ----------
    download : whether to download files that are missing in the hub's cache
    """

    def __init__(self, options: FolderOptions, download: bool = False) -> None:
        super().__init__(options)
        self.download = download

    def folder(self) -> Path:
        """The snapshot in the hub's cache; raises UserError if it is missing or incomplete."""
        return self._snapshot

    def identity(self) -> ModelIdentity:
        """Hashes the files. The revision is the commit of the snapshot."""
        folder = self.folder()
        commit = folder.name if _COMMIT.fullmatch(folder.name) else "unpinned"
        repo = self.options.path
        return ModelIdentity(repo, self.sha256(), commit, self.options.licence, f"Hugging Face hub: {repo}")

    def check(self) -> None:
        """Raises UserError if the hub's cache lacks the model and `download` is off."""
        if not self.download:
            super().check()

    def absent(self) -> Absence | None:
        """If the hub's cache lacks the model, how to get it; downloads nothing."""
        repo, reference = self.options.path, _reference(self.options.revision)
        if _cached(repo, reference):
            return None
        missing = _not_here(repo, reference)
        return Absence(missing.message, missing.hint, comes=self.download)

    def here(self) -> Path | None:
        """The snapshot if it is in the hub's cache, else None; downloads nothing."""
        return _cached(self.options.path, _reference(self.options.revision))

    @cached_property
    def _snapshot(self) -> Path:
        return snapshot(self.options.path, self.options.revision, self.download)


def snapshot(repo: str, revision: str = "unpinned", download: bool = False) -> Path:
    """The folder of a repository's commit in the hub's cache.

    Parameters
    ----------
    revision : a commit, tag or branch; `unpinned` means the branch main
    download : whether to download missing files, with the token in the environment variable `HF_TOKEN`

    Raises
    ------
    UnavailableError
        If it is missing or incomplete in the cache, and `download` is off.
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
        f"{repo} ({reference or 'main'}) is missing or incomplete in the hub's cache at {_cache()}",
        f"type: {_command(repo, reference)} (or set `download: true`)",
    )


def _cached(repo: str, revision: str | None) -> Path | None:
    """The snapshot if it is complete, else None."""
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
    """Whether config and weights exist: other programs leave snapshots of one or two files."""
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
            f"with a connection type: {_command(repo, revision)} (and copy its {_cache().name} folder here); "
            "HF_HUB_OFFLINE=1 disables all connections",
        ) from failure
    if not _is_whole(folder):
        weight_files(folder)
        raise UserError(f"{repo} has no config.json", "only models of transformers are supported")
    return folder


@contextmanager
def _explained(repo: str, revision: str | None) -> Iterator[None]:
    """Turn errors of the hub into a UserError with what to do; a missing cache entry is left to the caller."""
    from huggingface_hub import errors

    token = "the one in HF_TOKEN was not accepted" if os.environ.get("HF_TOKEN") else "HF_TOKEN is not set"
    try:
        yield
    except errors.GatedRepoError as failure:
        raise UserError(
            f"{repo} is gated: only accounts that have accepted its licence can download it ({token})",
            "accept the licence on the model's page, and set HF_TOKEN to a token with access to gated repositories",
        ) from failure
    except errors.RevisionNotFoundError as failure:
        raise UserError(f"{repo} has no revision {revision}", "use an existing commit, tag or branch") from failure
    except errors.RepositoryNotFoundError as failure:
        raise UserError(
            f"the hub has no model {repo}, or it is private ({token})",
            "check `repo`; for a private model set HF_TOKEN to a token with access to it",
        ) from failure
    except errors.HFValidationError as failure:
        raise UserError(f"{repo!r} is not a repository name", "write `organisation/name`") from failure
    except errors.LocalEntryNotFoundError:
        raise
    except errors.HfHubHTTPError as failure:
        raise UserError(f"the download of {repo} failed: {_cause(failure)}", "try again later") from failure
    except OSError as failure:
        raise UserError(
            f"{repo} cannot be written to {_cache()}: {failure}", "free some space, or set HF_HOME to another folder"
        ) from failure


def _cause(failure: BaseException) -> str:
    """The original cause, in one line."""
    while failure.__cause__ is not None:
        failure = failure.__cause__
    return str(failure).strip().partition("\n")[0]


def _cache() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _command(repo: str, revision: str | None) -> str:
    return f"hf download {repo}" + (f" --revision {revision}" if revision else "")

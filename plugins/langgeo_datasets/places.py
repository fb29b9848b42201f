"""The files of a data set: in a folder, in the hub's local cache, or on the hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from langgeo_core.api import UserError

SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz", ".txt", ".txt.gz")


@dataclass(frozen=True)
class Place:
    """The files of one language.

    Parameters
    ----------
    files : paths, or addresses beginning with `hf://`, in alphabetical order
    stamp : changes when the files change: the hub's commit, or sizes and times
    """

    files: tuple[str, ...]
    stamp: str


def in_folder(folder: Path, pattern: str) -> Place | None:
    """The files in a folder that match a pattern; None if there are none.

    Raises
    ------
    UserError
        If one is a link to nothing, as an interrupted download leaves them.
    """
    found = sorted(file for file in folder.glob(pattern) if file.name.endswith(SUFFIXES) and not file.is_dir())
    visible = [file for file in found if not file.name.startswith(".")]
    if broken := next((file for file in visible if not file.exists()), None):
        raise UserError(
            f"{broken} is a link to a file that does not exist", "download the data set again, or remove it"
        )
    return Place(tuple(map(str, visible)), "".join(map(_stamp, visible))) if visible else None


def _stamp(file: Path) -> str:
    status = file.stat()
    return f"{file.name} {status.st_size} {status.st_mtime_ns}\n"


def snapshot(repo: str, revision: str | None) -> Path | None:
    """The folder of a data set's commit in the hub's cache, possibly incomplete; None if there is none."""
    from huggingface_hub.constants import HF_HUB_CACHE

    home = Path(HF_HUB_CACHE) / f"datasets--{repo.replace('/', '--')}"
    reference = home / "refs" / (revision or "main")
    commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else revision
    folder = home / "snapshots" / (commit or "main")
    return folder if folder.is_dir() else None


def on_hub(repo: str, revision: str | None, pattern: str) -> Place | None:
    """The files on the hub that match a pattern, at the current commit; None if there are none.

    Raises
    ------
    UserError
        If the hub cannot be reached or denies access.
    """
    from huggingface_hub import HfApi, HfFileSystem

    with hub_errors(repo, revision):
        commit = HfApi().dataset_info(repo, revision=revision).sha or "main"
        found: Sequence[str] = sorted(HfFileSystem().glob(f"datasets/{repo}@{commit}/{pattern}"))
    files = tuple(f"hf://{name}" for name in found if name.endswith(SUFFIXES))
    return Place(files, commit) if files else None


@contextmanager
def hub_errors(repo: str, revision: str | None) -> Iterator[None]:
    """Turn errors of the hub into a UserError with what to do."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as failure:
        hint = "accept its terms on the data set's page, and set HF_TOKEN to a token with access to gated repositories"
        raise UserError(f"{repo} is gated: only accounts that have accepted its terms can read it", hint) from failure
    except errors.RevisionNotFoundError as failure:
        raise UserError(f"{repo} has no revision {revision}", "use an existing commit, tag or branch") from failure
    except errors.RepositoryNotFoundError as failure:
        hint = "check `repo`; for a private one set HF_TOKEN to a token with access to it"
        raise UserError(f"the hub has no data set {repo}, or it is private", hint) from failure
    except errors.HFValidationError as failure:
        raise UserError(f"{repo!r} is not a data set name", "write `organisation/name`") from failure
    except _transport_errors() as failure:
        hint = "check the connection and HF_HUB_OFFLINE, or set `path` to a folder with the data set"
        raise UserError(f"{repo} cannot be read from the hub: {_first_line(failure)}", hint) from failure


def _transport_errors() -> tuple[type[Exception], ...]:
    """Errors of the system, and of the HTTP client that the hub's library uses."""
    from huggingface_hub.errors import HfHubHTTPError

    return (OSError, *(base for base in HfHubHTTPError.__bases__ if issubclass(base, Exception)))


def _first_line(failure: BaseException) -> str:
    return str(failure).strip().partition("\n")[0]

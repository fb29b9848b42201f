"""What a shell is offered for the word that is being typed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from langgeo_core.api import bundled_catalog, installed
from langgeo_core.cli import COMMANDS, cli
from langgeo_core.config.catalog import bundled_configs
from langgeo_core.contract.records import KINDS


def offered(*words: str) -> list[str]:
    """What is offered for the last word."""
    *before, word = words
    found = ShellComplete(cli, {}, "langgeo", "_LANGGEO_COMPLETE").get_completions(list(before), word)
    return [item.value for item in found if item.type == "plain"]


def test_commands() -> None:
    assert offered("") == [*COMMANDS, *(name for name in installed().names("commands") if name not in COMMANDS)]
    assert sorted(offered("pl")) == ["plan", "plugins"]


@pytest.mark.parametrize("command", ["run", "ablate", "plan", "validate"])
def test_configs_are_bundled_names_or_files(command: str) -> None:
    assert offered(command, "") == list(bundled_configs())
    assert offered(command, "starter-") == ["starter-small", "starter-study"]
    (files,) = [
        item for item in ShellComplete(cli, {}, "langgeo", "X").get_completions([command], "my") if item.type == "file"
    ]
    assert files.value == "my"


def test_kinds_in_plural_for_list_and_singular_for_show() -> None:
    assert offered("list", "") == [*KINDS, "language-sets", "configs"]
    assert offered("show", "lang") == ["language-set"]
    assert "scorer" in offered("show", "")


def test_names_of_the_kind_before() -> None:
    assert offered("show", "scorer", "") == installed().names("scorers")
    assert offered("show", "language-set", "bant") == ["bantu"]
    assert offered("show", "nonsense", "") == []


def test_keys_of_a_config() -> None:
    expected = {"calibration.dtype=", "calibration.damping=", "calibration.device="}
    assert set(offered("run", "starter", "calibration.d")) == expected
    assert "scorer=" in offered("ablate", "starter", "seed=1", "")
    assert offered("run", "starter", "scorer.d") == ["scorer.diagonal="]
    assert "clusterers.kmeans.k=" in offered("run", "starter", "clusterers.")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("scorer=spa", ["scorer=sparsegpt"]),
        ("scorer=wanda,spa", ["scorer=wanda,sparsegpt"]),
        ("corpora=[udhr,text", ["corpora=[udhr,text-folder"]),
        ("corpora=[udhr, text", ["corpora=[udhr, text-folder"]),
        ("calibration.dtype=b", ["calibration.dtype=bfloat16"]),
        ("calibration.bos=", ["calibration.bos=true", "calibration.bos=false"]),
        ("scorer.diagonal=", ["scorer.diagonal=inverse", "scorer.diagonal=cholesky"]),
        ("nonsense=", []),
        ("clusterers.kmeans.k=", ["clusterers.kmeans.k=classes"]),
    ],
)
def test_values_behind_a_key(word: str, expected: list[str]) -> None:
    assert offered("run", "starter", word) == expected


def test_exporters_and_their_options() -> None:
    assert offered("export", ".", "--format", "") == installed().names("exporters")
    words = ("export", ".", "--format", "phylip")
    assert offered(*words, "") == ["names=", "layout=", "triangle="]
    assert offered(*words, "layout=") == ["layout=relaxed", "layout=strict"]
    assert offered(*words, "names", "=", "g") == ["glottocode"]
    assert offered("export", ".", "--format", "csv", "header=t") == ["header=true"]
    assert offered("export", ".", "--format", "nonsense", "") == []


def test_packaged_spaces_where_a_space_is_asked_for() -> None:
    for words in (("distance", "deu", "nld", "--space"), ("compare",), ("compare", "letters"), ("map",)):
        assert offered(*words, "be") == ["best"]
    assert "starter-small" in offered("evaluate", "x.csv", "--config", "")


def test_language_sets_and_all() -> None:
    assert offered("run", "starter", "languages=") == [
        f"languages={name}" for name in ("all", *bundled_catalog().language_sets)
    ]


def test_bash_takes_key_and_value_apart() -> None:
    assert offered("run", "starter", "scorer", "=", "spa") == ["sparsegpt"]
    assert offered("run", "starter", "scorer", "=") == installed().names("scorers")


def test_a_registry_of_ones_own(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "mine.yaml"
    file.write_text("language_sets: {nordic: [dan, isl]}\n")
    assert offered("--registry", str(file), "run", "starter", "languages=nor") == ["languages=nordic"]
    file.write_text("language_sets: [")
    assert offered("--registry", str(file), "run", "starter", "languages=nor") == []


def test_a_command_that_does_not_exist_offers_no_traceback() -> None:
    environment = {**os.environ, "_LANGGEO_COMPLETE": "bash_complete", "COMP_WORDS": "langgeo lst ", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "langgeo_core"], capture_output=True, text=True, check=False, env=environment
    )
    assert "Traceback" not in done.stderr


ASKED = """
import os, sys
os.environ.update(_LANGGEO_COMPLETE="zsh_complete", COMP_WORDS="langgeo run starter scorer=s", COMP_CWORD="3")
from langgeo_core.cli import main
try:
    main([])
except SystemExit:
    print(*sorted({"torch", "transformers", "sklearn", "scipy", "pandas"} & set(sys.modules)))
"""


def test_completing_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert "scorer=sparsegpt" in lines
    assert lines[-1] == ""

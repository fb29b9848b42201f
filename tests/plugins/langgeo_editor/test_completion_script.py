"""`langgeo completion`: the script that makes a shell ask."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_run import Langgeo


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o nosort -F"), ("zsh", "#compdef langgeo"), ("fish", "complete --no-files")]
)
def test_the_script_of_a_shell(langgeo: Langgeo, shell: str, sign: str) -> None:
    script = langgeo("completion", shell).out
    assert sign in script
    assert f"_LANGGEO_COMPLETE={shell}_complete" in script


def test_bash_reads_the_script_and_completes(langgeo: Langgeo) -> None:
    script = langgeo("completion", "bash").out
    ask = "COMP_WORDS=(langgeo show scorer sp) COMP_CWORD=3; _langgeo_completion langgeo; echo ${COMPREPLY[@]}"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}"], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split() == ["sparsegpt"]

"""Made-up input by seeded mutation of good input, and a hook that gives one process many of them."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from tally import MOST_SECONDS, count

ODD = [
    *(
        "\0",
        "\r",
        "\t",
        "\u2028",
        "\u202e",
        "\ufeff",
        "é",
        "語",
        "{",
        "}",
        "[",
        "]",
        "[[[[[[[[",
        "{{{{{{{{",
        "(",
        ")",
        ",",
        ";",
        ":",
    ),
    *(
        ": ",
        "- ",
        "#",
        "'",
        '"',
        "\\",
        "/",
        "../",
        "~",
        "*",
        "&a ",
        "*a",
        "!!python/object:os.system ",
        "!!binary ",
        "<<: ",
        "|",
    ),
    *(
        ">",
        "%",
        "@",
        "`",
        "$HOME",
        "${x}",
        "{% x %}",
        "<b>",
        "null",
        "true",
        "yes",
        "NaN",
        "inf",
        "-inf",
        "1e999",
        "-1",
        "0",
    ),
    *(
        "1e-400",
        "0x10",
        "1_000",
        "99999999999999999999",
        "-0.0",
        "٣",
        "½",
        "deu",
        "German",
        "all",
        "=",
        "==",
        ".",
        "..",
    ),
    *("\x1b[31m", "\x7f", "\x85", "\u0301", "\u200b"),
]
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        -1,
        0,
        1,
        3,
        2**31,
        2**63,
        1e300,
        -1e-300,
        float("nan"),
        float("inf"),
        "",
        "x",
        "yarn",
        "\0",
        "é" * 50,
    ),
    *([], [1], {}, {"a": 1}, [[]], [None], "null", "bfloat16", "../x", "auto", [0.5, "b"]),
]


def mutate(content: bytes, source: random.Random) -> bytes:
    """One to four changes: bytes, words, lines, numbers."""
    for _ in range(source.choice((1, 1, 2, 4))):
        place = source.randrange(len(content) + 1)
        end = min(len(content), place + source.choice((1, 1, 2, 8, 40)))
        odd = source.choice(ODD).encode()
        kind = source.randrange(10)
        if kind == 0 and place < len(content):
            content = content[:place] + bytes([source.randrange(256)]) + content[place + 1 :]
        elif kind == 1:
            content = content[:place] + content[end:]
        elif kind == 2:
            content = content[:end] + content[place:]
        elif kind in (3, 4):
            content = content[:place] + odd + content[place:]
        elif kind == 5:
            content = content[:place] + odd * source.choice((10, 1000)) + content[place:]
        elif kind == 6:
            content = content[:place]
        elif kind == 7:
            content = _swap(content, rb"[\w.]+", odd, source)
        elif kind == 8:
            content = _swap(content, rb"-?\d+(\.\d+)?", odd, source)
        else:
            lines = content.splitlines(keepends=True)
            source.shuffle(lines)
            content = b"".join(lines[: source.randrange(len(lines) + 1)]) if source.random() < 0.5 else b"".join(lines)
    return content


def _swap(content: bytes, pattern: bytes, odd: bytes, source: random.Random) -> bytes:
    """A word becomes another of the same text, or an odd one."""
    found = list(re.finditer(pattern, content))
    if not found:
        return content
    chosen = source.choice(found)
    other = odd if source.random() < 0.6 else source.choice(found).group()
    return content[: chosen.start()] + other + content[chosen.end() :]


def mutate_json(content: bytes, source: random.Random) -> bytes:
    """A value is another, is gone, or stands twice; now and then bytes are changed too."""
    tree = json.loads(content)
    for _ in range(source.choice((1, 1, 2, 3))):
        places: list[tuple[Any, Any]] = []

        def walk(node: Any, places: list[tuple[Any, Any]] = places) -> None:
            for key in list(node) if isinstance(node, dict) else range(min(len(node), 20)):
                places.append((node, key))
                if isinstance(node[key], dict | list):
                    walk(node[key])

        walk(tree)
        if not places:
            break
        node, key = source.choice(places)
        if source.random() < 0.2:
            del node[key]
        else:
            node[key] = source.choice(VALUES)
    written = json.dumps(tree).encode()
    return mutate(written, source) if source.random() < 0.1 else written


class Hangs(BaseException):
    """A command that took too long."""


def many(
    kind: str, make: Callable[[random.Random, Path], list[str]], seed: int, times: int, place: str, file: str
) -> None:
    """Hook: run many commands made by `make(source, folder)` in this process, count them, write what went wrong."""
    from langgeo_core.cli import _exit_code

    def stop(*_: object) -> None:
        raise Hangs

    signal.signal(signal.SIGALRM, stop)
    folder, known = Path(place), set[str]()
    with open(file, "w", encoding="utf-8") as wrong:
        for number in range(seed, seed + times):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            words = make(random.Random(number), folder)
            printed, began, code, verdict = StringIO(), time.process_time(), -1, ""
            signal.alarm(30)
            try:
                with redirect_stdout(printed), redirect_stderr(printed):
                    code = _exit_code(words)
            except Hangs:
                verdict = "hang"
            except BaseException:
                printed.write(traceback.format_exc())
                verdict = "foreign exception"
            signal.alarm(0)
            told = printed.getvalue()
            if not verdict:
                over = time.process_time() - began > MOST_SECONDS
                one_message = code == 0 or told.lower().count("error: ") >= 1
                good = code in (0, 1, 2) and one_message and "please report it" not in told
                verdict = "hang" if over else "foreign exception" if not good else "noticed" if code else "identical"
            count(f"made-up {kind}", verdict, str(number))
            seen = re.sub(r"[0-9]+", "0", told[-160:])
            if verdict not in ("noticed", "identical") and seen not in known:  # each mistake once
                known.add(seen)
                wrong.write(f"seed {number} {verdict}, exit code {code}: {words}\n{told[-900:]}\n\n")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)

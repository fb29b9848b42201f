"""Packages of others, as pip installs them: clashing names, faults, and what `langgeo plugins` says of each."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from installed_packages import install, langgeo_with
from tiny_run import Finished, record_of

SCORER = """
from langgeo_core.hooks import hookimpl, records

class Power:
    def feature_scores(self, statistics):
        return (statistics.gram_diagonal + statistics.damping) ** {power}

@hookimpl
def langgeo_scorers():
    yield records.Scorer("{name}", "{summary}.", "{module}:Power", statistics=("gram_diagonal",))
"""
HOOK = """
from langgeo_core.hooks import hookimpl, records

@hookimpl
def {hook}():
    {body}
"""
FAULTS = {
    "lacks-a-library": (
        "import a_library_that_nobody_has",
        "ModuleNotFoundError: No module named 'a_library_that_nobody_has'",
    ),
    "misspelt": (
        HOOK.format(hook="langgeo_scorrers", body='yield records.Scorer("x", "X.", "x:X")'),
        "there is no hook langgeo_scorrers; did you mean 'langgeo_scorers'?",
    ),
    "wrong-record": (
        HOOK.format(hook="langgeo_scorers", body='yield records.Distance("x", "X.", "x:X")'),
        "TypeError: langgeo_scorers must yield Scorer records, got Distance(name='x'",
    ),
    "no-record": (
        HOOK.format(hook="langgeo_scorers", body='yield "x"'),
        "TypeError: langgeo_scorers must yield Scorer records, got 'x'",
    ),
    "returns-it": (
        HOOK.format(hook="langgeo_scorers", body='return records.Scorer("x", "X.", "x:X")'),
        "TypeError: langgeo_scorers returns the record 'x'; it must yield it",
    ),
}
LANGGEO = f"langgeo {version('langgeo')}"


def scorer(site: Path, distribution: str, name: str, power: int = 1, number: str = "1.0") -> None:
    module = distribution.replace("-", "_")
    source = SCORER.format(name=name, power=power, module=module, summary=f"The one of {distribution}")
    install(site, distribution, source, number)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


def test_two_packages_that_claim_a_name_are_both_named_where_it_is_used(site: Path, tiny_config: Path) -> None:
    scorer(site, "first-idea", "shared", number="1.2")
    scorer(site, "second-idea", "shared", number="3.4")
    for words in (("validate", tiny_config, "scorer=shared"), ("show", "scorer", "shared")):
        outcome = langgeo_with(site, *words)
        assert outcome.code == 2
        assert "the name 'shared' of scorers is claimed by first-idea 1.2 and second-idea 3.4" in outcome.err
        assert "write `first-idea:shared` or `second-idea:shared`" in outcome.err
        assert "Traceback" not in outcome.err


@pytest.mark.parametrize("spelling", ["first-idea", "First_Idea"])
def test_the_distribution_before_the_name_settles_it(site: Path, tiny_config: Path, spelling: str) -> None:
    scorer(site, "first-idea", "shared")
    scorer(site, "second-idea", "shared")
    assert "The one of first-idea." in langgeo_with(site, "show", "scorer", f"{spelling}:shared").out
    assert langgeo_with(site, "validate", tiny_config, f"scorer={spelling}:shared").code == 0


def test_a_name_of_langgeo_s_own_can_be_claimed_and_is_then_told_apart(
    site: Path, own_run: Finished, tmp_path: Path
) -> None:
    scorer(site, "rival", "wanda", power=3)
    refused = langgeo_with(site, "validate", own_run.config, "scorer=wanda")
    assert refused.code == 2
    assert "is claimed by" in refused.err
    assert {LANGGEO, "rival 1.0"} <= set(refused.err.partition("is claimed by ")[2].splitlines()[0].split(" and "))
    out = tmp_path / "with-rival"
    words = ("-q", "run", own_run.config, "scorer=rival:wanda", "exporters=[mst]", "--out", out)
    assert langgeo_with(site, *words, cache=own_run.cache).code == 0
    (recorded,) = record_of(out)["components"]["scorers"]
    assert (recorded["component"], recorded["distribution"], recorded["version"]) == ("wanda", "rival", "1.0")
    assert record_of(out)["cells_calibrated"] == 0
    assert "rival:wanda" in (out / "config.yaml").read_text(encoding="utf-8")


def test_a_clash_harms_nobody_who_does_not_use_the_name(site: Path, tiny_config: Path) -> None:
    scorer(site, "first-idea", "shared")
    scorer(site, "second-idea", "shared")
    outcome = langgeo_with(site, "validate", tiny_config, "scorer=wanda")
    assert (outcome.code, outcome.err) == (0, "")


def test_listings_warn_of_a_clash(site: Path) -> None:
    scorer(site, "first-idea", "shared")
    scorer(site, "second-idea", "shared")
    for words in (("list", "scorers"), ("plugins",)):
        outcome = langgeo_with(site, *words)
        assert outcome.code == 0
        assert outcome.err == "warning: the name 'shared' of scorers is claimed by first-idea 1.0 and second-idea 1.0\n"
    lines = [line for line in langgeo_with(site, "list", "scorers").out.splitlines() if "shared" in line]
    assert ["The one of first-idea." in line for line in lines] == [True, False]
    assert ["The one of second-idea." in line for line in lines] == [False, True]


@pytest.mark.parametrize("distribution", FAULTS)
def test_a_faulty_package_is_warned_of_and_the_rest_works(site: Path, distribution: str) -> None:
    source, reason = FAULTS[distribution]
    module = install(site, distribution, source)
    scorer(site, "sound", "sound")
    outcome = langgeo_with(site, "list", "scorers")
    assert outcome.code == 0
    (warning,) = outcome.err.splitlines()
    assert warning.startswith(f"warning: plugin {module} of {distribution} 1.0 is left out: {reason}")
    assert "update or uninstall it" in warning
    assert "The one of sound." in outcome.out
    assert "sparsegpt" in outcome.out


def plugins(site: Path) -> dict[str, dict[str, Any]]:
    rows = json.loads(langgeo_with(site, "plugins", "--json").out)
    return {row["distribution"]: row for row in rows if row["distribution"] != "langgeo"}


def test_plugins_tells_what_each_is_and_why_it_failed(site: Path) -> None:
    for distribution, (source, _) in FAULTS.items():
        install(site, distribution, source, "2.5")
    scorer(site, "sound", "mine", number="0.3")
    found = plugins(site)
    assert set(found) == {*FAULTS, "sound"}
    for distribution, (_, reason) in FAULTS.items():
        row = found[distribution]
        assert row["error"].startswith(reason)
        assert (row["status"], row["version"], row["components"]) == ("failed", "2.5", {})
        assert row["plugin"] == row["module"] == distribution.replace("-", "_")
    sound = found["sound"]
    assert (sound["status"], sound["version"], sound["error"]) == ("ok", "0.3", "")
    assert sound["components"] == {"scorers": ["mine"]}
    assert sound["seconds"] > 0


def test_plugins_has_a_line_for_each(site: Path) -> None:
    install(site, "lacks-a-library", FAULTS["lacks-a-library"][0])
    install(site, "empty", "")
    scorer(site, "sound", "mine")
    outcome = langgeo_with(site, "plugins")
    lines = {line.split()[0]: line.split(maxsplit=6) for line in outcome.out.splitlines()}
    assert outcome.code == 0
    assert lines["lacks_a_library"][1:4] == ["lacks-a-library", "1.0", "0"]
    assert lines["lacks_a_library"][6] == f"FAILED: {FAULTS['lacks-a-library'][1]}"
    assert lines["empty"][3:4] + lines["empty"][6:] == ["0", "ok, registers nothing"]
    assert lines["sound"][3:4] + lines["sound"][6:] == ["1", "ok"]
    assert lines["langgeo_scorers"][1:3] == LANGGEO.split()


def test_the_traceback_is_there_for_who_asks(site: Path) -> None:
    install(site, "lacks-a-library", "import json\nimport a_library_that_nobody_has")
    assert "Traceback" not in langgeo_with(site, "plugins").err
    shown = langgeo_with(site, "plugins", "--trace").err
    assert 'lacks_a_library.py", line 2' in shown
    assert "Traceback" in shown


def test_a_config_that_wants_a_plugin_that_failed_gets_the_warning_and_the_known_names(
    site: Path, tiny_config: Path
) -> None:
    install(site, "misspelt", FAULTS["misspelt"][0])
    outcome = langgeo_with(site, "validate", tiny_config, "scorer=x")
    assert outcome.code == 2
    assert "did you mean 'langgeo_scorers'?" in outcome.err
    assert "known" in outcome.err
    assert "sparsegpt" in outcome.err


COMMAND = """
import click
from langgeo_core.hooks import hookimpl, records

@click.command("{name}")
def said():
    click.echo("{words}")

@hookimpl
def langgeo_commands():
    yield records.Command("{name}", "Say {words}.", "{reference}")
"""


def command(site: Path, distribution: str, name: str, reference: str = "") -> None:
    module = distribution.replace("-", "_")
    words = f"hello from {distribution}"
    install(site, distribution, COMMAND.format(name=name, words=words, reference=reference or f"{module}:said"))


def test_two_packages_with_a_command_of_one_name_are_both_named_and_both_can_be_called(site: Path) -> None:
    command(site, "first-idea", "shared")
    command(site, "second-idea", "shared")
    helped = langgeo_with(site, "--help").out
    assert "Commands of first-idea 1.0:\n  first-idea:shared  Say hello from first-idea." in helped
    assert "Commands of second-idea 1.0:\n  second-idea:shared  Say hello from second-idea." in helped
    refused = langgeo_with(site, "shared")
    assert refused.code == 2
    assert "the name 'shared' of commands is claimed by first-idea 1.0 and second-idea 1.0" in refused.err
    assert "write `first-idea:shared` or `second-idea:shared`" in refused.err
    assert langgeo_with(site, "second-idea:shared").out == "hello from second-idea\n"


def test_a_command_that_cannot_be_imported_ends_with_one_message_and_the_rest_works(site: Path) -> None:
    command(site, "broken-idea", "broken", "no_such_module:command")
    command(site, "sound-idea", "sound")
    assert langgeo_with(site, "--help").code == 0
    refused = langgeo_with(site, "broken")
    assert (refused.code, refused.out) == (2, "")
    assert "the command broken cannot be imported: ModuleNotFoundError: No module named 'no_such_module'" in refused.err
    assert "broken_idea of broken-idea 1.0" in refused.err
    assert "Traceback" not in refused.err
    assert langgeo_with(site, "sound").out == "hello from sound-idea\n"


def test_a_plugin_cannot_take_the_name_of_a_command_of_the_core(site: Path) -> None:
    command(site, "rival", "list")
    assert "rival:list" in langgeo_with(site, "--help").out
    assert "hello" not in langgeo_with(site, "list", "scorers").out
    assert langgeo_with(site, "rival:list").out == "hello from rival\n"

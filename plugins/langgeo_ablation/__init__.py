"""Ablations: the product of choices over one shared calibration, and which differences are significant."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `ablate`."""
    yield records.Command(
        "ablate",
        "Run variants of a config and report which choices changed the metrics.",
        "langgeo_ablation.command:command",
        config_key="ablate",
        config_schema={
            "type": "object",
            "additionalProperties": {"type": "array"},
            "description": "Dotted keys, each with the choices that `langgeo ablate` compares.",
        },
        check="langgeo_ablation.choices:problems",
    )

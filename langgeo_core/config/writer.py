"""YAML that the reader here and any other read alike: text that another would take for a number is quoted."""

from __future__ import annotations

from typing import Any

import yaml

_BREAKS = set("\x85\u2028\u2029")  # YAML 1.1 counts them as line ends, which only double quotes keep


def write_yaml(data: Any) -> str:
    """The document of plain values (text, numbers, booleans, None, lists, dicts), in their order."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


class _Dumper(yaml.SafeDumper):
    """Never writes anchors, which the reader refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _BREAKS & set(text) else None)


_Dumper.add_representer(str, _represent_text)

"""What a plugin's `__init__` imports: the mark of a hook and the records that hooks yield. Imports nothing heavy.

Examples
--------
>>> from langgeo_core.hooks import hookimpl, records
>>> @hookimpl
... def langgeo_exporters():
...     yield records.Exporter("my-table", "The nearest neighbours as text.", "my_plugin.table:Table")
"""

import pluggy

from langgeo_core.contract import records

hookimpl = pluggy.HookimplMarker("langgeo")

__all__ = ["hookimpl", "records"]

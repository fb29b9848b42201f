"""What other plugins may import from this one."""

from langgeo_formats.exporting import FOLDER
from langgeo_formats.nexus import as_nexus, quoted

__all__ = ["FOLDER", "as_nexus", "quoted"]

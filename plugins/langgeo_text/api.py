"""What other plugins may use: documents of a text file, and ids near an unknown one."""

from langgeo_text.files import read_documents
from langgeo_text.near import near

__all__ = ["near", "read_documents"]

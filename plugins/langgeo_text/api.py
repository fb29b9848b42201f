"""Names for other plugins: the documents of a text file, and a hint for an unknown language."""

from langgeo_text.folder import near, read_documents

__all__ = ["near", "read_documents"]

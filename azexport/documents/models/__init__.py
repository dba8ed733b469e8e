"""Documents, and papers while they are being made and signed."""

from azexport.documents.models.documents import Document, DocumentContent
from azexport.documents.models.papers import Paper

__all__ = ["Document", "DocumentContent", "Paper"]

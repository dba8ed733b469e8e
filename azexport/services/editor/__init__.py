"""Writing a regulation without being a programmer: its parts as forms, its preview, what a new text changes."""

from azexport.services.editor.differences import Differences, differences

__all__ = ["Differences", "differences"]

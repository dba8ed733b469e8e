"""Regulations in their versions, the registry's entries, and regulations being drafted."""

from azexport.services.models.regulations import RegulationVersion

__all__ = ["RegulationVersion"]

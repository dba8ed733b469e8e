"""The stand-alone checker of dossiers: `azexport-verify dossier.zip --trust anchors/`.

It needs neither database nor server nor network and nothing of the portal; docs/dossier.md describes what it checks.
"""

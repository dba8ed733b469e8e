"""The main job without a browser, through the portal's HTTP doors. Imports nothing of azexport."""

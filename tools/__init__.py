"""Programs that set up, run and check the project; nothing here ships."""

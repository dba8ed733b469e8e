"""azexport: the export single window. A service is data. A case is its run. A document is its proof."""

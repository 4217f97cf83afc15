"""The report's figures, each drawn from evidence alone."""

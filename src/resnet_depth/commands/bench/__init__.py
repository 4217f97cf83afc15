"""`make bench`: training speed beside the plain loop and the machine's own limit."""

"""`make bench`: training speed beside the plain loop and the machine's own limit.

It measures; nothing of a study's result comes from it.
"""

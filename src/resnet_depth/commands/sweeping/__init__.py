"""Trying values of a recipe's key by DVC experiments, judged by validation accuracy alone.

What a study says of its networks, by the test part as well, is in `findings`.
"""

"""What the evidence says of the study's claims: effects, intervals, verdicts, sentences.

How they look on a page is in `report`.
"""

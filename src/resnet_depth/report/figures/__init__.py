"""The report's figures, each drawn from evidence alone, in one style.

Where they stand on the page is in `draw`; the page itself is one room up.
"""

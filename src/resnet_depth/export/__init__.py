"""Stage `export`: a trained network as files that others load, with a card that says what it is.

How the files are made is in `deployment`.
"""

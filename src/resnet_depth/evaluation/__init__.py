"""Stage `evaluate`: a trained network on the test part, and measures of how good it is.

One network at a time; what all of them say together is in `evidence`.
"""

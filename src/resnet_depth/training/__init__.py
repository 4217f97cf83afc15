"""Stage `train`: from initial weights to a trained network, over as many processes as it takes.

The test part is never read here.
"""

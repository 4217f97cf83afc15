"""Stage `prune`: making trained networks smaller, and what that costs in validation accuracy.

It goes on with the training loop of `training`; the form in which a network is stored, loaded and
counted, pruned or not, is in `networks`.
"""

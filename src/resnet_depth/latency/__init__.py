"""Stages `latency` and `pruned_latency`: how long inference takes, plain and deployed.

Training's own clock is in `training`; how the deployed forms are made in `deployment`.
"""

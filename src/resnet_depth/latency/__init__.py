"""Stage `latency`: how long inference takes, in the plain and in the deployed forms.

Training's own clock is in `training`; how the deployed forms are made in `deployment`.
"""

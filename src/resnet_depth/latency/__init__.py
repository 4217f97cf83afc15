"""Stage `latency`: how long inference takes, in the plain and in the deployed form.

Training's own clock is in `training`.
"""

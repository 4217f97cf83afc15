"""Stage `latency`: how long inference takes, in the plain and in the deployed form."""

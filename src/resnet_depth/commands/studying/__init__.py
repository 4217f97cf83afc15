"""What `make study` does before DVC runs: a dataset joins the study.

What leaves it is cleared by `reproducing/tidy`.
"""

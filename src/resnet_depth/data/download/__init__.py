"""Stage `download`: bringing a dataset's files from outside, verified."""

"""Stage `prepare`: from a dataset's files to arrays in three parts."""

"""A dataset's arrays and card, which later stages read; the folders tell how they come about."""

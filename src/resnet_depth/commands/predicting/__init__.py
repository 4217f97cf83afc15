"""Command `make predict`: what an exported network says of images.

It imports no torch: an answer is to come within a second of the question.
"""

"""Published studies: copying results, pages rendered from them, training them again.

What a study found is computed in `evidence` and `findings`, never here.
"""

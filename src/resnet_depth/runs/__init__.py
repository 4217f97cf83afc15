"""A run's name, the names of its files, and how its records are written and read.

What a record holds is said in the room of the stage that writes it.
"""

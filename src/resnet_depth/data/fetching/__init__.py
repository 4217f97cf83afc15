"""Bringing one file over HTTP, whatever its hosts do; and where a user says that files are.

Used by the stages `download` and `start`. What is in a file is none of this room's business.
"""

"""The beginnings of a unit and of a question: files that run, to be replaced piece by piece.

`templates/` holds their text. Nothing that is there is overwritten: a file is new, or it is longer.
"""

"""A whole class: many submissions at once, recorded by one writer, each graded only once.

The main process reads what was handed in and writes all results; workers, on this machine or
on others, get plain data and return plain data.
"""

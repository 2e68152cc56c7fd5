"""Hands in JSON nested a hundred thousand deep."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
GETS = "nothing"


def change(nb):
    depth = 100_000
    deep = "[" * depth + "]" * depth
    return f'{{"nbformat": 4, "nbformat_minor": 5, "metadata": {{"a": {deep}}}, "cells": []}}'

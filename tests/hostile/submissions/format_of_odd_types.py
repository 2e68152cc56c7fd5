"""Writes text and lists where the numbers of the format stand."""

import json

import nbformat.v4

PLAIN = "not graded, an error ends its grading"

BASE = "stub"


def change(nb):
    odd = {"nbformat": "4", "nbformat_minor": [5], "metadata": [], "cells": {"0": 1}}
    return json.dumps(json.loads(nbformat.v4.writes(nb)) | odd)

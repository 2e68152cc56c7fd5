"""Defines what other formulas of the page say, with macros that double; all answers are right."""

from nbformat.v4 import new_markdown_cell

PLAIN = "what it deserves"

BASE = "full"
DEFINES = r"""
$\def\frac#1#2{hostile} \gdef\sqrt{hostile} \newcommand{\sum}{hostile} \renewcommand\int{hostile}$

$$\let\alpha\beta \DeclareMathOperator{\sin}{hostile} \newenvironment{pmatrix}{hostile}{}$$

\begin{align}\label{hostile}\require{html}\href{javascript:hostile()}{x}\class{hostile}{x}\end{align}

\\(\style{position:fixed}{x} \cssId{hostile}{x} \unicode{65} \csname def\endcsname\pi{hostile}\\)

$\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c}$
"""
LAUGHS = r"$\d\d\d\d\d\d\d\d\d\d\d\d$ $\frac12 \sum_i \sqrt2 \pi$"


def change(nb):
    for cell in nb.cells:
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source += DEFINES + LAUGHS
    nb.cells.insert(6, new_markdown_cell(DEFINES))
    nb.cells.append(new_markdown_cell(LAUGHS))
    return nb

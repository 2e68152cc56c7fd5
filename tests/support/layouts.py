"""Where right answers to unit 01 may lie in a student's folder, as people and their tools put them.

Each layout takes the student's folder, the text of the notebook with right answers, and that of
the untouched one. `TAKEN` says which file it wants to be graded.
"""

import io
import os
import zipfile

UNIT, NAME = "01_convolution", "convolution.ipynb"
OLD, NEW = 1_700_000_000, 1_700_100_000  # times of files
LAYOUTS, TAKEN = {}, {}


def layout(taken):
    """Make a function a layout under its name; `taken` is the file below the student's folder."""

    def named(function):
        LAYOUTS[function.__name__], TAKEN[function.__name__] = function, taken
        return function

    return named


def put(path, text, when=OLD):
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (when, when))


def zipped(members):
    """The bytes of a zip file with {name: text}, all of one time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in members.items():
            archive.writestr(
                zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED
            )
    return made.getvalue()


ONE_FILE = {  # layouts with nothing but the file that is taken
    "ordinary": f"{UNIT}/{NAME}",
    "folder_in_other_case": f"01_Convolution/{NAME}",
    "folder_as_the_lms_names_it": f"Unit 1 - Convolution/{NAME}",
    "folder_of_any_name": f"hand-in of Monday/{NAME}",
    "downloaded_twice": f"{UNIT}/convolution (1).ipynb",
    "renamed_by_the_lms": f"{UNIT}/convolution-1.ipynb",
    "copied_by_colab": f"{UNIT}/Copy of convolution.ipynb",
    "loose_in_the_students_folder": NAME,
    "saved_as_json": f"{UNIT}/{NAME}.json",
    "saved_as_text": f"{UNIT}/{NAME}.txt",
    "one_folder_too_deep": f"{UNIT}/convolution/{NAME}",
    "two_folders_of_another_name": f"convolution/convolution/{NAME}",
    "folder_named_like_the_notebook": f"{UNIT}/{NAME}/{NAME}",
}


def only(place):
    """A layout with this file alone."""
    return lambda home, full, stub: put(home / place, full)


for name, place in ONE_FILE.items():
    LAYOUTS[name], TAKEN[name] = only(place), place


@layout(f"{UNIT}/convolution_jane.ipynb")
def named_after_the_student_beside_the_untouched(home, full, stub):
    put(home / UNIT / "convolution_jane.ipynb", full)
    put(home / UNIT / NAME, stub, NEW)


@layout(f"{UNIT}/convolution (1).ipynb")
def newer_beside_an_older_one(home, full, stub):
    put(home / UNIT / "convolution (1).ipynb", full, NEW)
    put(home / UNIT / NAME, full.replace("def conv2d", "def conv_2d"))


@layout(f"{UNIT}/{NAME}")
def ordinary_beside_an_older_copy(home, full, stub):
    put(home / UNIT / NAME, full, NEW)
    put(home / UNIT / "convolution_backup.ipynb", full.replace("def conv2d", "def conv_2d"))


@layout(f"{UNIT}/convolution.json")
def named_as_json(home, full, stub):
    put(home / UNIT / "convolution.json", full)


@layout(f"hw.zip: ./{NAME}")
def zip_of_the_working_folder(home, full, stub):
    put(home / "hw.zip", zipped({f"./{NAME}": full}))


@layout(f"convolution.zip: convolution/{NAME}")
def zip_in_the_students_folder(home, full, stub):
    members = {f"convolution/{NAME}": full, f"__MACOSX/convolution/._{NAME}": "\0\5\26\7"}
    put(home / "convolution.zip", zipped(members | {"convolution/figure.png": b"\x89PNG"}))


@layout(f"{UNIT}/hw.zip: hw.ipynb")
def zip_in_the_units_folder(home, full, stub):
    put(home / UNIT / "hw.zip", zipped({"hw.ipynb": full, "../../../bob/convolution.ipynb": stub}))


@layout(f"{UNIT}/convolution/{NAME}")
def amid_what_systems_leave(home, full, stub):
    put(home / ".DS_Store", b"\0\0\0\1Bud1")
    put(home / UNIT / ".DS_Store", b"\0\0\0\1Bud1")
    put(home / "__MACOSX" / UNIT / f"._{NAME}", b"\0\5\26\7")
    put(home / UNIT / "__MACOSX" / NAME, full.replace("def conv2d", "def conv_2d"), NEW)
    checkpoint = "convolution-checkpoint.ipynb"
    put(home / UNIT / ".ipynb_checkpoints" / checkpoint, full.replace("def ", "def x"), NEW)
    put(home / UNIT / "convolution" / NAME, full)


@layout(f"homework/{NAME}")
def beside_a_notebook_of_another_unit(home, full, stub):
    put(home / "homework" / NAME, full)
    put(home / "homework" / "shopping.ipynb", '{"cells": [], "nbformat": 4}', NEW)

# The course's commands. `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
BACKEND := $(if $(TORCH_BACKEND),--torch-backend $(TORCH_BACKEND))
JUPYTER_FLAGS ?=
# A process for each core, so a thread each; the tests of a file and unit share what they graded;
# conftest.py says what starts first.
TESTS := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/installed ## make .venv and install everything (TORCH_BACKEND=cpu: without CUDA)

lab: setup ## open the course in JupyterLab
	$(BIN)/jupyter lab $(JUPYTER_FLAGS) --LabApp.default_url=/lab/tree/notebooks

release: setup ## build the student versions in release/
	$(BIN)/autograder release

grade: setup ## grade work/submitted and print the class table
	@# 3 means: done, and the notes under the table say what to look at
	$(BIN)/autograder grade || [ $$? -eq 3 ]

feedback: setup ## write the feedback pages to work/feedback
	$(BIN)/autograder feedback

formgrader: setup ## grade by hand in nbgrader's pages
	$(BIN)/jupyter lab $(JUPYTER_FLAGS) --LabApp.default_url=/formgrader

demo: setup ## a sample class of unit 01: release, grade, feedback, CSV
	$(BIN)/autograder demo --assignment 1

test: setup ## the first tier of the tests, minutes: every unit from end to end in a sandbox
	$(TESTS) -m "not thorough"

test-all: setup ## all tests: also each mistake in a sandbox, figures drawn anew, and more
	$(TESTS)

lint: setup ## style of code and notebooks, and whether release/ is fresh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/autograder release --check

clean: ## remove .venv and caches (work/ with its grades stays)
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv || { $(PYTHON) autograder/system_packages.py venv && $(PYTHON) -m venv .venv; }
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --python .venv --compile-bytecode $(BACKEND) --constraint constraints.txt --editable ".[dev]"
	$(BIN)/autograder setup
	touch $@

.PHONY: help setup lab release grade feedback formgrader demo test test-all lint clean

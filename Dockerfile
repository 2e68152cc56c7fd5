# The course on any host that has Docker or Podman: everything installed, a class graded by `make
# demo`. docs/containers.md has the options that `docker run` needs for the walls around students'
# code, and how to mount a course of your own.
FROM python:3.12-slim-bookworm

# make and git for the two commands of the README; bubblewrap makes the walls.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap git make \
    && rm -rf /var/lib/apt/lists/*

# An ordinary user: in a container root often may not make namespaces, and nothing here needs root.
RUN useradd --create-home --uid 1000 --shell /bin/bash teacher
USER 1000
WORKDIR /home/teacher/course
COPY --chown=teacher:teacher . .

# TORCH_BACKEND=cpu takes torch without CUDA from torch's own index: a much smaller image.
ARG TORCH_BACKEND=""
RUN make setup TORCH_BACKEND="${TORCH_BACKEND}" \
    && .venv/bin/uv cache clean

CMD ["make", "demo"]

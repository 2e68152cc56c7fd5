"""The kernel's end of the line; these files, and no others of ours, are in the sandbox."""

"""Grade cells, run here with stand-ins for the names of the student."""

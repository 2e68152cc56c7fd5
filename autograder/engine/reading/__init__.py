"""What was handed in, made readable, complete and harmless."""

"""From a folder of submissions to recorded scores."""

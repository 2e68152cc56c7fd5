"""What a graded class looks like: the table, feedback pages and exports."""

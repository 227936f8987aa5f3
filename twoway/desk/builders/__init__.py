"""Query results into the records the templates are given. Nothing here reads the database, a request or a clock."""

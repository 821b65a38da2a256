"""The pages, one a file: pure functions from what was read to HTML."""

"""The kinds of rules, one a file: what its author writes (spec), and the pure machine that judges by it."""

"""For authors of rules: doubts about them, tests of them, their findings over history, and why one fired or did not."""

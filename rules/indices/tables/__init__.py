"""The tables of the standards, as data: each with its source, its edition and the days on which it is in force."""

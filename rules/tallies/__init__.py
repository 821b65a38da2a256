"""What a pane keeps beyond count, sum and extremes for the aggregates that need it, one kind of tally a file.

A tally is made of integers, or of values taken as they are, so that the order of adding and merging cannot matter:
equal to the bit. It is packed as a list that msgpack can write (rules/tallies/packing.py).
"""

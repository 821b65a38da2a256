"""The standards a city is judged by: indices, legal limits, warning levels. docs/standards.md names every source.

Pure functions of values and dates. A table of a standard is data beside the function that reads it and carries its
`Source`; what nobody could read in the standard itself is marked so there.
"""

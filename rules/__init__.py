"""The city's knowledge, pure: readings, frames, time, rules and the engine that judges.

Nothing in this package reads a clock, a socket, a file or the environment: time and bytes are arguments.
"""

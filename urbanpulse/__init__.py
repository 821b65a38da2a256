"""The front door: the command line, a city's folder, and the whole city in one command."""

__version__ = "0.1.0"

"""What a person is told when something cannot be done."""


class TroubleError(RuntimeError):
    """Cannot go on, and it is no fault of the program's. Its text says what to do; the command line prints it
    without a traceback and ends with status 1."""

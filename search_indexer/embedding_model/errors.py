"""The one way in which preparing the model fails; told by `aisle models prepare`."""


class CannotPrepare(Exception):
    """The model cannot be prepared; the text is one sentence without its full stop."""

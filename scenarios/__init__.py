"""The shipped stories, as data only: read them with importlib.resources."""

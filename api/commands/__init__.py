"""What each command of `guidang` does; `api/cli.py` puts them together."""

"""The bot of `make demo`: the real one, with a clock that follows the sandbox's. Nothing imports this package."""

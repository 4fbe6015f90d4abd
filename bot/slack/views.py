"""What the bot says of itself wherever it is used: too busy, too slow, failed, still at it; and how to go on."""


def busy() -> str:
    """Ask to wait, where too much is going on."""
    return "I'm busy with many requests. Try again in a moment."


def still_trying() -> str:
    """Say that Ayrshare is slow and the work goes on."""
    return "Ayrshare is taking its time. I keep trying for a few more seconds."


def too_slow() -> str:
    """Say that a submit wasn't finished in time."""
    return "That took too long, so I stopped."


def unexpected(number: str) -> str:
    """Own up to a failure without a class; the log has its number."""
    return f"Something went wrong on my side (number {number}). Tell an admin."


def unfinished() -> str:
    """Say in a window that its work failed, and that a message says why."""
    return "I couldn't finish this. A message from me says why."


def press_again(label: str, *, filled_in: bool) -> str:
    """Say that the window can be submitted again by its button."""
    return f"Your input is still here: press {label} again." if filled_in else f"Press {label} to try again."


def choose_again() -> str:
    """Say how to go on in the window below the one that says what failed."""
    return "Your input is still here: close this and choose again."

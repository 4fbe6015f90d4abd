"""What can go wrong, each with the sentence a person is shown.

    ConnectbotError
    ├── NotMapped             nobody has told us which profile this person looks after
    ├── NoSuchProfile         the words typed fit none of the person's profiles
    ├── NotAllowed            this person may not see that link
    ├── NotAPerson            a mention was typed that is not one
    ├── Busy                  too much in progress
    ├── StoreUnavailable      Redis is away
    ├── SlackUnavailable      Slack cannot be asked
    ├── UnreadableSecret      no key of the key ring opens an envelope
    └── AyrshareError         bot/ayrshare/errors.py has the rest of the tree
"""

from typing import ClassVar


class ConnectbotError(Exception):
    """A failure we know: `kind` names it in logs and metrics, `sentence` is for the person."""

    kind: ClassVar[str] = "unknown"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

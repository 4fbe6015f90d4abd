"""What can go wrong, each with the sentence a person is shown.

ConnectbotError
├── NotMapped             nobody has told us which profile this person looks after
├── NoSuchProfile         the words typed fit none of the person's profiles
├── NotAllowed            this person may not see that link
│   └── NotTheirs         it is somebody else's, who can be asked instead
├── NotAPerson            something was typed that is not a mention of one person
├── NotServed             somebody who was chosen can't look after a profile
├── NotInvited            an invitation that can't be sent
│   ├── InvitedOneself    one's own link needs none
│   ├── NoteRefused       the note is too long, or there is a link in it
│   ├── NothingToLink     the recipient looks after no profile
│   ├── OptedOut          the recipient wants none
│   ├── InvitedAlready    the recipient has one to answer, or had one today
│   └── InvitedTooMany    an hour's share, or the workspace's of a day, is used up
├── GroupNotRead          Slack doesn't tell who is in a user group
├── InvitationGone        a button of an invitation that isn't this person's, or that we no longer keep
├── KeyRefused            what was typed is not the key of a profile that works
├── TooSlow               Ayrshare took longer than a submitted modal can wait
├── NothingPending        what was to be confirmed is confirmed already, or too old
├── CreationUnclear       nobody knows yet whether Ayrshare created a profile
├── TitleKnown            a profile with that title is known already
├── ProfileUnclear        the words typed fit several profiles, and nobody can be asked which
├── MailNotSetUp          the settings for mails with a link are missing
├── AddressesHidden       the bot lacks the scope to see e-mail addresses
├── NoAddress             somebody's profile in Slack has no e-mail address
├── MailUnsure            nobody knows whether a mail was sent
├── AskedTooOften         a minute's share of links or of looks at the status is used up
├── NotCancelled          Ayrshare didn't take a link back
├── CardGone              a button of a card that we no longer keep
├── StoreUnavailable      Redis is away
├── SlackUnavailable      Slack cannot be asked
├── WindowNotOpened       Slack did not open a modal in time
├── WindowNotDrawn        Slack did not redraw a modal (a SlackUnavailable)
├── WindowClosed          a modal that was to be redrawn is no longer there
├── AdminNotReached       no admin could be sent a direct message
├── AnswerRefused         a `response_url` is spent, expired or out of reach
├── CannotListen          the port is taken
├── KeyFileNotWritten     a new encryption key could not be kept (bot/encryption_keys.py)
├── UnreadableKeyFile     the generated encryption key is damaged
├── NotConnected          there is no WebSocket to Slack (bot/slack/not_connected.py)
├── DirectoryClosed       Slack doesn't list its people (bot/slack/directory.py)
├── UnreadableSecret      no key of the key ring opens an envelope
└── AyrshareError         bot/ayrshare/errors.py has the rest of the tree
"""

from typing import ClassVar


class ConnectbotError(Exception):
    """A failure we know: `kind` names it in logs and metrics, `sentence` is for the person, if not `told` yet."""

    kind: ClassVar[str] = "unknown"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.told = False

"""Buttons and other elements that can be used, by `action_id` or `callback_id`: views draw them, handlers listen.

At the end stands how their values are read.
"""

from bot.core.model import Button, RefId, UserId

OPEN_LINK = Button("open_link", "Connect accounts")
NEW_LINK = Button("new_link", "New link")
CONNECT_OTHERS = Button("connect_others", "Connect other accounts")
CONNECT_ANOTHER = Button("connect_others", "Connect another account")
CANCEL_LINK = Button("cancel_link", "Cancel link")
CANCEL_AGAIN = Button("cancel_again", "Cancel link")
OTHER_PROFILES = Button("other_profiles", "Other profiles: choose one")
PICK_PROFILE = "pick_profile"
ASK_ADMIN = Button("ask_admin", "Ask an admin")
DIGEST_LINK = Button("news_link", "Reconnect")
CONNECT_GIVEN = Button("news_link", "Connect accounts")
SNOOZE = Button("snooze", "Snooze my warnings for a week")
CARD_MODAL = "card_window"
CONNECT = Button("connect", "Connect accounts")

SEND_TO = Button("send_to", "Ask them")
ASK_AGAIN = Button("send_to", "Ask again")
SEND_FORM = "send_form"
SEND_PEOPLE = "send_people"
NUDGE = Button("nudge", "Nudge")
SEND_ANYWHERE = "send_anywhere"
SEND_TO_AUTHOR = "send_to_author"
"""The callback ids of the global shortcut, and of the one on a message."""
GET_LINK = Button("get_link", "Connect accounts")
RECONNECT_ASKED = Button("get_link", "Reconnect")
POSTPONE = "remind_later"
MUTE = Button("stop_these", "Mute requests and warnings")
ASK_EVERYBODY = Button("ask_everybody", "Ask everybody")
UNMUTE = Button("allow_again", "Unmute")

MAKE_CLIENT_LINK = Button("invite_client", "Make a client link")
CLIENT_LINK_FORM, CLIENT_LINK_PROFILE = "invite_form", "invite_profile"
CLIENT_LINKS = Button("client_links", "See client links")
CLIENT_LINK_MENU = "client_link_menu"
EXTEND_CLIENT_LINK = Button("extend_client_link", "Extend")

MAP_A_PROFILE = Button("map", "Map a profile")
NEW_KEY = Button("map_key", "Enter a new key")
MAP_PROFILE = "map_profile"
MAP_PERSON = "map_person"
MAP_HOW = "map_how"
MAP_KNOWN = "map_known"
CONFIRM_MAP = "confirm_map"
CHOOSE_UNMAP = "choose_unmap"
CONFIRM_UNMAP = "confirm_unmap"
HAND_OVER = Button("hand_over", "Hand over to someone else")
WHO_TAKES_OVER = Button("hand_over", "Who takes over?")
REASSIGN = Button("hand_over", "Reassign to someone else")
CONFIRM_HANDOVER = "confirm_handover"

TYPED = "typed"
"""The button under *Did you mean*: its value is run as if it were typed."""
TRY_AGAIN = Button(TYPED, "Try again")
MAIL_ONE = Button(TYPED, "Mail a link")
SEE_ALL = Button(TYPED, "See all profiles")
CONNECT_HERE = Button(PICK_PROFILE, "Connect accounts")
"""A choice in the picker where there is only one."""
CONNECT_OTHERS_HERE = Button(PICK_PROFILE, "Connect other accounts")
ALL_NETWORKS = "*"
"""In a button's value: not just those that need a new sign-in."""
CONNECT_ACCOUNTS = Button("help_connect", "Connect accounts")
SEE_STATUS = Button("help_status", "See status")
ASK_COLLEAGUE = Button("ask_colleague", "Ask a colleague")

KEEP_ACCOUNT = Button("keep_account", "Keep it")
UNDO_ACCOUNT = Button("undo_account", "Undo")

RECONNECT = Button("reconnect", "Reconnect")
RECONNECT_FOR = Button("reconnect", "Reconnect it yourself")
DISMISS = Button("dismiss", "Dismiss for everyone")
FORGET_PROFILE = Button("forget_profile", "Forget")
LIST_PREVIOUS = Button("list_previous", "Previous")
LIST_NEXT = Button("list_next", "Next")
HOME_SEARCH = "home_search"
HOME_FILTER = "home_filter"
HOME_PERSON = "home_person"
HOME_EVERYBODY = Button("home_everybody", "Show everyone")
ASK_DISCONNECTED = Button("remind_everyone", "Remind everyone")
ASK_TO_CONNECT = Button("ask_to_connect", "Send them a request to connect")
LINK_FOR = Button("link_for", "Connect accounts yourself")
OWN_LINK = Button("link_for", "Connect accounts")
STATUS_OF = Button("status_of", "Status and more")
MAP_TO_ANOTHER = Button("map", "Also map to someone else")
MAP_TO_SOMEONE = Button("map", "Map to someone")
ADD_FOR = Button("add_for", "Give them a profile")
ADD_ANOTHER_FOR = Button("add_for", "Give them another profile")
UNMAP = Button("unmap", "Unmap")
HOME_PREVIOUS = Button("home_previous", "Previous")
HOME_NEXT = Button("home_next", "Next")
HOME_AGAIN = Button("home_again", "Back to Home")
UNMUTE_AT_HOME = Button("home_allow", "Unmute")
OWN_PREVIOUS = Button("own_previous", "Previous")
OWN_NEXT = Button("own_next", "Next")


def read_owned(value: str) -> tuple[UserId, RefId]:
    """Read the owner and the profile from a button's value; both may be empty, and neither proves any rights."""
    owner, _, ref_id = value.partition(":")
    return UserId(owner), RefId(ref_id)


def read_target(value: str) -> tuple[UserId, RefId, tuple[str, ...] | None]:
    """Read what `read_owned` does and the networks behind it, if any; none of them proves any rights."""
    owner, ref_id, named = (*value.split(":", 2), "", "")[:3]
    networks = tuple(named.split(",")) if named else None
    return UserId(owner), RefId(ref_id), () if named == ALL_NETWORKS else networks

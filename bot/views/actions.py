"""The names of what can be clicked; handlers listen to what views draw."""

OPEN_LINK = "open_link"
NEW_LINK = "new_link"
PICK_PROFILE = "pick_profile"
ASK_ADMIN = "ask_admin"

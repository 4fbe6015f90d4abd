from bot.ayrshare.private_key import read_private_key as read_private_key

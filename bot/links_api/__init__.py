"""Links for apps: somebody else's backend asks for a link with an API key, and shows it to the people it serves.

model.py         start here: keys, what is asked and answered, limits
find_profile.py  which profile is meant, and through whom the key may have it
create_link.py, revoke_link.py, read_profiles.py  the use cases
key_store.py     API keys, of which only hashes are stored; answers that are given again: answer_store.py

The routes, problem details and the OpenAPI document are in bot/api.
"""

"""Links for apps: somebody else's backend asks for a link with an API key, and shows it to the people it serves.

model.py         start here: keys, and what is asked and answered
find_profile.py  which profile is meant, and through whom the key may have it
create_link.py, revoke_link.py, read_profiles.py  the use cases
idempotency.py   a request that is made again is answered the same
key_store.py     API keys, of which only hashes are stored, and how often each may be used
answer_store.py  answers that may be given again, sealed

The routes, problem details and the OpenAPI document are in bot/api.
"""

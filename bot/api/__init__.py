"""The links API over HTTP: what apps call with an API key.

endpoints.py  start here: every call, with what it takes, answers and refuses
routes.py     from a request to its answer: the key, its rate, the body, one use case
problems.py   failures as problem details
faults.py     what is wrong with a request, part by part
openapi.py    the OpenAPI document, made of the same table
"""

"""POST /connect-link: a fresh link for the person who is signed in to your app. Python 3.11 or newer, nothing else."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PROFILES = json.loads(os.environ["PROFILES"])  # your sessions and your database: {"session token": "ref_id", …}


class Backend(BaseHTTPRequestHandler):
    def do_POST(self):
        profile = PROFILES.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if self.path != "/connect-link" or profile is None:
            return self.answer(401, {"title": "Sign in first."})
        body = json.dumps({"profile": profile}).encode()  # from the session, never from what the app sends
        headers = {"Authorization": f"Bearer {os.environ['CONNECTBOT_API_KEY']}", "Content-Type": "application/json"}
        try:
            with urlopen(Request(f"{os.environ['CONNECTBOT_URL']}/api/v1/links", body, headers), timeout=20) as link:
                return self.answer(200, {"url": json.load(link)["url"]})
        except HTTPError as problem:
            return self.answer(502, {"title": json.load(problem)["title"]})

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Backend).serve_forever()

// POST /connect-link: a fresh link for the person who is signed in to your app. Node 20 or newer, nothing else.
import { createServer } from "node:http";

const { CONNECTBOT_URL, CONNECTBOT_API_KEY, PROFILES, PORT = "8000" } = process.env;
const profiles = JSON.parse(PROFILES); // your sessions and your database: {"session token": "ref_id", …}

createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(JSON.stringify(body));
  const profile = profiles[(request.headers.authorization ?? "").replace("Bearer ", "")];
  if (request.method !== "POST" || request.url !== "/connect-link" || !profile) return answer(401, { title: "Sign in first." });
  const link = await fetch(`${CONNECTBOT_URL}/api/v1/links`, {
    method: "POST",
    headers: { Authorization: `Bearer ${CONNECTBOT_API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ profile }), // from the session, never from what the app sends
    signal: AbortSignal.timeout(20_000),
  });
  const said = await link.json();
  return link.ok ? answer(200, { url: said.url }) : answer(502, { title: said.title });
}).listen(Number(PORT), "127.0.0.1");

// The peer `node`: Bolt for Node, tuned. One keep-alive agent for all calls; the job goes on after the acknowledgement.
import http from "node:http";
import bolt from "@slack/bolt";
import { createClient } from "redis";

const env = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: 500 });
const redisUrl = env.REDIS_URL;
const store = createClient(
  redisUrl.startsWith("unix://")
    ? { socket: { path: decodeURIComponent(redisUrl.slice("unix://".length)), tls: false } }
    : { url: redisUrl },
);

function post(url, body, headers = {}) {
  const data = Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "content-length": data.length, ...headers },
    };
    const request = http.request(url, options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
    });
    request.on("error", reject);
    request.end(data);
  });
}

function card(url) {
  const button = { type: "button", text: { type: "plain_text", text: "Open" }, url, action_id: "open" };
  return [
    { type: "section", text: { type: "mrkdwn", text: "Your link:" } },
    { type: "actions", elements: [button] },
  ];
}

const app = new bolt.App({
  token: env.SLACK_BOT_TOKEN,
  clientOptions: { slackApiUrl: env.SLACK_API_URL },
  logLevel: "error",
  receiver: new bolt.HTTPReceiver({
    signingSecret: env.SLACK_SIGNING_SECRET,
    endpoints: "/slack/events",
    logLevel: "error",
    customRoutes: [{ path: "/readyz", method: "GET", handler: (_request, response) => response.end() }],
  }),
});

app.command("/connect", async ({ ack, body }) => {
  await ack();
  const profileKey = await store.get(`tutorial:${body.user_id}`);
  const fields = { domain: env.AYRSHARE_DOMAIN, privateKey: env.AYRSHARE_PRIVATE_KEY, profileKey };
  const headers = { authorization: `Bearer ${env.AYRSHARE_API_KEY}` };
  const link = JSON.parse(await post(`${env.AYRSHARE_API_URL}/profiles/generateJWT`, fields, headers)).url;
  await post(body.response_url, { text: "Your link is ready.", blocks: card(link), response_type: "ephemeral" });
});

await store.connect();
await app.start({ port: Number(env.PORT), host: "127.0.0.1" });

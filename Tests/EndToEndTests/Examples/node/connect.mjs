// A web app whose users connect an account through Symbolon. Needs nothing but Node.js 18.
//
//     SYMBOLON_API_KEY=sym_… node connect.mjs
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const symbolon = process.env.SYMBOLON_URL ?? "http://127.0.0.1:8080";
const key = process.env.SYMBOLON_API_KEY;
const integration = process.env.INTEGRATION ?? "sandbox";
const providerAPI = process.env.PROVIDER_API ?? `${symbolon}/sandbox/userinfo`;
const port = Number(process.env.PORT ?? 3000);
const pending = new Map(); // our own session → the flow that it began

async function call(url, credential, body) {
  const headers = { Authorization: `Bearer ${credential}`, "Content-Type": "application/json" };
  const answer = await fetch(url, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}`);
  return answer.json();
}

async function begin(response) {
  const flow = await call(`${symbolon}/api/v1/oauth/initiate`, key, {
    integration_id: integration, redirect_uri: `http://localhost:${port}/connected` });
  const session = randomBytes(16).toString("base64url");
  // The flow id is the first half of the 32 octets that the state ends with.
  pending.set(session, Buffer.from(flow.state, "base64url").subarray(-32, -16).toString("base64url"));
  response.writeHead(303, {
    Location: flow.auth_url, "Set-Cookie": `session=${session}; HttpOnly; SameSite=Lax; Path=/` }).end();
}

async function finish(response, hints, flowID) {
  if (hints.get("status") !== "success") return answer(response, 400, `Not connected: ${hints.get("error")}`);
  // Anybody can write an address with a connection_id. What counts is the connection as Symbolon has it, and that it
  // came of the flow that this very session began.
  const path = `${symbolon}/api/v1/connections/${encodeURIComponent(hints.get("connection_id") ?? "")}`;
  const connection = await call(path, key).catch(() => null);
  if (!connection) return answer(response, 403, "There is no such connection.");
  if (!flowID || connection.flow_id !== flowID) return answer(response, 403, "This connection is not of your making.");
  const token = await call(`${path}/token`, key); // refreshed when it is due; ask whenever you need one
  const account = await call(providerAPI, token.access_token);
  answer(response, 200, `Connected ${connection.id}: ${account.email ?? account.login}`);
}

function answer(response, status, text) {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(text);
}

createServer(async (request, response) => {
  const url = new URL(request.url, `http://localhost:${port}`);
  const session = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
  try {
    if (url.pathname === "/") await begin(response);
    else if (url.pathname === "/connected") {
      const flowID = pending.get(session);
      pending.delete(session);
      await finish(response, url.searchParams, flowID);
    } else answer(response, 404, "Nothing here.");
  } catch (error) {
    answer(response, 502, error.message);
  }
}).listen(port, "127.0.0.1", () => console.log(`Open http://localhost:${port}/`));

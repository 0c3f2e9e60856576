import { createHash, randomBytes } from "node:crypto";

const { SYMBOLON_URL, SYMBOLON_API_KEY } = process.env;
const headers = { Authorization: `Bearer ${SYMBOLON_API_KEY}`, "Content-Type": "application/json" };

async function call(path, body) {
  const answer = await fetch(SYMBOLON_URL + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** The user asks to connect an account: the address to send the browser to. */
export async function begin(session, integration_id, redirect_uri) {
  session.bindingSecret = randomBytes(32).toString("base64url");
  const binding = createHash("sha256").update(session.bindingSecret).digest("base64url");
  return (await call("/api/v1/oauth/initiate", { integration_id, redirect_uri, binding })).auth_url;
}

/** The browser is back at the redirect URI: the connection, if this very session began it. */
export async function finish(session, query) {
  const binding_secret = session.bindingSecret; // of the session that the browser's cookie names, and no other
  delete session.bindingSecret;
  if (query.get("status") !== "confirm" || !binding_secret) throw new Error(query.get("error") ?? "here");
  return (await call("/api/v1/oauth/complete", { ticket: query.get("ticket"), binding_secret })).connection;
}

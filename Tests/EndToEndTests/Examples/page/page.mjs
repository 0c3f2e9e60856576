// A web app with a page of its own, on which users connect accounts with symbolon.js. Needs nothing but Node.js 18.
//
//     SYMBOLON_API_KEY=sym_… node page.mjs
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const symbolon = process.env.SYMBOLON_URL ?? "http://127.0.0.1:8080";
const key = process.env.SYMBOLON_API_KEY;
const port = Number(process.env.PORT ?? 3000);
const page = readFileSync(new URL("accounts.html", import.meta.url), "utf8").replace("{symbolon}", symbolon);
const users = new Map(); // our own session → its user; here each browser is a user

async function call(path, body) {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const answer = await fetch(symbolon + path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

async function respond(request) {
  const user = users.get(/(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? "")?.[1]);
  const route = `${request.method} ${request.url}`;
  if (route === "GET /") {
    if (user) return [200, page, { "Content-Type": "text/html; charset=utf-8" }];
    const session = randomBytes(16).toString("base64url");
    users.set(session, `user_${randomBytes(8).toString("base64url")}`);
    const cookie = `session=${session}; HttpOnly; SameSite=Lax; Path=/`;
    return [200, page, { "Content-Type": "text/html; charset=utf-8", "Set-Cookie": cookie }];
  }
  if (!user) return [401, "{}"];
  if (route === "POST /session") {
    const { connect_url } = await call("/api/v1/connect/sessions", { user_id: user });
    return [200, JSON.stringify({ connect_url })];
  }
  if (route === "GET /accounts") {
    // Asked with the app's own key: what a browser says of connections counts for nothing.
    const { data } = await call(`/api/v1/connections/users/${encodeURIComponent(user)}`);
    return [200, JSON.stringify(data.map(({ integration, account }) => ({ integration, account: account?.label })))];
  }
  return [404, "{}"];
}

createServer(async (request, response) => {
  const [status, text, fields] = await respond(request).catch(() => [502, "{}"]);
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store", ...fields }).end(text);
}).listen(port, "127.0.0.1", () => console.log(`Open http://localhost:${port}/`));

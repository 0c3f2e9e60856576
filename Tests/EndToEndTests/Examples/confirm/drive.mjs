// Lets a test play the browsers: `begin SESSION INTEGRATION URI` and `finish SESSION URL`, a line each.
import { createInterface } from "node:readline";
import { begin, finish } from "./confirm.mjs";

const sessions = {};
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [command, name, ...rest] = line.split(" ");
  const session = (sessions[name] ??= {});
  try {
    if (command === "begin") console.log("open", name, await begin(session, ...rest));
    else console.log("connected", name, (await finish(session, new URL(rest[0]).searchParams)).id);
  } catch (error) {
    console.log("refused", name, error.message);
  }
}

/** A server to measure: the real one, configured by its environment. Says where it listens, and ends when its input does. */
import { readConfig, startServer } from "@reeve/server";

const begunMs = performance.now();
const config = readConfig(process.env);
if (!config.ok) throw new Error(JSON.stringify(config.error));
const started = await startServer(config.value);
if (!started.ok) throw new Error(JSON.stringify(started.error));
const running = started.value;
process.stdin.resume().on("end", () => void running.close());
console.log(JSON.stringify({ url: running.url, begunMs, listeningMs: performance.now() }));

/**
 * The floor of P4 and P5: a bare `node:http` server that reads and parses the same body, and answers a constant of as many bytes as
 * the median of the real answers has: `node floor.ts 431`. Says where it listens, and ends when its input does.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const bytes = Number(process.argv[2]);
const EMPTY = '{"decision":true,"padding":""}';
const body = EMPTY.replace('""', `"${"x".repeat(bytes - EMPTY.length)}"`);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const asked: unknown = JSON.parse(Buffer.concat(chunks).toString());
    const status = typeof asked === "object" ? 200 : 400;
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
});

process.stdin.resume().on("end", () => {
  server.close();
  server.closeAllConnections();
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })));

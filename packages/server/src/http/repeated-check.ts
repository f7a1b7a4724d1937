/**
 * Repeated checks: what answers a check that came with the head of one before, at once or not at all.
 *
 * Everything that the short way does is done each time: who asks, whether he may, what the body says, the plan, the decision, the metrics,
 * the log. What is saved are Node's objects for a request and its answer. Whatever is no answer of status 200, and whatever would have to
 * be waited for, is left to the short way, which then does all of it again.
 * Invariant: an answer is the short way's, byte by byte; before there is one, nothing was done that could be seen.
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Plan } from "@reeve/core";
import { writeRevision } from "../app/index.ts";
import type { Caller } from "../identity/index.ts";
import { AnswerBytes } from "./answer-bytes.ts";
import { readJson, readJsonText } from "./body.ts";
import type { HotOptions, HotRoute } from "./hot-routes.ts";
import { logRequest } from "./log.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER } from "./native/at-least.ts";
import { JSON_ANSWER } from "./native/questions.ts";
import type { Repeatable, RepeatedBody } from "./repeats.ts";

/** What a head that the short way takes says, but for the length of the body. */
export type KnownHead = { readonly route: HotRoute; readonly organization: string; readonly authorization: string | undefined };

/** Headers that mean something to Node, or something else at each request. */
const OWN_MEANING = ["expect", "upgrade", "origin", "x-request-id", AT_LEAST];
const OK = 200;

/** Whether nothing in the head of a request but its length is meant for itself alone. */
export function isRepeatable({ httpVersion, headers }: IncomingMessage): boolean {
  const { connection = "keep-alive" } = headers;
  return httpVersion === "1.1" && connection.toLowerCase() === "keep-alive" && OWN_MEANING.every((name) => headers[name] === undefined);
}

/** One is enough: answers are written one after the other. */
const sent = new AnswerBytes();

export function repeatable(known: KnownHead, options: HotOptions): Repeatable {
  const write = writer(options);
  return {
    answer(body) {
      const started = performance.now();
      try {
        const caller = callerOf(known, body, options);
        if (caller === undefined) return undefined;
        const question = questionOf(known, body, options);
        const plan = question === undefined ? undefined : options.answers.plan(known.organization, undefined, undefined);
        if (question === undefined || plan === undefined || isLater(plan) || !isHeaderValue(plan.at.epoch)) return undefined;
        if (options.rates.caller(caller) !== undefined) return undefined;
        const requestId = options.newId();
        const bytes = sent.write(question(plan), write(plan, requestId));
        return {
          bytes,
          written(isTaken) {
            if (!isTaken) sent.giveAway();
            note({ ...known, caller, requestId, started }, options);
          },
        };
      } catch {
        // The short way finds the same, and says it.
        return undefined;
      }
    },
  };
}

/** What a body asks, if it asks for no revision. */
function questionOf({ route }: KnownHead, { text, bytes }: RepeatedBody, { answers }: HotOptions): ((plan: Plan) => string) | undefined {
  const spelled = text === undefined ? undefined : answers.spelled(route.id, { text, bytes });
  if (spelled !== undefined) return spelled;
  const asked = text === undefined ? readJson(bytes) : readJsonText(text);
  return atLeastOf(asked, undefined) === undefined ? answers.read[route.id](asked) : undefined;
}

/** Who asks, if it is known at once and he may. */
function callerOf({ route, organization, authorization }: KnownHead, body: RepeatedBody, options: HotOptions): Caller | undefined {
  if (options.isDraining() || body.bytes.length > options.limits.bodyBytesMax) return undefined;
  const caller = options.authenticate({ authorization, connection: body.socket }, options.clock());
  if (caller === undefined || isLater(caller)) return undefined;
  const verdict = options.guard(caller, { needs: route.needs, organization });
  return !isLater(verdict) && verdict === "permitted" ? caller : undefined;
}

/** Whether something has to be waited for. The short way asks for it again, and hears how it ends. */
function isLater<T>(found: T | Promise<T>): found is Promise<T> {
  if (!(found instanceof Promise)) return false;
  found.catch(() => undefined);
  return true;
}

type Answered = KnownHead & { readonly caller: Caller; readonly requestId: string; readonly started: number };

function note({ route, organization, caller, requestId, started }: Answered, { metrics, logger }: HotOptions): void {
  const elapsedMs = performance.now() - started;
  metrics.observe(route.url, OK, elapsedMs);
  logRequest(logger, { requestId, method: "POST", route: route.url, status: OK, elapsedMs, caller, organization });
}

/** Heads of answers as Node would write them: the same lines in the same order, of which only four differ. */
function writer({ limits, headers }: HotOptions): (plan: Plan, requestId: string) => (length: number) => string {
  const lines = [`HTTP/1.1 ${OK} ${STATUS_CODES[OK]}`, ...Object.entries(headers.common).map(([name, value]) => `${name}: ${value}`)];
  const before = `${lines.join(LINE_END)}${LINE_END}x-request-id: `;
  const kept = `Connection: keep-alive${LINE_END}Keep-Alive: timeout=${Math.floor(limits.keepAliveMs / 1_000)}`;
  let last: Plan | undefined;
  let then = "";
  return (plan, requestId) => {
    if (plan !== last) {
      last = plan;
      then = `${LINE_END}${REVISION_HEADER}: ${writeRevision(plan.at)}${LINE_END}content-type: ${JSON_ANSWER}${LINE_END}content-length: `;
    }
    return (length) => `${before}${requestId}${then}${length}${LINE_END}Date: ${dateNow()}${LINE_END}${kept}${LINE_END}${LINE_END}`;
  };
}
const LINE_END = "\r\n";

/** What Node takes as the value of a header, which nothing else may get into one. */
function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}

let dateSecond = 0;
let dateText = "";

/** The time as HTTP writes it (RFC 9110 §5.6.7), made once a second. */
function dateNow(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1_000).toUTCString();
  }
  return dateText;
}

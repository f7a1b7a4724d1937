/**
 * Hot routes: the checks of the contract's table, and what it takes to answer them.
 *
 * Invariant: which routes are hot, with which needs, the table says and nobody else.
 */
import { ROUTES, type Route } from "@reeve/contract";
import type { FastifyBaseLogger } from "fastify";
import type { Guard } from "../app/index.ts";
import type { Authenticate } from "../identity/index.ts";
import { routeUrl } from "./handlers.ts";
import type { AnswerHeaders } from "./headers.ts";
import type { HttpLimits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import type { QuestionAnswers, QuestionId } from "./native/questions.ts";
import type { Rates } from "./rates.ts";

export type HotOptions = {
  readonly answers: QuestionAnswers;
  readonly authenticate: Authenticate;
  readonly guard: Guard;
  readonly logger: FastifyBaseLogger;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly newId: () => string;
  /** The server is shutting down: what has begun is answered, nothing new is begun. */
  readonly isDraining: () => boolean;
  readonly limits: HttpLimits;
  readonly rates: Rates;
  readonly headers: AnswerHeaders;
};
export type HotRoute = Required<Pick<Route, "needs">> & {
  readonly id: QuestionId;
  /** As the framework names it. */
  readonly url: string;
  readonly prefix: string;
  readonly suffix: string;
};
const ORGANIZATION = "{org}";

export function hotRoutes(): readonly HotRoute[] {
  return (Object.values(ROUTES) as readonly Route[])
    .filter((route) => route.isHot === true)
    .map(({ id, path, needs }) => {
      const [prefix, suffix] = path.split(ORGANIZATION) as [string, string];
      return { id: id as QuestionId, needs: needs as NonNullable<Route["needs"]>, url: routeUrl(path), prefix, suffix };
    });
}

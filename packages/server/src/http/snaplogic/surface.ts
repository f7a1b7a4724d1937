/** The public API of API Management's clients: its paths, envelopes and messages, over the same use cases as Reeve's own API. */
import { SNAPLOGIC_BASE } from "@reeve/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { JSON_TYPE } from "../body.ts";
import { within } from "../deadline.ts";
import { HttpProblem } from "../problem.ts";
import { type AclGround, deleteAcl, getAcl, ownerAsked, postAcl, postOwner, postProject, STATUS_ALONE } from "./acl.ts";
import { type Asking, askingOf, type CallerGround } from "./caller.ts";
import { deleteGroup, type GroupGround, getGroup, getGroups, newGroupIn, patchGroup, postGroup, putGroup } from "./groups.ts";
import { MOVES, moveAll, remove } from "./lifecycle.ts";
import { NamedRefusal, refusalOf } from "./refusals.ts";
import { deleteUser, getUser, newUserIn, postUser, putInOrganization, putUser, type UserGround } from "./users.ts";

export type PublicOptions = CallerGround & AclGround & GroupGround & UserGround;
export type PublicServing = {
  readonly isDraining: () => boolean;
  readonly answerMs: number;
  /** Told who asks, for the log and for what he pays. */
  readonly onCaller: (request: FastifyRequest, asking: Asking) => void;
};
type Handle = (request: FastifyRequest, ask: (named?: string) => Promise<Asking>) => Promise<object | typeof STATUS_ALONE>;
type Params = Readonly<Record<string, string>>;

const paramsOf = ({ params }: FastifyRequest): Params => params as Params;

/** The parts of a path below the organization, which comes first. */
function partsOf(request: FastifyRequest): { readonly named: string; readonly parts: readonly string[] } {
  const [named = "", ...parts] = (paramsOf(request)["*"] ?? "").split("/");
  return { named, parts };
}

type Route = readonly [method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, handle: Handle];
type OnPath = Asking & {
  readonly request: FastifyRequest;
  readonly parts: readonly string[];
  readonly group: string;
  readonly email: string;
};

function routesOf(options: PublicOptions): readonly Route[] {
  const { assets } = options;
  const onAcl =
    (work: (ground: PublicOptions, at: OnPath) => Promise<object | typeof STATUS_ALONE>): Handle =>
    async (request, ask) => {
      const { named, parts } = partsOf(request);
      return work(options, { ...(await ask(named)), request, parts, group: "", email: "" });
    };
  const onPath =
    (work: (ground: PublicOptions, at: OnPath) => Promise<object>): Handle =>
    async (request, ask) => {
      const { org, group = "", email = "" } = paramsOf(request);
      return work(options, { ...(await ask(org)), request, parts: [], group, email });
    };
  const moving =
    (to: keyof typeof MOVES): Handle =>
    async (request, ask) => {
      const { org, paths } = MOVES[to](request);
      return moveAll(assets, { ...(await ask(org)), request }, { to, paths, named: org });
    };
  const removing: Handle = async (request, ask) => {
    const { org = "", api = "", version } = paramsOf(request);
    return remove(assets, { ...(await ask(org)), request }, { named: org, api, ...(version === undefined ? {} : { version }) });
  };
  const owning: Handle = async (request, ask) => {
    const asked = ownerAsked(request);
    return postOwner(options, { ...(await ask(asked.parts[0])), request, asked });
  };
  return [
    ["GET", "/assetapi/acl/*", onAcl(getAcl)],
    ["POST", "/assetapi/acl/*", onAcl(postAcl)],
    ["DELETE", "/assetapi/acl/*", onAcl(deleteAcl)],
    ["POST", "/assetapi/project/*", onAcl(postProject)],
    ["POST", "/assetapi/update/owner", owning],
    ["POST", "/users", async (request, ask) => postUser(options, { ...(await ask(newUserIn(request).organization)), request })],
    ["GET", "/users/:email", onPath(getUser)],
    ["PUT", "/users/:email", onPath(putUser)],
    ["DELETE", "/users/:email", onPath(deleteUser)],
    ["PUT", "/users/:email/org/:org", onPath(putInOrganization)],
    ["POST", "/groups", async (request, ask) => postGroup(options, { ...(await ask(newGroupIn(request).organization)), request })],
    ["GET", "/groups/:org", onPath(getGroups)],
    ["GET", "/groups/:org/:group", onPath(getGroup)],
    ["PATCH", "/groups/:org/:group", onPath(patchGroup)],
    ["PUT", "/groups/:org/:group", onPath(putGroup)],
    ["DELETE", "/groups/:org/:group", onPath(deleteGroup)],
    ["POST", "/apim/publish_versions", moving("published")],
    ["POST", "/apim/deprecate_versions", moving("deprecated")],
    ["POST", "/apim/retire_versions", moving("retired")],
    ["DELETE", "/apim/:org/apim/:api", removing],
    ["DELETE", "/apim/:org/apim/:api/:version", removing],
  ];
}

export function servePublic(server: FastifyInstance, options: PublicOptions, serving: PublicServing): void {
  server.register(
    (scope, _given, done) => {
      scope.setErrorHandler(refuse);
      for (const [method, url, handle] of routesOf(options)) {
        scope.route({
          method,
          url,
          handler: async (request, reply) => {
            if (serving.isDraining()) throw new HttpProblem("draining");
            const ask = async (named?: string): Promise<Asking> => {
              const asking = await askingOf(options, request, named);
              serving.onCaller(request, asking);
              return asking;
            };
            const answer = await within(handle(request, ask), serving.answerMs);
            if (answer === STATUS_ALONE) return reply.send();
            if (typeof answer !== "object" || answer === null) throw new TypeError("no answer was made");
            return answer;
          },
        });
      }
      done();
    },
    { prefix: SNAPLOGIC_BASE },
  );
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = refusalOf(error);
  if (known === undefined) request.log.error({ err: error }, "a request crashed");
  const { status, message, code } = known ?? new NamedRefusal(500, "Something failed on our side.", "internal_error");
  if (status === 401) reply.header("www-authenticate", 'Basic realm="reeve", Bearer realm="reeve"');
  return reply
    .status(status)
    .type(JSON_TYPE)
    .send({ message, ...(code === undefined ? {} : { code }), http_status_code: status });
}

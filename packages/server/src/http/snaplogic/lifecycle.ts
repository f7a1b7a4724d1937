/** Publishing, deprecating, retiring and deleting by the public API, version by version: one that fails keeps no other from being done. */
import {
  type DeprecateRequest,
  DeprecateRequest as DeprecateSchema,
  type PublishRequest,
  PublishRequest as PublishSchema,
  type RetireRequest,
  RetireRequest as RetireSchema,
} from "@reeve/contract";
import { formatPath } from "@reeve/core";
import type { FastifyRequest } from "fastify";
import type { Assets } from "../../app/index.ts";
import { validator } from "../validate.ts";
import { answered, bodyIn, writing } from "./acl.ts";
import type { Asking } from "./caller.ts";
import { NamedRefusal, refusalOf } from "./refusals.ts";

type State = "published" | "deprecated" | "retired";
type At = Asking & { readonly request: FastifyRequest };

const validatePublish = validator<PublishRequest>(PublishSchema);
const validateDeprecate = validator<DeprecateRequest>(DeprecateSchema);
const validateRetire = validator<RetireRequest>(RetireSchema);

/** The organization that a body names, and its versions by `Api/1.0`. */
export const MOVES: Readonly<Record<State, (request: FastifyRequest) => { readonly org: string; readonly paths: readonly string[] }>> = {
  published: (request) => {
    const { org_name: org, versions_info: infos } = bodyIn(validatePublish, request);
    return { org, paths: infos.map(({ path }) => path) };
  },
  deprecated: (request) => {
    const { org_name: org, version_infos: infos } = bodyIn(validateDeprecate, request);
    return { org, paths: infos.map(({ path }) => path) };
  },
  retired: (request) => {
    const { org_name: org, version_paths: paths } = bodyIn(validateRetire, request);
    return { org, paths };
  },
};

const apiAt = (api: string) => [
  { type: "spaces", id: "apim" },
  { type: "apis", id: api },
];
const versionAt = (api: string, version: string): string => formatPath([...apiAt(api), { type: "versions", id: version }]);

export async function moveAll(
  assets: Assets,
  at: At,
  { to, paths, named }: { readonly to: State; readonly paths: readonly string[]; readonly named: string },
): Promise<object> {
  const done: string[] = [];
  const undone: { readonly path: string; readonly reason: string }[] = [];
  for (const told of paths) {
    const [api = "", version = "", ...more] = told.split("/");
    try {
      if (api === "" || version === "" || more.length > 0) throw new NamedRefusal(404, `${told} is no version: say API/version.`);
      answered(await assets.advance({ ...writing(at), path: versionAt(api, version), to }));
      done.push(`/${named}/apim/${told}`);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      undone.push({ path: `/${named}/apim/${told}`, reason: refusal.message });
    }
  }
  return { response_map: { successful_versions: done, unsuccessful_versions: undone }, http_status_code: 200 };
}

export async function remove(
  assets: Assets,
  at: At,
  { named, api, version }: { readonly named: string; readonly api: string; readonly version?: string },
): Promise<object> {
  const path = version === undefined ? formatPath(apiAt(api)) : versionAt(api, version);
  answered(await assets.delete({ ...writing(at), path }));
  const told = `/${[named, "apim", api, ...(version === undefined ? [] : [version])].join("/")}`;
  return { response_map: { success: { success: { disabled_jobs: [], deleted_plexes: [], path: told } } }, http_status_code: 200 };
}

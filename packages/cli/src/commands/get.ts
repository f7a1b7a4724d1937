/**
 * `reeve get`: one object as it is stored, or the organization's own record.
 */
import type { RouteId } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { type AskOptions, askPlace } from "../asked.ts";
import type { Call } from "../client.ts";
import { collectionOf, keyParameters, type ObjectName } from "../collection.ts";
import type { Exit, Failure } from "../exit.ts";
import { yamlText } from "../output.ts";
import { withNearestObject } from "../probably-meant.ts";
import { type Shell, visible } from "../shell.ts";

export function get(shell: Shell, object: ObjectName, options: AskOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const call = objectCall(object, "get");
    if (!call.ok) return call;
    const answer = await client.askJson({ ...call.value, parameters: { org, ...call.value.parameters } });
    if (!answer.ok) return { ok: false, error: await withNearestObject(answer.error, object, { client, org }) };
    const { text, value } = answer.value;
    return { ok: true, value: { value, text, table: (output) => output.write(visible(yamlText(value))) } };
  });
}

/** The call that is about one object; without the organization. */
export function objectCall({ kind, key }: ObjectName, verb: "get" | "history"): Result<Call, Failure> {
  if (kind === "organization" && verb === "get" && key.length === 0) return { ok: true, value: { route: "getOrganization" } };
  const named = collectionOf(kind, verb === "get" ? ["organization"] : []);
  if (!named.ok) return named;
  const parameters = keyParameters(named.value, key);
  if (!parameters.ok) return parameters;
  return { ok: true, value: { route: `${named.value.name}.${verb}` as RouteId, parameters: parameters.value } };
}

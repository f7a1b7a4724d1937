/** What was done by a call that answers nothing: told in a sentence. Commands that end with it have one form only. */
import type { Result } from "@reeve/core";
import type { Call, Client } from "./client.ts";
import type { Failure } from "./exit.ts";
import type { Told } from "./output.ts";
import { writeLines } from "./shell.ts";

export async function done(client: Client, call: Call, sentence: string): Promise<Result<Told, Failure>> {
  const answer = await client.ask(call);
  if (!answer.ok) return answer;
  return { ok: true, value: { value: undefined, table: (output) => writeLines(output, [sentence]) } };
}

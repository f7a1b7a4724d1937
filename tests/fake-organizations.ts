/**
 * Organizations behind a `fetch`: the export, the writes and the creation that the command line needs of a server, decided by core.
 *
 * Every write is admitted as a server admits it, and kept with the plan that it led to, so that a test can look in between.
 * Invariant: what a server would refuse is refused here, with the same codes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Exit, run } from "@reeve/cli";
import { admit, type Change, compiler, keyOf, type Plan, parseChange, parseRecord, type Rec, records } from "@reeve/core";

export type Standing = { plan: Plan; revision: number; readonly givers: Map<string, Rec> };
export type Sent = {
  readonly path: string;
  readonly body: { readonly reason?: string; readonly changes?: readonly unknown[] } | undefined;
};

export class FakeOrganizations {
  readonly all = new Map<string, Standing>();
  readonly sent: Sent[] = [];
  /** Called with each plan that a write led to. */
  wrote: (plan: Plan) => void = () => undefined;
  /** Answers in place of a write, once. */
  next: (() => Response | undefined) | undefined;

  put(id: string, of: readonly Rec[]): void {
    const compiling = compiler(id);
    compiling.add(of);
    this.all.set(id, { plan: compiling.finish(), revision: 1, givers: new Map(of.map((rec) => [nameOf(rec), rec])) });
  }

  /** The records with who gave a grant, which a plan does not keep. */
  records(id: string): readonly Rec[] {
    const { plan, givers } = this.all.get(id) as Standing;
    return [...records(plan)].map((rec) => (rec.kind === "grant" ? (givers.get(nameOf(rec)) ?? rec) : rec));
  }

  readonly fetch = async (url: string, { body }: { body?: string } = {}): Promise<Response> => {
    const { pathname } = new URL(url);
    const parsed = body === undefined ? undefined : (JSON.parse(body) as Sent["body"]);
    this.sent.push({ path: pathname, body: parsed });
    const [, org = "", what] = /^\/v1\/orgs\/([^/]+)\/(\w+)$/.exec(pathname) ?? [];
    if (what === undefined) return this.#create(parsed as unknown as { id: string; name: string; tenantIds?: string[] });
    const id = decodeURIComponent(org);
    const standing = this.all.get(id);
    if (standing === undefined) return problem(404, "organization_not_found");
    return what === "export" ? this.#export(id, standing) : this.#write(standing, parsed as never);
  };

  #create({ id, ...value }: { id: string; name: string; tenantIds?: string[] }): Response {
    this.put(id, [{ kind: "organization", value: { tenantIds: [], ...value } }]);
    return Response.json({ id, revision: "e.1" }, { status: 201 });
  }

  #export(id: string, { revision }: Standing): Response {
    const of = this.records(id);
    const lines = [{ revision: `e.${revision}` }, ...of, { end: true, records: of.length }];
    return new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  #write(standing: Standing, { changes, ifRevision }: { changes: readonly unknown[]; ifRevision: string }): Response {
    const instead = this.next?.();
    this.next = undefined;
    if (instead !== undefined) return instead;
    if (changes.length > 1_000 || changes.length === 0) return problem(413, "too_many_items");
    if (ifRevision !== `e.${standing.revision}`) return problem(412, "revision_conflict");
    const read = changes.map((change, index) => parseChange(change, `/changes/${index}`));
    const faults = read.flatMap((one) => (one.ok ? [] : one.error));
    if (faults.length > 0) return problem(400, "malformed_request", faults);
    const wanted = read.flatMap((one): Change[] => (one.ok ? [one.value] : []));
    const result = admit(standing.plan, wanted, { pointer: "/changes", catalogue: true });
    if (!result.ok) return problem(422, "changes_refused", result.error);
    standing.plan = result.value.plan;
    standing.revision++;
    for (const change of wanted) if ("put" in change && change.put.kind === "grant") standing.givers.set(nameOf(change.put), change.put);
    this.wrote(standing.plan);
    return Response.json({ revision: `e.${standing.revision}`, changeSet: "c", applied: result.value.changes.length });
  }
}

export const nameOf = (rec: Rec): string => JSON.stringify([rec.kind, ...keyOf(rec)]);

const problem = (status: number, code: string, errors?: unknown): Response =>
  Response.json(
    { type: "t", title: code, status, instance: "i", code, requestId: "r", errors },
    { status, headers: { "content-type": "application/problem+json" } },
  );

export type Ended = { readonly exit: Exit; readonly out: string; readonly err: string };

/** Runs a command line in this process, against what `fetch` answers. */
export const runReeve = (...words: readonly string[]): Promise<Ended> => runReeveWith({ REEVE_TOKEN: "t" }, ...words);

export async function runReeveWith(environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Ended> {
  const printed = { out: "", err: "" };
  const output = (name: "out" | "err") => ({
    isTerminal: false,
    hasColour: false,
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const exit = await run(words, { environment, stdout: output("out"), stderr: output("err") });
  return { exit, ...printed };
}

/** A directory that is gone afterwards. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "reeve-files-"));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * What of a random organization a write would take. They hold what tests of the engine need and no parser takes (Reeve's own product,
 * names of prototypes), and leave out what only a write asks for (owners).
 */
export function writable(random: readonly Rec[]): readonly Rec[] {
  const text = JSON.stringify(random).replaceAll('"__proto__"', '"proto"').replaceAll('"constructor"', '"maker"');
  let left = (JSON.parse(text) as Rec[]).filter(({ kind, value }) => parseRecord(kind, value).ok);
  for (;;) {
    const result = admit(
      compiler("A@x").finish(),
      left.map((rec) => ({ put: rec })),
      { catalogue: true },
    );
    if (result.ok) return left;
    const faulty = new Set(result.error.map(({ pointer }) => Number(pointer.split("/")[1])));
    left = left.filter((_, index) => !faulty.has(index));
  }
}

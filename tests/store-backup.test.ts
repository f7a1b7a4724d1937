/**
 * `reeve backup` beside a running server, `reeve restore` into an empty directory: equal by hash, of one moment, and yesterday's
 * revisions refused. What is no backup, or would overwrite something, is refused with what to do.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupStore, openSqliteStore, restoreStore, type Store } from "@reeve/server";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { reeve, stopAll } from "./cli-server.ts";
import { DEMO, serve, TOKEN } from "./serve.ts";

const NOTE = { actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r" };
const NOW = Date.UTC(2024, 1, 22, 12);
const PARTS = 5;

afterEach(stopAll);

const folder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-backup-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const opened = (directory: string): Store => {
  const store = openSqliteStore({ directory });
  onTestFinished(() => store.close());
  return store;
};

/** One write of records that belong together. */
const write = (store: Store, org: string, n: number) =>
  store.write(org, (tx) => {
    for (let part = 0; part < PARTS; part += 1) tx.put({ kind: "label", value: { id: `test/${n}-${part}` } });
    tx.audit(NOTE);
  });

/** A data directory with two organizations and a token, closed. */
const filled = async (): Promise<{ root: string; directory: string; file: string }> => {
  const root = folder();
  const directory = join(root, "data");
  const store = openSqliteStore({ directory, clock: () => NOW });
  for (const org of ["a", "b"]) {
    await store.create(org, (tx) => tx.audit(NOTE));
    for (let n = 0; n < 20; n += 1) await write(store, org, n);
  }
  await store.tokens.put({ hash: new Uint8Array(32).fill(1), kind: "administrator", createdMs: 1 });
  await store.close();
  return { root, directory, file: join(root, "backup.db") };
};

const failure = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
};

describe("a backup", () => {
  it("beside a writing server is of one moment, and equal by hash to what is restored", async () => {
    const { root, directory, file } = await filled();
    const store = opened(directory);
    let [n, isOver] = [100, false];
    const writing = (async () => {
      while (!isOver) await Promise.all(Array.from({ length: 64 }, () => write(store, "a", n++)));
    })();
    const environment = { REEVE_DATA_DIR: directory };
    const made = await reeve(["backup", file], { environment });
    isOver = true;
    await writing;
    expect(made).toMatchObject({ code: 0, err: "" });
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    expect(readdirSync(root).sort()).toEqual(["backup.db", "data"]);
    const restored = await reeve(["restore", file], { environment: { REEVE_DATA_DIR: join(root, "new") } });
    expect(restored).toMatchObject({ code: 0, err: "" });
    const hashes = (out: string) => out.split("\n").filter((line) => line.includes("sha256"));
    expect(hashes(made.out)).toHaveLength(3);
    expect(hashes(restored.out)).toEqual(hashes(made.out));
    expect(restored.out).toMatch(/new epoch: revisions that were given out before are refused/);
    expect(restored.out).toMatch(/1 of them, valid again even if they were revoked since/);
    const again = opened(join(root, "new"));
    const parts = new Map<string, number>();
    for await (const { records } of again.load("a")) {
      for (const rec of records) {
        const write = rec.kind === "label" ? (rec.value.id.split("-")[0] ?? "") : "";
        parts.set(write, (parts.get(write) ?? 0) + 1);
      }
    }
    expect([...parts.values()].filter((count) => count !== PARTS)).toEqual([]);
    expect(await again.verifyAudit("a")).toMatchObject({ ok: true, events: parts.size + 2 });
  });

  it("says the same of the same content, and another of another", async () => {
    const { directory, file } = await filled();
    const first = backupStore({ directory, file, nowMs: 1 });
    const second = backupStore({ directory, file: `${file}-2`, nowMs: 2 });
    expect(second.digest).toEqual(first.digest);
    const store = openSqliteStore({ directory });
    await write(store, "b", 1_000);
    await store.close();
    const third = backupStore({ directory, file: `${file}-3`, nowMs: 3 });
    expect(third.digest.organizations.map(({ sha256 }, at) => sha256 === first.digest.organizations[at]?.sha256)).toEqual([true, false]);
    expect(third.digest.sha256).not.toBe(first.digest.sha256);
  });

  it("overwrites nothing, and leaves nothing behind when it is refused", async () => {
    const { root, directory, file } = await filled();
    writeFileSync(file, "mine");
    expect(failure(() => backupStore({ directory, file, nowMs: NOW }))).toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("overwrites nothing"),
    });
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(failure(() => backupStore({ directory, file: join(root, "none/b.db"), nowMs: NOW }))).toMatchObject({
      code: "directory_unusable",
    });
    expect(failure(() => backupStore({ directory: root, file: `${file}-2`, nowMs: NOW }))).toMatchObject({
      code: "not_a_store",
      message: expect.stringContaining("data directory"),
    });
    expect(readdirSync(root).sort()).toEqual(["backup.db", "data"]);
  });

  it("of a damaged store is refused, before somebody relies on it", async () => {
    const { root, directory, file } = await filled();
    const path = join(directory, "reeve.db");
    const bytes = readFileSync(path);
    // In the object's row, and wherever else it is told of.
    for (let at = bytes.indexOf('"test/7-2"'); at >= 0; at = bytes.indexOf('"test/7-2"', at + 1)) bytes[at + 6] = "8".charCodeAt(0);
    writeFileSync(path, bytes);
    expect(failure(() => backupStore({ directory, file, nowMs: NOW }))).toMatchObject({ code: "damaged" });
    expect(readdirSync(root).sort()).toEqual(["data"]);
  });

  it("onto a full disk is refused with what to do, and the data directory is as it was", async () => {
    const { root, directory, file } = await filled();
    const { shell } = await import("./cli-server.ts");
    const line = `ulimit -f 80; exec "$NODE" tools/node.mjs packages/cli/src/main.ts backup "$FILE"`;
    const refused = await shell(line, { environment: { REEVE_DATA_DIR: directory, NODE: process.execPath, FILE: file } });
    expect(refused).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringMatching(/no room for the backup.*the data directory is as it was/),
    });
    expect(readdirSync(root)).toEqual(["data"]);
    expect(backupStore({ directory, file, nowMs: NOW }).digest.organizations).toHaveLength(2);
  });
});

describe("a restore", () => {
  it("changes every epoch, writes a line in every audit, and leaves records and revisions as they were", async () => {
    const { root, directory, file } = await filled();
    const before = opened(directory);
    const heads = await before.heads(["a", "b"]);
    backupStore({ directory, file, nowMs: NOW });
    restoreStore({ file, directory: join(root, "new"), nowMs: NOW + 5, endTokens: false });
    const store = opened(join(root, "new"));
    const now = await store.heads(["a", "b"]);
    for (const org of ["a", "b"]) {
      const [was, is] = [heads.get(org)!, now.get(org)!];
      expect(is.revision).toBe(was.revision);
      expect(is.epoch).not.toBe(was.epoch);
      expect(await store.changes(org, was, 10)).toEqual({ kind: "reload" });
      const { events } = await store.auditPage(org, undefined, 100);
      expect(events.at(-1)).toMatchObject({
        actor: { type: "operator", id: "reeve restore" },
        action: "store.restore",
        target: org,
        timeMs: NOW + 5,
        changes: [],
        reason: expect.stringMatching(/^From a backup of 2024-02-22T12:00:00.000Z, sha256 [0-9a-f]{64}; epoch/),
      });
      expect(events.at(-1)).not.toHaveProperty("revision");
      expect(await store.verifyAudit(org)).toMatchObject({ ok: true, events: was.revision + 1 });
    }
    expect(now.get("a")!.epoch).not.toBe(now.get("b")!.epoch);
    expect((await write(store, "a", 500)).head).toEqual({ ...now.get("a")!, revision: now.get("a")!.revision + 1 });
  });

  it("over HTTP refuses yesterday's revisions, and brings back a token that was revoked since", async () => {
    const root = folder();
    const yesterday = await serve({ directory: join(root, "old") });
    const question = {
      subject: { type: "service-account", id: "demo-developer" },
      action: { name: "view" },
      resource: { path: "/programs/4" },
    };
    const asked = await yesterday.call(`${DEMO}/check`, { body: question });
    const revision = asked.body.context.revision as string;
    const file = join(root, "backup.db");
    const environment = { REEVE_DATA_DIR: join(root, "old/data") };
    expect(await reeve(["backup", file], { environment })).toMatchObject({ code: 0 });
    await yesterday.stop();
    expect(await reeve(["restore", file], { environment: { REEVE_DATA_DIR: join(root, "new/data") } })).toMatchObject({ code: 0 });
    const today = await serve({ directory: join(root, "new") });
    onTestFinished(() => today.stop());
    expect(await today.call(`${DEMO}/check`, { body: question })).toMatchObject({ status: 200, body: { decision: asked.body.decision } });
    const old = await today.call(`${DEMO}/check`, { body: { ...question, atLeast: revision } });
    expect([old.status, old.body.code]).toEqual([409, "revision_of_another_history"]);
    const change = { changes: [{ put: { kind: "label", value: { id: "core/new" } } }], ifRevision: revision };
    const stale = await today.call(`${DEMO}/changes`, { body: change });
    expect([stale.status, stale.body.code]).toEqual([409, "revision_of_another_history"]);
    expect(TOKEN).toBe(today.token);
  });

  it("keeps what befell and the keys of writes, and begins with new secrets, which no backup holds", async () => {
    const { root, directory, file } = await filled();
    const [key, fingerprint] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const send = (store: Store) =>
      store.write("a", (tx) => {
        tx.once(key, fingerprint);
        tx.put({ kind: "label", value: { id: "test/once" } });
        tx.audit(NOTE);
      });
    const told = async (store: Store) => [
      await store.changeSets("a", undefined, 100),
      await store.history("a", { kind: "label", key: ["test/once"] }, { max: 9 }),
      (await store.list("a", { kind: "label", filter: {}, sort: "name", max: 1_000 }))?.objects,
    ];
    const before = openSqliteStore({ directory, clock: () => NOW });
    const first = await send(before);
    const secret = await before.secret("cursor");
    const was = await told(before);
    await before.close();
    backupStore({ directory, file, nowMs: NOW });
    expect(readFileSync(join(directory, "reeve.db")).includes(Buffer.from(secret).toString("hex"))).toBe(true);
    expect(readFileSync(file).includes(Buffer.from(secret).toString("hex"))).toBe(false);
    restoreStore({ file, directory: join(root, "new"), nowMs: NOW, endTokens: false });
    const store = openSqliteStore({ directory: join(root, "new"), clock: () => NOW });
    onTestFinished(() => store.close());
    expect(await told(store)).toEqual(was);
    const again = await send(store);
    expect(again).toMatchObject({ repeated: true, changeSet: first.changeSet, head: { revision: first.head.revision } });
    expect(again.head.epoch).not.toBe(first.head.epoch);
    expect(await store.secret("cursor")).not.toEqual(secret);
  });

  it("may end every token", async () => {
    const { root, directory, file } = await filled();
    backupStore({ directory, file, nowMs: NOW });
    const environment = { REEVE_DATA_DIR: join(root, "new") };
    const { code, out } = await reeve(["restore", "--end-tokens", file], { environment });
    expect([code, out]).toEqual([0, expect.stringContaining("Every token of the backup was ended (1)")]);
    expect(await opened(join(root, "new")).tokens.list({}, undefined, 10)).toEqual([]);
  });

  it("takes a directory that is empty but for what holds no data, and no other", async () => {
    const { root, directory, file } = await filled();
    backupStore({ directory, file, nowMs: NOW });
    expect(failure(() => restoreStore({ file, directory, nowMs: NOW, endTokens: false }))).toMatchObject({
      code: "target_exists",
      message: expect.stringMatching(/data is not empty \(reeve\.db.*Name an empty data directory/),
    });
    const mounted = join(root, "mounted");
    mkdirSync(join(mounted, "lost+found"), { recursive: true });
    writeFileSync(join(mounted, "reeve.db.restoring"), "cut off");
    expect(failure(() => openSqliteStore({ directory: mounted }))).toMatchObject({
      code: "restore_unfinished",
      message: expect.stringContaining("Restore again"),
    });
    restoreStore({ file, directory: mounted, nowMs: NOW, endTokens: false });
    expect(readdirSync(mounted).sort()).toEqual(["lost+found", "reeve.db", "server.lock"]);
    expect((await opened(mounted).organizations(undefined, 10)).ids).toEqual(["a", "b"]);
  });

  it("begins with the clock of today, for a directory that was written by a wrong one", async () => {
    const { root, directory, file } = await filled();
    const yearsAgo = NOW - 3 * 365 * 86_400_000;
    expect(failure(() => openSqliteStore({ directory, clock: () => yearsAgo }))).toMatchObject({ code: "clock_behind" });
    backupStore({ directory, file, nowMs: yearsAgo });
    restoreStore({ file, directory: join(root, "new"), nowMs: yearsAgo, endTokens: false });
    await openSqliteStore({ directory: join(root, "new"), clock: () => yearsAgo }).close();
  });
});

describe("what is no backup", () => {
  const refused = async (spoil: (file: string, directory: string) => void | Promise<void>): Promise<unknown> => {
    const { root, directory, file } = await filled();
    backupStore({ directory, file, nowMs: NOW });
    await spoil(file, directory);
    const target = join(root, "new");
    const told = failure(() => restoreStore({ file, directory: target, nowMs: NOW, endTokens: false }));
    expect(existsSync(join(target, "reeve.db"))).toBe(false);
    expect(readdirSync(target).filter((entry) => entry !== "server.lock")).toEqual([]);
    return told;
  };
  const flip = (file: string, text: string): void => {
    const bytes = readFileSync(file);
    // Of an object its own row: change sets and the audit have the same text behind a colon, and no backup answers for change sets.
    const found = text.startsWith("{") ? bytes.toString("latin1").search(new RegExp(`(?<!:)${text}`)) : bytes.lastIndexOf(text);
    const at = found + text.length - 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };

  it("is refused and restores nothing", async () => {
    // Of SQLite's file header: https://www.sqlite.org/fileformat.html#the_database_header
    const header = (at: { userVersion: 60 } | { applicationId: 68 }, value: number) => (file: string) => {
      const bytes = readFileSync(file);
      bytes.writeUInt32BE(value, Object.values(at)[0]);
      writeFileSync(file, bytes);
    };
    expect(await refused((file) => rmSync(file))).toMatchObject({
      code: "not_a_store",
      message: expect.stringContaining("There is no file"),
    });
    expect(await refused((file) => writeFileSync(file, "text".repeat(3_000)))).toMatchObject({ code: "not_a_store" });
    expect(await refused((file) => writeFileSync(file, ""))).toMatchObject({ code: "not_a_store" });
    expect(await refused(header({ applicationId: 68 }, 7))).toMatchObject({ code: "not_a_store" });
    expect(await refused(header({ userVersion: 60 }, 9_999))).toMatchObject({
      code: "newer_database",
      message: expect.stringContaining("9999"),
    });
    expect(await refused((file) => writeFileSync(file, readFileSync(file).subarray(0, 20_480)))).toMatchObject({ code: "damaged" });
    expect(await refused((file) => flip(file, '{"id":"test/7-2'))).toMatchObject({ code: "damaged" });
    // A token: its kind stands behind its hash.
    expect(await refused((file) => flip(file, `${"\u0001".repeat(32)}administrator`))).toMatchObject({ code: "damaged" });
    // An audit line: its chain would only be told, but it is not what was backed up.
    expect(await refused((file) => flip(file, '"changeSet":"0'))).toMatchObject({ code: "damaged" });
  });

  it("is the file of a running server, whose log lies beside it", async () => {
    const { root, directory } = await filled();
    const store = opened(directory);
    await write(store, "a", 900);
    const copy = join(root, "copy.db");
    for (const side of ["", "-wal"]) copyFileSync(join(directory, `reeve.db${side}`), `${copy}${side}`);
    expect(failure(() => restoreStore({ file: copy, directory: join(root, "new"), nowMs: NOW, endTokens: false }))).toMatchObject({
      code: "not_a_store",
      message: expect.stringMatching(/in use.*reeve backup/),
    });
  });
});

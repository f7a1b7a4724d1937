/**
 * Disks that fail for real: a file-size limit, a full file system, directories that cannot be written, were taken away or are not there.
 * What was acknowledged stays, what was refused is not there, and the message names the remedy.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore, StoreError } from "@reeve/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { noteSkip } from "./require.ts";
import { partsOf, type StoreClient, storeClient, wholeWrites, writeUntilRefused } from "./store-client.ts";

const folder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-disk-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, n) => n);
const run = (command: string, ...words: string[]): boolean => {
  try {
    execFileSync(command, words, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** A server looks at most every 20 ms where its files lie. */
const noticed = () => new Promise((resolve) => setTimeout(resolve, 40));

const opened = async (directory: string, by: readonly string[] = []): Promise<StoreClient> => {
  const client = await storeClient(directory, by);
  expect(client.first).toMatchObject({ ready: true });
  return client;
};

describe("a file-size limit", () => {
  // Of 512 bytes each, as POSIX has it: one is met by the log, the other by the database file that the log is moved into.
  it.each([
    ["the log", 4_000],
    ["the database file", 14_000],
  ])("that %s meets stops writing, says so, and loses nothing", async (_, blocks) => {
    const directory = folder();
    const client = await opened(directory, ["sh", "-c", `ulimit -f ${blocks}; exec "$@"`, "sh"]);
    const { last, refusal } = await writeUntilRefused(client, 0);
    expect(last).toBeGreaterThan(10);
    expect(refusal).toMatchObject({ health: "stopped", message: expect.stringMatching(/ulimit -f.*start the server again/) });
    expect(await client.write(partsOf(last + 2))).toMatchObject({ code: "writes_stopped", health: "stopped" });
    expect(await client.end()).toBe(0);
    const there = await wholeWrites(directory);
    // The one whose commit broke may be there; its answer said that this is known only now.
    expect([upTo(last), upTo(last + 1)]).toContainEqual(there);
    expect("code" in refusal && refusal.code === "commit_failed" ? there.length : last + 1).toBe(there.length);
    const again = await opened(directory);
    expect(await again.write(partsOf(last + 9))).toHaveProperty("revision");
    await again.end();
  });
});

describe("a full disk", () => {
  const mounted = (): string | undefined => {
    const directory = folder();
    if (!run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", directory)) return undefined;
    onTestFinished(() => void run("umount", "-l", directory));
    return directory;
  };
  const canMount = ((): boolean => {
    const directory = mkdtempSync(join(tmpdir(), "reeve-mount-"));
    const can = run("mount", "-t", "tmpfs", "tmpfs", directory);
    if (can) run("umount", directory);
    rmSync(directory, { recursive: true });
    if (!can) noteSkip("a small file system can be mounted by root only; the file-size limit above stands for it");
    return can;
  })();

  it.skipIf(!canMount)("refuses what it cannot keep, goes on answering, and takes writes when there is room again", async () => {
    const disk = mounted() ?? "";
    const directory = join(disk, "data");
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(4_000_000));
    const client = await opened(directory);
    const { last, refusal } = await writeUntilRefused(client, 0);
    expect(refusal).toMatchObject({
      code: "disk_full",
      health: "refused",
      message: expect.stringMatching(/Free space.*nothing of this write was kept/),
    });
    expect(await client.write(partsOf(last + 2))).toMatchObject({ code: "disk_full" });
    unlinkSync(ballast);
    const more = await client.write(partsOf(last + 3));
    expect(more).toHaveProperty("revision");
    expect(await client.end()).toBe(0);
    expect(await wholeWrites(directory)).toEqual([...upTo(last), last + 3]);
  });

  it.skipIf(!canMount)("does not keep a server from starting, so that it answers questions, or says what to do", async () => {
    const disk = mounted() ?? "";
    const directory = join(disk, "data");
    const client = await opened(directory);
    for (const n of upTo(20)) await client.write(partsOf(n));
    await client.end();
    // Not a byte is left.
    expect(() => writeFileSync(join(disk, "ballast"), Buffer.alloc(20_000_000))).toThrow(/ENOSPC/);
    const outcome = await wholeWrites(directory).catch((error: unknown) => error);
    if (Array.isArray(outcome)) expect(outcome).toEqual(upTo(20));
    else expect(outcome).toMatchObject({ name: "StoreError", code: "disk_full", message: expect.stringContaining("Free space") });
    unlinkSync(join(disk, "ballast"));
    expect(await wholeWrites(directory)).toEqual(upTo(20));
  });
});

describe("a directory", () => {
  /** The command under which the directory cannot be written: rights do not bind root, a file system does. */
  const isRoot = process.getuid?.() === 0;
  const readOnly = (directory: string): readonly string[] => {
    if (!isRoot) chmodSync(directory, 0o500);
    const script = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"`;
    return isRoot ? ["unshare", "-m", "sh", "-c", script, directory] : [];
  };
  const canBind = !isRoot || run("unshare", "-m", "true");
  if (!canBind) noteSkip("root cannot make a read-only directory here: `unshare -m` is refused");

  it.skipIf(!canBind)("that is read-only is refused, whether a store lies there or not", async () => {
    for (const isNew of [true, false]) {
      const directory = folder();
      if (!isNew) {
        const client = await opened(directory);
        for (const n of upTo(3)) await client.write(partsOf(n));
        await client.end();
      }
      const refused = await storeClient(directory, readOnly(directory));
      expect(refused.first).toMatchObject({
        code: expect.stringMatching(/^(directory_unusable|store_failed)$/),
        message: expect.stringMatching(/read and write it|writable/),
      });
      await refused.end();
      chmodSync(directory, 0o700);
      if (!isNew) expect(await wholeWrites(directory)).toEqual(upTo(3));
    }
  });

  it("whose parent is missing is made, and one that cannot be made is refused with what to do", async () => {
    const parent = folder();
    const client = await opened(join(parent, "not/there/yet"));
    await client.end();
    writeFileSync(join(parent, "file"), "");
    const refused = await storeClient(join(parent, "file/data"));
    expect(refused.first).toMatchObject({ code: "directory_unusable", message: expect.stringContaining("file/data cannot be used") });
    await refused.end();
  });

  it("that is taken away under the server stops its writes, and what was acknowledged is there when it comes back", async () => {
    const directory = join(folder(), "data");
    const client = await opened(directory);
    for (const n of upTo(3)) await client.write(partsOf(n));
    renameSync(directory, `${directory}-away`);
    await noticed();
    expect(await client.write(partsOf(4))).toMatchObject({
      code: "commit_failed",
      health: "stopped",
      message: expect.stringMatching(/removed or replaced.*put the data directory back/),
    });
    expect(await client.write(partsOf(5))).toMatchObject({ code: "writes_stopped" });
    renameSync(`${directory}-away`, directory);
    expect(await client.end()).toBe(0);
    // The write that was told to be lost went into the file that was away.
    expect((await wholeWrites(directory)).slice(0, 4)).toEqual(upTo(3));
  });

  it("whose log alone is removed or replaced stops the server's writes too", async () => {
    for (const file of ["reeve.db-wal", "reeve.db"]) {
      const directory = folder();
      const client = await opened(directory);
      await client.write(partsOf(0));
      unlinkSync(join(directory, file));
      writeFileSync(join(directory, file), "");
      await noticed();
      expect(await client.write(partsOf(1))).toMatchObject({ code: "commit_failed", message: expect.stringContaining(file) });
      await client.end();
    }
  });
});

describe("a clock that was set back", () => {
  const NOW = Date.UTC(2024, 10, 22, 12);
  const note = { actor: { type: "user", id: "a" }, action: "test", target: "/", requestId: "r" };
  const writeAt = async (directory: string, nowMs: number): Promise<void> => {
    const store = openSqliteStore({ directory, clock: () => nowMs });
    try {
      await store.create("a", (tx) => tx.audit(note));
      await store.write("a", (tx) => {
        tx.put({ kind: "label", value: { id: `at/${nowMs}` } });
        tx.audit(note);
      });
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true });
    } finally {
      await store.close();
    }
  };

  it("before a start is refused with what to do, for expired access would count again", async () => {
    const directory = folder();
    await writeAt(directory, NOW);
    for (const backMs of [3_600_000, 40 * 86_400_000]) {
      await expect(writeAt(directory, NOW - backMs)).rejects.toMatchObject({
        name: "StoreError",
        code: "clock_behind",
        message: expect.stringMatching(/clock says 2024-.* written at 2024-11-22T12:00:00.000Z.*Set the clock right/),
      });
    }
    await writeAt(directory, NOW - 120_000);
    await writeAt(directory, NOW + 1);
  });

  it("while the server runs stops nothing, and the audit's order holds", async () => {
    const directory = folder();
    let now = NOW;
    const store = openSqliteStore({ directory, clock: () => now });
    onTestFinished(() => store.close());
    await store.create("a", (tx) => tx.audit(note));
    for (const back of [0, 3_600_000, 90 * 86_400_000, 1]) {
      now = NOW - back;
      await store.write("a", (tx) => {
        tx.put({ kind: "label", value: { id: `back/${back}` } });
        tx.audit(note);
      });
    }
    expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 5 });
    const { events } = await store.auditPage("a", undefined, 10);
    expect(events.map(({ period }) => period)).toEqual(Array.from({ length: 5 }, () => 202411));
  });
});

it("gives every failure of a store as a StoreError, which the command line prints as a line", () => {
  const directory = folder();
  mkdirSync(join(directory, "reeve.db"));
  expect(() => openSqliteStore({ directory })).toThrow(StoreError);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { create, label, put, recordsOf } from "../conformance/fixture.ts";
import type { Store } from "../index.ts";
import { openSqliteStore, type SqliteOptions } from "./sqlite.ts";

const makeDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-open-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const open = (options: SqliteOptions): Store => {
  const store = openSqliteStore(options);
  onTestFinished(() => store.close());
  return store;
};

const failureOf = (directory: string): unknown => {
  try {
    open({ directory });
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("a data directory", () => {
  it("is made for its owner alone, file and directory", async () => {
    const directory = join(makeDirectory(), "deep/data");
    const store = open({ directory });
    await create(store, "a");
    expect((statSync(directory).mode & 0o777).toString(8)).toBe("700");
    for (const file of readdirSync(directory))
      expect([file, (statSync(join(directory, file)).mode & 0o777).toString(8)]).toEqual([file, "600"]);
    expect(readdirSync(directory)).toContain("reeve.db-wal");
  });

  it("is left with one file when the store is closed, and nothing waits in its log", async () => {
    const directory = makeDirectory();
    const store = open({ directory });
    await create(store, "a");
    await store.close();
    expect(readdirSync(directory).sort()).toEqual(["reeve.db", "server.lock"]);
  });

  it("that is a file, or below one, is refused", () => {
    const directory = join(makeDirectory(), "file");
    writeFileSync(directory, "");
    expect(failureOf(directory)).toMatchObject({ name: "StoreError", code: "directory_unusable" });
    expect(failureOf(join(directory, "below"))).toMatchObject({ code: "directory_unusable" });
  });
});

describe("a second server", () => {
  it("in the same process is refused and told who holds the directory", async () => {
    const directory = makeDirectory();
    const store = open({ directory });
    expect(failureOf(directory)).toMatchObject({ code: "locked", message: expect.stringContaining(`process ${process.pid} on `) });
    await create(store, "a");
    await store.close();
    expect(failureOf(directory)).toBeUndefined();
  });

  it("is refused while another process lives, and let in when that one is killed", async () => {
    const directory = makeDirectory();
    // Collecting what nobody refers to must not let go of the directory.
    const script = `const { openSqliteStore } = await import(${JSON.stringify(join(import.meta.dirname, "sqlite.ts"))});
      openSqliteStore({ directory: ${JSON.stringify(directory)} }); 
      for (let n = 0; n < 3; n++) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
      console.log("open"); setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ["--conditions=source", "--expose-gc", "--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void other.kill("SIGKILL"));
    await once(other.stdout, "data");
    const holder = new RegExp(`process ${other.pid} on .+, since \\d{4}-\\d\\d-\\d\\dT.+Z\\) uses ${directory}\\. Stop it`);
    expect(failureOf(directory)).toMatchObject({ code: "locked", message: expect.stringMatching(holder) });
    const dead = once(other, "close");
    other.kill("SIGKILL");
    await dead;
    expect(failureOf(directory)).toBeUndefined();
  });

  it("does not disturb the one that runs", async () => {
    const directory = makeDirectory();
    const store = open({ directory });
    await create(store, "a");
    for (let n = 0; n < 5; n += 1) {
      expect(failureOf(directory)).toMatchObject({ code: "locked" });
      await put(store, "a", [label(`core/${n}`)]);
    }
    expect(await recordsOf(store, "a")).toHaveLength(5);
  });
});

describe("a database that is not ours to open", () => {
  const spoiled = async (spoil: (path: string) => void): Promise<unknown> => {
    const directory = makeDirectory();
    const store = open({ directory });
    await create(store, "a", [label("core/x")]);
    await store.close();
    const path = join(directory, "reeve.db");
    spoil(path);
    const before = readFileSync(path);
    const failure = failureOf(directory);
    expect(readFileSync(path).equals(before)).toBe(true);
    return failure;
  };
  const sql = (text: string) => (path: string) => {
    const db = new Database(path);
    db.exec(text);
    db.close();
  };

  it("because it is newer is refused and left as it is", async () => {
    expect(await spoiled(sql("PRAGMA user_version = 9999"))).toMatchObject({
      code: "newer_database",
      message: expect.stringContaining("9999"),
    });
  });

  it("because it is another program's is refused and left as it is", async () => {
    expect(await spoiled(sql("PRAGMA application_id = 7"))).toMatchObject({ code: "not_a_store" });
    expect(await spoiled(sql("PRAGMA application_id = 0"))).toMatchObject({ code: "not_a_store" });
  });

  it("because it is none is refused and left as it is", async () => {
    expect(await spoiled((path) => writeFileSync(path, "x".repeat(8_192)))).toMatchObject({ code: "not_a_store" });
  });

  it("because its first page is damaged is refused and left as it is", async () => {
    const flip = (path: string) => {
      const bytes = readFileSync(path);
      bytes.set([bytes[0]! ^ 0xff], 0);
      writeFileSync(path, bytes);
    };
    expect(await spoiled(flip)).toMatchObject({ code: "not_a_store", message: expect.stringContaining("backup") });
  });
});

it("keeps the audit append-only against its own statements", async () => {
  const directory = makeDirectory();
  const store = open({ directory });
  await create(store, "a");
  const db = new Database(join(directory, "reeve.db"));
  onTestFinished(() => void db.close());
  expect(() => db.exec("UPDATE audit_event SET actor_id = 'eve'")).toThrow(/append-only/);
  expect(() => db.exec("DELETE FROM audit_event")).toThrow(/append-only/);
});

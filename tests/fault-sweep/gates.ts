/**
 * Loaded before the server: its files outside the store are read with a gate at every place where they wait.
 * Without a gate in place everything goes through.
 */
import { registerHooks } from "node:module";
import { relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { GATE, gated, SERVER, sweptFiles } from "./sites.ts";

const swept = new Set(sweptFiles().map((file) => pathToFileURL(`${SERVER}/${file}`).href));

Reflect.set(globalThis, GATE, (_place: string, _isIterated: boolean, value: unknown) => value);
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!swept.has(url)) return loaded;
    const file = relative(SERVER, fileURLToPath(url)).replaceAll(sep, "/");
    return { ...loaded, source: gated(file, String(loaded.source)) };
  },
});

/** The door of the server: to start it, to read its configuration, and to reset the administrator's token. Stores for tests and bench. */
export { DEMO_ORGANIZATION } from "./app/index.ts";
export { type Config, type ConfigFault, LOG_LEVELS, readConfig } from "./config.ts";
export { resetAdministrator } from "./identity/index.ts";
export { type Running, type StartFault, startServer, VERSION } from "./main.ts";
export { type Store, StoreError } from "./store/index.ts";
export { memoryStore } from "./store/memory/memory-store.ts";
export { openSqliteStore } from "./store/sql/sqlite.ts";

/** The door of the server: to start it, to read its configuration, and to reset the administrator's token. Stores for tests and bench. */
export { DEMO_ORGANIZATION, REVISION_WAIT_MS } from "./app/index.ts";
export { type Config, type ConfigSource, loadConfig, readConfig } from "./config.ts";
export { resetAdministrator } from "./identity/index.ts";
export { DRAIN_MS, type Running, type StartFault, startServer, VERSION } from "./main.ts";
export { type ConfigFault, OTHER_KEYS, SETTINGS, type Setting } from "./settings/index.ts";
export { type Store, StoreError } from "./store/index.ts";
export { memoryStore } from "./store/memory/memory-store.ts";
export { type BackupReport, backupStore } from "./store/sql/backup.ts";
export type { OrganizationDigest, StoreDigest } from "./store/sql/digest.ts";
export { inspectStore, type StoreInspection } from "./store/sql/inspect.ts";
export { type RestoreReport, restoreStore } from "./store/sql/restore.ts";
export { openSqliteStore } from "./store/sql/sqlite.ts";
export { WIRING, type Wiring } from "./wiring.ts";

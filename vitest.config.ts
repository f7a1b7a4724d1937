// Which tests there are and in which set: `unit` and `golden` belong to `npm run check`, `across` to `npm test`, `prove` to
// `npm run prove`. The `source` condition makes sibling packages resolve to their TypeScript, as everywhere in this repository.
import { defineConfig } from "vitest/config";

const conditions = ["source", "module", "node", "development|production"];
const resolving = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const set = (name: string, include: string[], limits: { testTimeout: number; hookTimeout: number; exclude?: string[] }) => ({
  ...resolving,
  test: { name, include, environment: "node" as const, execArgv: ["--conditions=source"], ...limits },
});

export default defineConfig({
  ...resolving,
  test: {
    maxWorkers: 2,
    projects: [
      set("unit", ["packages/*/src/**/*.test.ts", "tools/**/*.test.ts", "catalogues/**/*.test.ts"], {
        testTimeout: 20_000,
        hookTimeout: 20_000,
      }),
      set("golden", ["tests/golden/**/*.test.ts"], { testTimeout: 20_000, hookTimeout: 20_000 }),
      set("across", ["tests/**/*.test.ts"], { testTimeout: 120_000, hookTimeout: 60_000, exclude: ["tests/golden/**"] }),
      set("prove", ["tests/**/*.prove.ts"], { testTimeout: 3_600_000, hookTimeout: 120_000 }),
    ],
  },
});

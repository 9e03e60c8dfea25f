import { defineConfig } from "vitest/config"

/** Packages are tested from their sources, so no build is needed before `vitest`. */
export const shared = (
  options: {
    readonly testTimeout?: number
    readonly include?: ReadonlyArray<string>
    readonly exclude?: ReadonlyArray<string>
  } = {}
) =>
  defineConfig({
    ssr: { resolve: { conditions: ["@effect-postmark/source", "module", "node", "development|production"] } },
    resolve: { conditions: ["@effect-postmark/source", "module", "node", "development|production"] },
    test: {
      include: [...(options.include ?? ["test/**/*.test.ts"])],
      exclude: [...(options.exclude ?? [])],
      pool: "forks",
      poolOptions: { forks: { maxForks: 2 } },
      testTimeout: options.testTimeout ?? 20_000,
      hookTimeout: 60_000
    }
  })

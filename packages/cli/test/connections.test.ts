import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { against, canary, dataOf, Double, folder, silentFailureOf } from "./support/program.ts"

layer(Double, { excludeTestServices: true })("stored connections", (it) => {
  it.scoped("are added, listed, used, rotated and removed, and no token is ever shown", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const env = { POSTMARK_SERVER_TOKEN: "", XDG_CONFIG_HOME: home }
      const stdin = `${canary.token}\n`
      const run = (args: ReadonlyArray<string>, more: { readonly stdin?: string } = {}) =>
        Effect.tap(against(["connections", ...args], { env, ...more }), ({ stderr, stdout }) => {
          assert.notInclude(stdout + stderr, canary.token)
          return Effect.void
        })
      const added = dataOf(yield* run(["add", "acme", "--token-stdin"], { stdin }))
      assert.deepInclude(added, { name: "acme", current: true })
      assert.property(added, "fingerprint")
      const path = join(home, "effect-postmark", "connections.json")
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.strictEqual(statSync(join(home, "effect-postmark")).mode & 0o777, 0o700)
      assert.include(readFileSync(path, "utf8"), canary.token)

      // The stored connection is used without a flag, and the environment comes before it.
      assert.property(dataOf(yield* against(["stats", "outbound"], { env })), "sent")
      const wrong = { ...env, POSTMARK_SERVER_TOKEN: "wrong" }
      silentFailureOf(yield* against(["stats", "outbound"], { env: wrong }), 4, "invalid_token")
      assert.property(dataOf(yield* against(["stats", "outbound", "-c", "acme"], { env: wrong })), "sent")
      silentFailureOf(yield* against(["stats", "outbound", "-c", "other"], { env }), 4, "unknown_connection")

      silentFailureOf(yield* run(["add", "acme", "--token-stdin"], { stdin }), 2, "usage_error")
      silentFailureOf(yield* run(["add", "bad", "--token-stdin"], { stdin: "wrong\n" }), 4, "invalid_token")
      silentFailureOf(yield* run(["add", "other"]), 2, "missing_token")
      assert.property(dataOf(yield* run(["check", "acme"])), "serverId")
      assert.property(dataOf(yield* run(["rotate", "acme", "--token-stdin"], { stdin })), "fingerprint")
      assert.deepInclude(dataOf(yield* run(["use", "acme"])), { current: true })
      silentFailureOf(yield* run(["revoke", "acme"]), 2, "not_confirmed")
      assert.deepInclude(dataOf(yield* run(["revoke", "acme", "--dry-run"])), { dryRun: true })
      assert.nestedPropertyVal(dataOf(yield* run(["list"])), "connections[0].name", "acme")

      chmodSync(path, 0o644)
      silentFailureOf(yield* run(["list"]), 4, "profile_problem")
      chmodSync(path, 0o600)
      assert.deepInclude(dataOf(yield* run(["revoke", "acme", "--yes"])), { revoked: true })
      assert.deepStrictEqual(dataOf(yield* run(["list"])), { connections: [] })
    }), 300_000)
})

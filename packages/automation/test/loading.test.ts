import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** The modules that a program loads which imports one module of this package. */
const loaded = async (specifier: string) => {
  const code = `import { register } from "node:module"
    register("data:text/javascript," + encodeURIComponent(
      "export const load = (url, context, next) => { process._rawDebug(url); return next(url, context) }"
    ))
    await import(${JSON.stringify(specifier)})`
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@effect-postmark/source", "--import", "tsx", "--input-type=module", "--eval", code],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), maxBuffer: 64 * 1024 * 1024 }
  )
  return stderr.split("\n")
}

const engine = /@effect\/(?:workflow|cluster|rpc)\//

describe("the package", () => {
  it("loads no workflow engine from its index", async () => {
    const modules = await loaded("@effect-postmark/automation")
    assert.isTrue(modules.some((url) => url.endsWith("/src/Waits.ts")))
    assert.deepStrictEqual(modules.filter((url) => engine.test(url)), [])
  }, 60_000)

  it("loads it for durable steps, and no cluster", async () => {
    const modules = await loaded("@effect-postmark/automation/DurableSteps")
    assert.isTrue(modules.some((url) => url.includes("@effect/workflow/")))
    assert.deepStrictEqual(modules.filter((url) => /@effect\/cluster\//.test(url)), [])
  }, 60_000)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import {
  childEnvironment,
  cleanEnvironment,
  exitCode,
  nodeProblem,
  pnpmVersion,
  run,
  workspaceDirectories
} from "../workspace.mjs"

test("POSTMARK_* leaves the environment, and nothing else does", () => {
  assert.deepEqual(
    cleanEnvironment({
      POSTMARK_SERVER_TOKEN: "a",
      POSTMARK_FROM: "b",
      postmark_to: "c",
      EFFECT_POSTMARK_PORT: "3000",
      HOME: "/home"
    }),
    { EFFECT_POSTMARK_PORT: "3000", HOME: "/home" }
  )
})

test("a child sees no POSTMARK_*, and finds the workspace's commands first", async () => {
  process.env.POSTMARK_SERVER_TOKEN = "a"
  try {
    const { output } = await run(process.execPath, ["-p", "Object.keys(process.env).join()"], { capture: true })
    assert.doesNotMatch(output, /(^|,)POSTMARK_/)
  } finally {
    delete process.env.POSTMARK_SERVER_TOKEN
  }
  assert.match(childEnvironment({ PATH: "/bin" }).PATH, /^[^:;]+node_modules.\.bin[:;]/)
})

test("a caller's own directory of headers is kept", () => {
  assert.equal(childEnvironment({ npm_config_nodedir: "/headers" }).npm_config_nodedir, "/headers")
})

test("Node from 20.19 on is taken", () => {
  for (const version of ["20.19.0", "20.20.2", "22.0.0", "24.1.0"]) {
    assert.equal(nodeProblem(version), undefined)
  }
  for (const version of ["18.20.0", "20.18.3"]) {
    assert.match(nodeProblem(version), /20\.19/)
  }
})

test("pnpm's version is read without its hash", () => {
  assert.equal(pnpmVersion("pnpm@10.34.9+sha512.abc"), "10.34.9")
  assert.throws(() => pnpmVersion("yarn@4.0.0"))
  assert.throws(() => pnpmVersion(undefined))
})

test("the workspace's packages are found", () => {
  const directories = workspaceDirectories()
  assert.ok(directories.includes("packages/core"))
  assert.ok(directories.includes("examples/tour"))
})

test("exit codes are those of a shell", async () => {
  assert.equal(exitCode(3, null), 3)
  assert.equal(exitCode(null, "SIGTERM"), 143)
  const { code } = await run(process.execPath, ["-e", "process.exit(7)"], { capture: true })
  assert.equal(code, 7)
})

test("a command that takes too long is stopped", async () => {
  const { code, tooLong } = await run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    capture: true,
    seconds: 0.5
  })
  assert.equal(tooLong, true)
  assert.equal(code, 124)
})

test("a command that does not exist fails", async () => {
  const { code } = await run("effect-postmark-no-such-command", [], { capture: true })
  assert.notEqual(code, 0)
})

/** What would be published: well formed, complete, and working in an empty project and without Node. */
import assert from "node:assert/strict"
import { execFile, spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import vm from "node:vm"

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))
const bin = (name) => join(root, "node_modules", ".bin", name)

const run = async (command, args, options = {}) => {
  try {
    const { stderr, stdout } = await promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024, ...options })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    return { code: error.code, output: `${error.stdout}${error.stderr}` }
  }
}

const directory = mkdtempSync(join(tmpdir(), "effect-postmark-pack-"))
const packages = readdirSync(join(root, "packages"))
const tarball = (name) => join(directory, `effect-postmark-${name}-${versionOf(name)}.tgz`)
const versionOf = (name) => JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")).version

before(async () => {
  for (const name of packages) {
    const { code, output } = await run(bin("pnpm"), ["pack", "--pack-destination", directory], {
      cwd: join(root, "packages", name)
    })
    assert.equal(code, 0, output)
  }
}, { timeout: 120_000 })

after(() => rmSync(directory, { recursive: true, force: true }))

for (const name of packages) {
  test(`${name}: publint and attw find nothing`, { timeout: 60_000 }, async () => {
    const publint = await run(bin("publint"), ["--strict", tarball(name)])
    assert.equal(publint.code, 0, publint.output)
    const attw = await run(bin("attw"), ["--profile", "esm-only", "--no-emoji", tarball(name)])
    assert.equal(attw.code, 0, attw.output)
  })
}

test("the packed packages work in an empty project", { timeout: 180_000 }, async () => {
  const project = join(directory, "project")
  mkdirSync(project)
  const catalog = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")
  const cataloged = (name) => new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(catalog)?.[1]
  const dependencies = Object.fromEntries(
    ["effect", "@effect/platform", "@effect/platform-node", "@effect/cluster", "@effect/experimental", "@effect/rpc"]
      .concat(["@effect/sql", "@effect/workflow"])
      .map((name) => [name, cataloged(name)])
  )
  for (const name of ["core", "test-double"]) dependencies[`@effect-postmark/${name}`] = `file:${tarball(name)}`
  const overrides = { "@effect-postmark/core": `file:${tarball("core")}` }
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies, overrides })
  )
  const install = await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: project })
  assert.equal(install.code, 0, install.output)

  // The README's program goes to Postmark, so it has to be stopped at the door.
  const [, program] = /## Example\n\n```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? []
  assert.ok(program, "the README has no program")
  writeFileSync(join(project, "readme.mjs"), program)
  cpSync(join(here, "onlyLoopback.mjs"), join(project, "onlyLoopback.mjs"))
  const live = await run(process.execPath, ["--import", "./onlyLoopback.mjs", "readme.mjs"], {
    cwd: project,
    env: { ...process.env, POSTMARK_SERVER_TOKEN: "canary-token" }
  })
  assert.equal(live.code, 97, live.output)
  assert.match(live.output, /beyond loopback: api\.postmarkapp\.com/)
  assert.doesNotMatch(live.output, /canary-token/)

  // With the double below it, the same program sends.
  writeFileSync(
    join(project, "double.mjs"),
    program
      .replace(
        "import * as NodeHttpClient from \"@effect/platform-node/NodeHttpClient\"",
        "import { PostmarkDouble } from \"@effect-postmark/test-double\""
      )
      .replace("NodeHttpClient.layerUndici", "Layer.provide(PostmarkDouble.layerHttpClient, PostmarkDouble.layer())")
  )
  const double = await run(process.execPath, ["--import", "./onlyLoopback.mjs", "double.mjs"], {
    cwd: project,
    env: { ...process.env, POSTMARK_SERVER_TOKEN: "double-demo-server-token" }
  })
  assert.equal(double.code, 0, double.output)
  assert.match(double.output, /Postmark accepted [0-9a-f-]{36}/)

  // The double as a program: one bundle, whose late part is there as well.
  const command = join(project, "node_modules", ".bin", "effect-postmark-double")
  const version = await run(command, ["--version"], { cwd: project })
  assert.equal(version.output, `${versionOf("test-double")}\n`)
  const started = spawn(command, ["--port", "0"], { cwd: project, stdio: ["ignore", "pipe", "inherit"] })
  try {
    let printed = ""
    for await (const chunk of started.stdout) {
      printed += chunk
      if (printed.includes("/_double")) break
    }
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? []
    const server = await fetch(`${url}/server`, { headers: { "x-postmark-server-token": "double-demo-server-token" } })
    assert.equal(server.status, 200)
    const described = await (await fetch(`${url}/_double/openapi.json`)).json()
    assert.ok(described.paths["/_double/messages"])
  } finally {
    started.kill()
  }
  // The page is among the packed files, where the server looks for it.
  writeFileSync(
    join(project, "page.mjs"),
    `import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
     import { Effect, Layer } from "effect"
     const look = ({ url }) => Effect.promise(async () => {
       for (const path of ["/", "/_double/page/main.js"]) console.log(path, (await fetch(url + path)).status)
     })
     await Effect.runPromise(Effect.provide(
       Effect.flatMap(NodePostmarkDouble.NodePostmarkDouble, look),
       Layer.provide(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer())
     ))`
  )
  const page = await run(process.execPath, ["--import", "./onlyLoopback.mjs", "page.mjs"], { cwd: project })
  assert.equal(page.output, "/ 200\n/_double/page/main.js 200\n")
})

test("the packed server starts in an empty project", { timeout: 240_000 }, async () => {
  const project = join(directory, "server")
  mkdirSync(project)
  const manifest = JSON.parse(readFileSync(join(root, "packages", "http-server", "package.json"), "utf8"))
  const catalog = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")
  const cataloged = (name) => new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(catalog)?.[1]
  const ours = Object.fromEntries(
    ["core", "automation", "storage-sql"].map((name) => [`@effect-postmark/${name}`, `file:${tarball(name)}`])
  )
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      private: true,
      type: "module",
      dependencies: {
        "@effect-postmark/http-server": `file:${tarball("http-server")}`,
        effect: cataloged("effect"),
        "@effect/platform": cataloged("@effect/platform")
      },
      overrides: ours
    })
  )
  const install = await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: project })
  assert.equal(install.code, 0, install.output)
  const command = join(project, "node_modules", ".bin", "effect-postmark-server")
  const env = { PATH: process.env.PATH, EFFECT_POSTMARK_DATA_DIR: join(project, "data") }
  const version = await run(command, ["--version"], { cwd: project, env })
  assert.equal(version.output, `${manifest.version}\n`)
  const checked = await run(command, ["check-config"], { cwd: project, env })
  assert.equal(checked.code, 0, checked.output)

  // The native part is what the workspace has: an install with scripts would download or compile the same.
  const storage = createRequire(join(root, "packages", "storage-sql", "package.json"))
  const native = dirname(dirname(createRequire(storage.resolve("@effect/sql-sqlite-node")).resolve("better-sqlite3")))
  cpSync(join(native, "build"), join(project, "node_modules", "better-sqlite3", "build"), { recursive: true })
  const migrated = await run(command, ["migrate"], { cwd: project, env })
  assert.equal(migrated.code, 0, migrated.output)
  assert.match(migrated.output, /^the tables on SQLite are up to date/)
})

test("core sends in a runtime that has fetch and no Node", { timeout: 60_000 }, async () => {
  const entry = join(directory, "worker.mjs")
  writeFileSync(
    entry,
    `import { PostmarkClient } from "@effect-postmark/core"
     import { FetchHttpClient } from "@effect/platform"
     import { Effect, Layer, Redacted } from "effect"
     globalThis.result = Effect.runPromise(
       Effect.flatMap(PostmarkClient.PostmarkClient, (postmark) =>
         postmark.sendEmail({ from: "a@example.org", to: "b@example.com", textBody: "t" })
       ).pipe(Effect.provide(
         Layer.provide(PostmarkClient.layer({ serverToken: Redacted.make("t") }), FetchHttpClient.layer)
       ))
     )`
  )
  const { build } = await import("esbuild")
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    logLevel: "silent",
    nodePaths: [join(root, "packages", "test-double", "node_modules")]
  })
  const requests = []
  const sandbox = {
    AbortController,
    AbortSignal,
    Blob,
    FormData,
    Headers,
    ReadableStream,
    Request,
    Response,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
    clearTimeout,
    console,
    crypto,
    performance,
    queueMicrotask,
    setTimeout,
    fetch: async (url, init) => {
      requests.push([String(url), init])
      return new Response(
        JSON.stringify({
          To: "b@example.com",
          MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
          ErrorCode: 0,
          Message: "OK"
        }),
        { headers: { "content-type": "application/json" } }
      )
    }
  }
  vm.runInNewContext(bundle.outputFiles[0].text, Object.assign(sandbox, { globalThis: sandbox, self: sandbox }))
  const receipt = await sandbox.result
  assert.equal(receipt.messageId, "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10")
  assert.equal(requests.length, 1)
  assert.equal(requests[0][0], "https://api.postmarkapp.com/email")
  assert.equal(requests[0][1].redirect, "manual")
})

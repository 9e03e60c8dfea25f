import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { promisify } from "node:util"
import createClient from "openapi-fetch"
import openapiTS, { astToString } from "openapi-typescript"
import { email, start, tokens } from "./support/harness.ts"

const directory = fileURLToPath(new URL("../build/openapi", import.meta.url))

/** A program against the generated types: the compiler checks it, then it runs. */
const program = `
import createClient from "openapi-fetch"
import type { components, paths } from "./api.ts"

export const run = async (baseUrl: string, key: string, id: string): Promise<unknown> => {
  const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${key}\` } })
  const path = { id }
  const sent = await client.POST("/v1/connections/{id}/actions/send-email", {
    params: { path },
    body: ${JSON.stringify(email)}
  })
  const messageId: string | undefined = sent.data?.messageId
  const made = await client.POST("/v1/connections/{id}/templates", {
    params: { path },
    body: { name: "Welcome", subject: "Hi", textBody: "Hi", alias: "welcome" }
  })
  const template: number | undefined = made.data?.templateId
  const page = await client.GET("/v1/connections/{id}/templates", { params: { path, query: { count: 10 } } })
  const names = (page.data?.templates ?? []).map(({ name }) => name)
  const removed = await client.DELETE("/v1/connections/{id}/templates/{template}", {
    params: { path: { id, template: "welcome" } }
  })
  const missing = await client.GET("/v1/connections/{id}/bounces/{bounceId}", {
    params: { path: { id, bounceId: "1" } }
  })
  const problem: components["schemas"]["Problem404"] | { readonly code: string } | undefined = missing.error
  // @ts-expect-error count is a number
  void client.GET("/v1/connections/{id}/templates", { params: { path, query: { count: "ten" } } }).catch(() => {})
  return {
    sent: messageId !== undefined,
    template: template !== undefined,
    names,
    removed: removed.response.status,
    code: problem?.code
  }
}
`

const tsconfig = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2023", "dom"],
    types: [],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true
  },
  files: ["program.ts"]
}

it.scopedLive(
  "types generated from the document make a plain fetch client that compiles and works",
  () =>
    Effect.gen(function*() {
      const { call, connect, key, url } = yield* start()
      const id = yield* connect(tokens.acme)
      const { text } = yield* call("GET", "/openapi.json")
      yield* Effect.promise(async () => {
        mkdirSync(directory, { recursive: true })
        writeFileSync(join(directory, "api.ts"), astToString(await openapiTS(text)))
        writeFileSync(join(directory, "program.ts"), program)
        writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(tsconfig))
        const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc")
        await promisify(execFile)(process.execPath, [tsc, "-p", directory])
          .catch(({ stdout }: { readonly stdout: string }) => assert.fail(stdout))
      })
      const { run }: { readonly run: (url: string, key: string, id: string) => Promise<unknown> } = yield* Effect
        .promise(
          () => import(pathToFileURL(join(directory, "program.ts")).href)
        )
      assert.deepStrictEqual(yield* Effect.promise(() => run(url, key, id)), {
        sent: true,
        template: true,
        names: ["Welcome"],
        removed: 204,
        code: "not_found"
      })
      assert.isFunction(createClient)
    }),
  60_000
)

/**
 * The PostgreSQL of these tests: the one at `EFFECT_POSTMARK_TEST_DATABASE_URL` if it is set, else one that is started here.
 * There is no way to skip it: if none can be started, the tests fail and say why.
 */
import * as PostgresServer from "@effect-postmark/storage-sql/testing/PostgresServer"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  export interface ProvidedContext {
    readonly postgresUrl: string
  }
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const given = process.env["EFFECT_POSTMARK_TEST_DATABASE_URL"] ?? ""
  if (given !== "") {
    project.provide("postgresUrl", given)
    return async () => {}
  }
  const server = await PostgresServer.start(process.env["PATH"] ?? "")
  project.provide("postgresUrl", server.url)
  return server.stop
}

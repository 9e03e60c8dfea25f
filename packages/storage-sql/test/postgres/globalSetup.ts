import type { TestProject } from "vitest/node"
import { start } from "./server.ts"

declare module "vitest" {
  export interface ProvidedContext {
    readonly postgresUrl: string
  }
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await start()
  project.provide("postgresUrl", server.url)
  return server.stop
}

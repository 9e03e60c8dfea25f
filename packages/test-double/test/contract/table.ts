/** The double's table of endpoints, read from its source: it is private, and no way in lists it. */
import { readFileSync } from "node:fs"

const source = readFileSync(new URL("../../src/internal/routes/endpoints.ts", import.meta.url), "utf8")

/** Lines such as `GET /bounces/:id`. */
export const table: ReadonlyArray<string> = [...source.matchAll(/\["([A-Z]+ \/[^"]*)",/g)].map(([, line = ""]) => line)

/** The line that answers a call: of those that fit, the one with the fewest `:id`. */
export const endpointOf = (method: string, path: string): string | undefined => {
  const call = `${method} ${new URL(path, "http://double.invalid").pathname.replace(/\/$/, "").toLowerCase()}`
  return table.filter((line) => new RegExp(`^${line.replaceAll(":id", "[^/]+")}$`, "i").test(call))
    .sort((a, b) => a.split(":id").length - b.split(":id").length)[0]
}

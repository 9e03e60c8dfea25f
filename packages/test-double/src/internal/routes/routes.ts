/** Finds the endpoint that a method and a path name. */
import type { Shape } from "../http/shape.ts"
import { decodeSafely } from "../rules/fields.ts"
import { bodies } from "./bodies.ts"
import type { AccountHandler, Handler } from "./call.ts"
import { accountRoutes, serverRoutes } from "./endpoints.ts"

export interface Route {
  readonly method: string
  readonly segments: ReadonlyArray<string>
  readonly access:
    | { readonly token: "server"; readonly handler: Handler }
    | { readonly token: "account"; readonly handler: AccountHandler }
  readonly maxBytes: number
  /** Undefined if the endpoint takes no body. */
  readonly body: Shape | undefined
}

export type Match =
  | { readonly tag: "unknown" }
  | { readonly tag: "wrongMethod" }
  | { readonly tag: "found"; readonly route: Route; readonly path: { readonly [name: string]: string } }

/** Paths in any case, a trailing slash or none, literal segments before ids (docs/postmark.md#how-postmark-reads). */
export const match = (method: string, path: string): Match => {
  const literal = literalRoutes.get(path.toLowerCase())
  const parts = literal === undefined ? path.split("/").filter((part) => part !== "") : []
  const candidates = literal ?? routes.filter(({ segments }) => fits(segments, parts))
  const best = candidates.reduce((max, { segments }) => Math.max(max, literals(segments)), -1)
  const exact = candidates.filter(({ segments }) => literals(segments) === best)
  if (exact.length === 0) return { tag: "unknown" }
  const route = exact.find((candidate) => candidate.method === method.toUpperCase())
  if (route === undefined) return { tag: "wrongMethod" }
  return {
    tag: "found",
    route,
    path: Object.fromEntries(
      route.segments.flatMap((segment, i) =>
        segment.startsWith(":") ? [[segment.slice(1), decodeSafely(parts[i] ?? "")]] : []
      )
    )
  }
}

const fits = (segments: ReadonlyArray<string>, parts: ReadonlyArray<string>): boolean =>
  segments.length === parts.length &&
  segments.every((segment, i) => segment.startsWith(":") || segment === parts[i]?.toLowerCase())

const literals = (segments: ReadonlyArray<string>): number =>
  segments.filter((segment) => !segment.startsWith(":")).length

const megabyte = 1024 * 1024

const route = (line: string, maxBytes: number): Omit<Route, "access"> => {
  const [method = "", path = ""] = line.split(" ")
  return { method, segments: path.split("/").filter((part) => part !== ""), maxBytes, body: bodies.get(line) }
}

const routes: ReadonlyArray<Route> = [
  ...serverRoutes.map(([line, handler, megabytes = 10]) => ({
    ...route(line, megabytes * megabyte),
    access: { token: "server" as const, handler }
  })),
  ...accountRoutes.map(([line, handler]) => ({
    ...route(line, 10 * megabyte),
    access: { token: "account" as const, handler }
  }))
]

/** The routes whose path is there as it stands, without an id: most calls go to one of them. */
const literalRoutes: ReadonlyMap<string, ReadonlyArray<Route>> = routes.reduce(
  (found, route) => {
    const path = `/${route.segments.join("/")}`
    return literals(route.segments) === route.segments.length
      ? found.set(path, [...found.get(path) ?? [], route])
      : found
  },
  new Map<string, ReadonlyArray<Route>>()
)

/** Finds the route of a URL, to tell a wrong method from a wrong path and to name the route without its ids. */
import * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import { Access } from "../api/Access.ts"
import { Repeat } from "../api/Repeat.ts"

/**
 * An endpoint of a route. `access` is what its caller must be allowed to do; undefined if it asks for no API key. `repeat` is
 * what an abandoned request with an `Idempotency-Key` comes to; undefined if the endpoint changes nothing.
 */
export interface Endpoint {
  readonly name: string
  readonly access: Context.Tag.Service<Access> | undefined
  readonly repeat: Context.Tag.Service<Repeat> | undefined
}

export interface Route {
  readonly path: string
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly pattern: RegExp
  readonly methods: ReadonlyArray<string>
}

export interface RouteTable {
  readonly find: (url: string) => Route | undefined
}

/** The parameters of a URL of this route, in their order in the path. One that cannot be decoded stays as it is. */
export const paramsOf = (route: Route, url: string): ReadonlyMap<string, string> => {
  const segments = pathOf(url).split("/")
  return new Map(
    route.path.split("/").flatMap((part, index) =>
      part.startsWith(":") ? [[part.slice(1), decoded(segments[index] ?? "")] as const] : []
    )
  )
}

const decoded = (segment: string) => Option.getOrElse(decode(segment), () => segment)

const decode = Option.liftThrowable(decodeURIComponent)

const pathOf = (url: string): string => {
  // The router also accepts an absolute URL as a path.
  const [path = ""] = url.replace(/^https?:\/\/[^/]*/, "").split(/[?#;]/, 1)
  return path
}

export const make = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>,
  others: ReadonlyArray<string>
): RouteTable => {
  const paths = new Map<string, Map<string, Endpoint>>(others.map((path) => [path, new Map([["GET", document]])]))
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, group }) => {
      const endpoints = paths.get(endpoint.path) ?? new Map<string, Endpoint>()
      const access = Option.getOrUndefined(Context.getOption(endpoint.annotations, Access))
      const repeat = access === undefined || access === "read"
        ? undefined
        : Option.getOrElse(
          Context.getOption(endpoint.annotations, Repeat),
          () => endpoint.method === "DELETE" ? "again" as const : "ask" as const
        )
      const name = `${group.identifier}.${endpoint.name}`
      paths.set(endpoint.path, endpoints.set(endpoint.method, { name, access, repeat }))
    }
  })
  const routes = Array.from(paths, ([path, own]): Route => {
    const get = own.get("GET")
    const endpoints = get === undefined ? own : new Map(own).set("HEAD", get)
    return {
      path,
      pattern: new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`),
      methods: Array.from(endpoints.keys()),
      endpoints
    }
  })
  return {
    find: (url) => {
      // Only this route can end in a slash.
      const path = pathOf(url).replace(/^(\/v1\/webhooks\/[^/]+)\/$/, "$1")
      // A literal path comes before one with a parameter, as in the router.
      return routes.find((route) => route.path === path) ?? routes.find((route) => route.pattern.test(path))
    }
  }
}

const document: Endpoint = { name: "documentation", access: undefined, repeat: undefined }

/** Finds the route of a URL, to tell a wrong method from a wrong path and to name the route without its ids. */
import * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"

interface Route {
  readonly path: string
  readonly pattern: RegExp
  readonly methods: ReadonlyArray<string>
}

export interface RouteTable {
  readonly find: (url: string) => Route | undefined
}

export const make = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>,
  others: ReadonlyArray<string>
): RouteTable => {
  const methods = new Map<string, Array<string>>(others.map((path) => [path, ["GET"]]))
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      methods.set(endpoint.path, [...(methods.get(endpoint.path) ?? []), endpoint.method])
    }
  })
  const routes = Array.from(methods, ([path, own]): Route => ({
    path,
    pattern: new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`),
    methods: own.includes("GET") ? [...own, "HEAD"] : own
  }))
  return {
    find: (url) => {
      // The router also accepts an absolute URL as a path.
      const [asked = ""] = url.replace(/^https?:\/\/[^/]*/, "").split(/[?#;]/, 1)
      // Only this route can end in a slash.
      const path = asked.replace(/^(\/v1\/webhooks\/[^/]+)\/$/, "$1")
      // A literal path comes before one with a parameter, as in the router.
      return routes.find((route) => route.path === path) ?? routes.find((route) => route.pattern.test(path))
    }
  }
}

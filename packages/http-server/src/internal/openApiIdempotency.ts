/** Adds the header `Idempotency-Key` to OpenAPI, with what it can lead to, on each operation that honours it. */
import type * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as IdempotencyKey from "./idempotencyKey.ts"
import * as RouteTable from "./routeTable.ts"

export const withIdempotencyKey = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>
) => {
  const routes = RouteTable.make(api, [])
  return (spec: Record<string, unknown>): Record<string, unknown> => ({
    ...spec,
    paths: mapRecord(spec["paths"], (item, path) =>
      mapRecord(item, (operation, method) => {
        const endpoint = routes.find(path.replace(/\{(\w+)\}/g, ":$1"))?.endpoints.get(method.toUpperCase())
        return endpoint?.repeat === undefined ? operation : honouring(operation)
      }))
  })
}

const honouring = (operation: unknown): unknown => {
  const { parameters, responses, ...others } = asRecord(operation)
  return {
    ...others,
    parameters: [...Array.isArray(parameters) ? parameters : [], parameter],
    responses: {
      ...Object.fromEntries(statuses.map(([status, description]) => [status, problem(status, description)])),
      ...asRecord(responses)
    }
  }
}

const parameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { type: "string", minLength: 1, maxLength: IdempotencyKey.maximumLength },
  description:
    "Makes repeats safe: for 24 hours, a repeat with the same key and body gets the first response, with the " +
    "header `Idempotent-Replayed: true`, and does nothing."
}

const statuses = [
  [400, "The body is not JSON in UTF-8, or the Idempotency-Key is invalid"],
  [409, "The request conflicts with the current state, or a request with this Idempotency-Key is in progress"],
  [413, "The body is too large"],
  [422, "The input was rejected, or the Idempotency-Key was used for another request"],
  [504, "It is not known whether the request was carried out"]
] as const

const problem = (status: number, description: string) => ({
  description,
  content: { "application/problem+json": { schema: { $ref: `#/components/schemas/Problem${status}` } } }
})

const mapRecord = (value: unknown, change: (item: unknown, key: string) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(asRecord(value)).map(([key, item]) => [key, change(item, key)]))

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}

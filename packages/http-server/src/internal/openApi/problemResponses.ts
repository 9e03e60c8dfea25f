/** Documents the errors of all operations in one place, each with an example. */
import { ConnectionNotFound, ConnectionRevoked } from "@effect-postmark/core/ConnectionError"
import { ConnectionId } from "@effect-postmark/core/Ids"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Option from "effect/Option"
import * as AST from "effect/SchemaAST"
import * as Problem from "../../api/Problem.ts"
import {
  AdminOnly,
  BodyTooLarge,
  BodyTooSlow,
  Defect,
  Draining,
  type Failure,
  invalid,
  MalformedBody,
  OwnApiKey,
  Unauthorized
} from "../failures.ts"
import * as Problems from "../problems.ts"
import { isRecord, type Json, mapValues, record } from "./json.ts"

/** Replaces the errors of each operation by references, and adds those that any request can get. */
export const withProblems = (spec: Json): Json => {
  const components = record(spec["components"])
  return {
    ...spec,
    paths: mapValues(spec["paths"], (item) => mapValues(item, documented)),
    components: {
      ...components,
      responses: { ...record(components["responses"]), ...responses },
      headers: { ...record(components["headers"]), ...headers }
    }
  }
}

const documented = (operation: unknown): unknown => {
  if (!isRecord(operation)) return operation
  const own = record(operation["responses"])
  const needsKey = Array.isArray(operation["security"]) && operation["security"].length > 0
  const statuses = new Set([
    ...Object.keys(own).filter((status) => Number(status) >= 400),
    ...needsKey ? ["401", "403", "429"] : [],
    "500",
    "503"
  ])
  const successes = Object.entries(own).filter(([status]) => Number(status) < 400)
  return {
    ...operation,
    responses: Object.fromEntries([
      ...successes.map(([status, response]) => [status, { headers: requestId, ...record(response) }]),
      ...[...statuses].sort().map((status) => [status, { $ref: `#/components/responses/Problem${status}` }])
    ])
  }
}

const requestId = { "X-Request-Id": { $ref: "#/components/headers/RequestId" } }

const headers = {
  RequestId: {
    description: "the request's X-Request-Id if it is valid, otherwise a new id",
    schema: { type: "string" }
  },
  RetryAfter: { description: "the seconds to wait before the next request", schema: { type: "integer", minimum: 0 } }
}

const operation = "listTemplates"

/** A failure of each status. */
const samples: Readonly<Record<string, Failure>> = {
  "400": new MalformedBody({ message: "the body must be JSON in UTF-8" }),
  "401": new Unauthorized({ reason: "unknown" }),
  "403": new AdminOnly(),
  "404": new ConnectionNotFound(),
  "409": new OwnApiKey(),
  "410": new ConnectionRevoked({ connectionId: ConnectionId.make("con_1") }),
  "408": new BodyTooSlow({ seconds: 30 }),
  "413": new BodyTooLarge({ limit: 5_242_880 }),
  "422": invalid(operation, [{ path: ["count"], message: "must be a whole number from 1 to 500" }]),
  "424": new PostmarkError.InvalidToken({ operation, message: "Postmark rejected the server token", errorCode: 10 }),
  "429": new PostmarkError.RateLimited({ operation, message: "Postmark's rate limit was exceeded", retryAfter: 7_000 }),
  "500": new Defect(),
  "502": new PostmarkError.RequestRefused({ operation, message: "Postmark rejected the request" }),
  "503": new Draining(),
  "504": new PostmarkError.ChangeUnknown({ operation, message: "the change may have been made" })
}

const responses = Object.fromEntries(Problem.all.map((schema) => {
  const status = String(HttpApiSchema.getStatusError(schema))
  const failure = samples[status] ?? new Defect()
  return [`Problem${status}`, {
    description: Option.getOrElse(AST.getDescriptionAnnotation(schema.ast), () => "Error"),
    headers: {
      ...requestId,
      ...status === "429" || status === "503" ? { "Retry-After": { $ref: "#/components/headers/RetryAfter" } } : {}
    },
    content: {
      [Problem.contentType]: {
        schema: { $ref: `#/components/schemas/Problem${status}` },
        example: Problems.of(failure, "7f1b5c1e-53a9-4d3f-9d2f-6d1f1f1c5d10").problem
      }
    }
  }]
}))

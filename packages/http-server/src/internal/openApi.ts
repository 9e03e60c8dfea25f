/** Removes from OpenAPI an error that `HttpApi` documents on every endpoint and our handlers never return. */
import { Issue } from "@effect-postmark/core/PostmarkError"
import * as OpenApiJsonSchema from "@effect/platform/OpenApiJsonSchema"
import * as Schema from "effect/Schema"

/**
 * Removes the platform's decode error. The handlers decode inputs themselves and respond with problems. The platform's
 * `Issue` schema would also replace ours.
 */
export const withoutDecodeErrors = (spec: Record<string, unknown>): Record<string, unknown> => {
  const cleaned: unknown = JSON.parse(JSON.stringify(spec), (key, value: unknown) => clean(key, value))
  return isRecord(cleaned) ? cleaned : spec
}

const clean = (key: string, value: unknown): unknown => {
  if (!isRecord(value)) return value
  if (key === "schemas") {
    const { HttpApiDecodeError: _, PropertyKey: __, ...schemas } = value
    return { ...schemas, Issue: issue }
  }
  if (key === "responses") {
    const { "400": badRequest, ...others } = value
    return badRequest === undefined || JSON.stringify(badRequest).includes(reference) ? others : value
  }
  const members = value["anyOf"]
  if (!Array.isArray(members)) return value
  const kept: ReadonlyArray<unknown> = members.filter((member: unknown) =>
    !isRecord(member) || member["$ref"] !== reference
  )
  return kept.length === 1 && members.length > 1 ? kept[0] : { ...value, anyOf: kept }
}

const reference = "#/components/schemas/HttpApiDecodeError"

const { $defs: _, ...issue } = OpenApiJsonSchema.make(Schema.Struct(Issue.fields))

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

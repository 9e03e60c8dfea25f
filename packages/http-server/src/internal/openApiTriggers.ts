/** Adds a registry's triggers to OpenAPI: their ids as the choices of a field, and the schemas of their events. */
import type * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as OpenApiJsonSchema from "@effect/platform/OpenApiJsonSchema"
import * as JSONSchema from "effect/JSONSchema"
import { isRecord, type Json, mapValues, record } from "./openApi/json.ts"

const components = "#/components/schemas/"

export const withTriggers = ({ triggers }: TriggerRegistry.Service) => {
  const schemas: Record<string, OpenApiJsonSchema.JsonSchema> = {}
  const events = triggers.map((trigger) => ({
    trigger,
    schema: OpenApiJsonSchema.makeWithDefs(trigger.event, { defs: schemas, defsPath: components })
  }))
  const ofEvents = new Set(
    events.flatMap(({ schema }) => "$ref" in schema ? [schema.$ref.slice(components.length)] : [])
  )
  const names = triggers.flatMap(({ id, name }) => [id, name])
  return (spec: Record<string, unknown>): Record<string, unknown> => {
    const own = {
      ...mapValues(schemas, (schema, name) => ofEvents.has(name) ? withoutRaw(record(schema)) : schema),
      TriggerEvent: {
        description: "the typed event of a trigger",
        anyOf: events.map(({ schema, trigger }) => ({
          ...withoutRaw({ ...schema }),
          title: trigger.id,
          description: trigger.description
        }))
      }
    }
    return update(spec, ["components", "schemas"], (all) => {
      const known = { ...own, ...record(all) }
      return update(
        update(known, ["Subscribe", "properties", "trigger"], (trigger) => ({ ...record(trigger), enum: names })),
        ["Event", "properties", "event"],
        (event) => ({ ...record(event), anyOf: [{ $ref: `${components}TriggerEvent` }, { type: "null" }] })
      )
    })
  }
}

/** The log has the webhook's body once, beside the typed event; the relay does not post it. */
const withoutRaw = (schema: Json): Json => {
  const { properties, required } = schema
  if (!isRecord(properties)) return schema
  const { raw: _, ...others } = properties
  return {
    ...schema,
    properties: others,
    required: Array.isArray(required) ? required.filter((name) => name !== "raw") : []
  }
}

/** The JSON Schema of a trigger's events, as the log and the relay have them. */
export const eventSchema = ({ event }: TriggerRegistry.Service["triggers"][number]): Json => {
  const schema: Json = { ...JSONSchema.make(event) }
  const own = String(schema["$ref"]).replace("#/$defs/", "")
  const defs = record(schema["$defs"])
  return withoutRaw(
    defs[own] === undefined ? schema : { ...schema, $defs: { ...defs, [own]: withoutRaw(record(defs[own])) } }
  )
}

const update = (
  value: Record<string, unknown>,
  [key, ...rest]: ReadonlyArray<string>,
  change: (value: unknown) => unknown
): Record<string, unknown> =>
  key === undefined
    ? value
    : { ...value, [key]: rest.length === 0 ? change(value[key]) : update(record(value[key]), rest, change) }

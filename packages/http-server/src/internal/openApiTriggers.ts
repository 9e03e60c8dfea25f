/** Adds a registry's triggers to OpenAPI: their ids as the choices of a field, and the schemas of their events. */
import type * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as OpenApiJsonSchema from "@effect/platform/OpenApiJsonSchema"

const components = "#/components/schemas/"

export const withTriggers = ({ triggers }: TriggerRegistry.Service) => {
  const schemas: Record<string, OpenApiJsonSchema.JsonSchema> = {}
  const events = triggers.map((trigger) => ({
    trigger,
    schema: OpenApiJsonSchema.makeWithDefs(trigger.event, { defs: schemas, defsPath: components })
  }))
  const names = triggers.flatMap(({ id, name }) => [id, name])
  return (spec: Record<string, unknown>): Record<string, unknown> => {
    const own = {
      ...schemas,
      TriggerEvent: {
        description: "the typed event of a trigger",
        anyOf: events.map(({ schema, trigger }) => ({ ...schema, title: trigger.id, description: trigger.description }))
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

const update = (
  value: Record<string, unknown>,
  [key, ...rest]: ReadonlyArray<string>,
  change: (value: unknown) => unknown
): Record<string, unknown> =>
  key === undefined
    ? value
    : { ...value, [key]: rest.length === 0 ? change(value[key]) : update(record(value[key]), rest, change) }

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}

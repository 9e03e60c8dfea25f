/**
 * The triggers that a program offers. The receiver, the subscriptions and the HTTP adapter read the registry when
 * their layers are built. An added trigger is automatically received, available for subscriptions, and in the OpenAPI
 * document.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { recordTypeOf } from "./internal/webhook/eventKind.ts"
import * as PostmarkTriggers from "./PostmarkTriggers.ts"
import type * as Trigger from "./Trigger.ts"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly triggers: ReadonlyArray<Trigger.Any>
  /** By id (`postmark/email-bounced`) or name (`email-bounced`). */
  readonly get: (idOrName: string) => Trigger.Any | undefined
  /** The trigger that a webhook's parsed body fires: by its `RecordType`, in any case. */
  readonly ofBody: (body: unknown) => Trigger.Any | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class TriggerRegistry extends Context.Tag("@effect-postmark/core/TriggerRegistry")<TriggerRegistry, Service>() {}

/**
 * Creates a registry of triggers. A trigger replaces an earlier one with the same id. Throws when two triggers read
 * the same record type or have the same name, because an event fires one trigger.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (triggers: ReadonlyArray<Trigger.Any>): Service => {
  const byId = new Map(triggers.map((trigger) => [trigger.id, trigger]))
  const all = Array.from(byId.values())
  const byName = unique(all, "name", ({ name }) => name)
  const byRecordType = unique(all, "recordType", ({ recordType }) => recordType.toLowerCase())
  return {
    triggers: all,
    get: (idOrName) => byId.get(idOrName) ?? byName.get(idOrName),
    ofBody: (body) => byRecordType.get(recordTypeOf(body)?.toLowerCase() ?? "")
  }
}

/**
 * Postmark's triggers, and the given ones.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (...more: ReadonlyArray<Trigger.Any>): Layer.Layer<TriggerRegistry> =>
  Layer.sync(TriggerRegistry, () => make([...PostmarkTriggers.all, ...more]))

const unique = (
  triggers: ReadonlyArray<Trigger.Any>,
  field: string,
  keyOf: (trigger: Trigger.Any) => string
): ReadonlyMap<string, Trigger.Any> => {
  const byKey = new Map<string, Trigger.Any>()
  for (const trigger of triggers) {
    const other = byKey.get(keyOf(trigger))
    if (other !== undefined) {
      throw new Error(
        `the triggers ${other.id} and ${trigger.id} have the same ${field} "${
          keyOf(trigger)
        }"; give one of them another`
      )
    }
    byKey.set(keyOf(trigger), trigger)
  }
  return byKey
}

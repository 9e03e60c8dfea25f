/**
 * The actions that a program offers. The adapters read the registry when their layers are built. An added action
 * automatically gets its HTTP route, OpenAPI entry and CLI command.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type * as Action from "./Action.ts"
import * as PostmarkActions from "./PostmarkActions.ts"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly handlers: ReadonlyArray<Action.Handled>
  /** By id (`postmark/send-email`) or name (`send-email`). */
  readonly get: (idOrName: string) => Action.Handled | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ActionRegistry extends Context.Tag("@effect-postmark/core/ActionRegistry")<ActionRegistry, Service>() {}

/**
 * Creates a registry of actions. An action replaces an earlier one with the same id.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (handlers: ReadonlyArray<Action.Handled>): Service => {
  const byId = new Map(handlers.map((handled) => [handled.action.id, handled]))
  const byName = new Map(handlers.map((handled) => [handled.action.name, handled]))
  return {
    handlers: Array.from(byId.values()),
    get: (idOrName) => byId.get(idOrName) ?? byName.get(idOrName)
  }
}

/**
 * Postmark's six actions, and the given ones.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (...more: ReadonlyArray<Action.Handled>): Layer.Layer<ActionRegistry> =>
  Layer.succeed(ActionRegistry, make([...PostmarkActions.handlers, ...more]))

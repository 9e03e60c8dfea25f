/**
 * All commands beside those that are derived from a registry alone. A new group of commands is added here.
 *
 * @since 0.1.0
 */
import type { CliCommand } from "../CliCommand.ts"
import * as About from "./about.ts"
import type * as ActionCommand from "./ActionCommand.ts"
import * as Connections from "./connections.ts"
import * as Double from "./double.ts"
import * as Emails from "./emails.ts"
import * as Messages from "./messages.ts"
import * as SendBatch from "./sendBatch.ts"
import * as Stats from "./stats.ts"

/**
 * What the six actions have beside what is derived, by their ids.
 *
 * @since 0.1.0
 * @category commands
 */
export const extrasOf: Readonly<Record<string, ActionCommand.Extras>> = {
  "postmark/send-email": Emails.send,
  "postmark/send-email-batch": SendBatch.extras,
  "postmark/send-email-with-template": Emails.sendTemplate,
  "postmark/list-outbound-messages": Messages.list,
  "postmark/get-outbound-message-details": Messages.get,
  "postmark/get-outbound-stats": Stats.outbound
}

/**
 * The commands that are no action.
 *
 * @since 0.1.0
 * @category commands
 */
export const commands: ReadonlyArray<CliCommand> = [Messages.wait, ...Connections.commands, Double.command]

/**
 * The commands about the program itself.
 *
 * @since 0.1.0
 * @category commands
 */
export const aboutCommands = About.commands

/**
 * Checks whether Postmark can report an open, before anyone waits for one in vain.
 *
 * @since 0.1.0
 */
import type { Email, TemplateEmail } from "./Email.ts"
import type { OutboundMessageDetails } from "./OutboundMessage.ts"
import type { Server } from "./Server.ts"

/**
 * The reason why no open will be reported:
 * - `trackingOff`: neither the message nor its server turns on open tracking
 * - `noHtmlBody`: the tracking pixel needs an HTML body
 * - `cannotTell`: a template creates the body, so only the sent message shows it
 *
 * @since 0.1.0
 * @category models
 */
export type Obstacle = "trackingOff" | "noHtmlBody" | "cannotTell"

/**
 * Lists the reasons why no open will be reported for an email that is about to be sent. An empty list means that
 * Postmark can report one; `cannotTell` means that it is uncertain. A server with open tracking overrides the
 * message's `false`. See https://postmarkapp.com/developer/api/email-api#send-a-single-email.
 *
 * @since 0.1.0
 * @category getters
 */
export const obstacles = (
  server: Pick<Server, "trackOpens">,
  email: Email | TemplateEmail
): ReadonlyArray<Obstacle> => [
  ...tracking(server.trackOpens === true || email.trackOpens === true),
  ...("templateModel" in email ? ["cannotTell" as const] : body(email.htmlBody))
]

/**
 * Lists the same reasons for a sent message: Postmark's record says whether it is tracked.
 *
 * @since 0.1.0
 * @category getters
 */
export const obstaclesOf = (
  message: Pick<OutboundMessageDetails, "trackOpens" | "htmlBody">
): ReadonlyArray<Obstacle> => [
  ...tracking(message.trackOpens === true),
  ...body(message.htmlBody)
]

/**
 * Describes an obstacle and its fix.
 *
 * @since 0.1.0
 * @category getters
 */
export const describe = (obstacle: Obstacle): string => descriptions[obstacle]

const descriptions: Readonly<Record<Obstacle, string>> = {
  trackingOff: "open tracking is off: send with trackOpens, or turn it on for the server in Postmark",
  noHtmlBody: "the message has no HTML body, and only HTML can report an open",
  cannotTell: "whether the template has an HTML body cannot be seen from here; without one, no open is reported"
}

const tracking = (on: boolean): ReadonlyArray<Obstacle> => on ? [] : ["trackingOff"]

const body = (html: string | null | undefined): ReadonlyArray<Obstacle> =>
  html === undefined || html === null || html.trim() === "" ? ["noHtmlBody"] : []

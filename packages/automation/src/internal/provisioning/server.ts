/** The parts of provisioning that are settings of the server. */
import type { Service as Client } from "@effect-postmark/core/PostmarkClient"
import type { InvalidToken, ReadError } from "@effect-postmark/core/PostmarkError"
import { EmailOpened, InboundReceived } from "@effect-postmark/core/PostmarkTriggers"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Provisioned } from "../../Provisioning.ts"
import * as Wanted from "./wanted.ts"

export const settle = (
  client: Pick<Client, "server">,
  url: string,
  triggers: ReadonlyArray<string>,
  openTracking: boolean
): Effect.Effect<Pick<Provisioned, "notes" | "openTracking">, InvalidToken | ReadError> =>
  Effect.gen(function*() {
    const server = yield* client.server.get
    const legacy = legacyHooks.filter((name) => Wanted.isAt(hookUrl(server[name]), url))
    const notes = legacy.map((name) =>
      `the server's own ${name} posts to the receiver too, without the secret, and is refused: clear it in Postmark`
    )
    if (triggers.includes(InboundReceived.id)) notes.push(inboundNote)
    const isOn = server.trackOpens === true
    if (isOn || !openTracking) {
      if (!isOn && triggers.includes(EmailOpened.id)) notes.push(trackingNote)
      return { notes, openTracking: isOn ? "on" as const : "off" as const }
    }
    const turned = yield* client.server.edit({ trackOpens: true }).pipe(
      Effect.as("turnedOn" as const),
      Effect.catchAll((error) => error._tag === "InvalidToken" ? Effect.fail(error) : Effect.succeed("failed" as const))
    )
    if (turned === "failed") notes.push("open tracking could not be turned on: repeat the call")
    return { notes, openTracking: turned }
  })

/** Hooks from before webhooks had ids (https://postmarkapp.com/developer/api/server-api). */
const legacyHooks = ["bounceHookUrl", "openHookUrl", "deliveryHookUrl", "clickHookUrl"] as const

const hookUrl = (url: Redacted.Redacted | undefined): string => url === undefined ? "" : Redacted.value(url)

const trackingNote =
  "open tracking is off for this server: only messages sent with trackOpens and an HTML body can be reported as opened"

const inboundNote =
  "Postmark posts inbound email to the server's InboundHookUrl and to no webhook: enter the receiver's URL there by hand"

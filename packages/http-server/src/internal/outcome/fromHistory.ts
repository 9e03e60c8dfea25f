/** Looks a message up in Postmark's own history when no event came: its webhook can be missing or late. */
import type * as Connections from "@effect-postmark/core/Connections"
import { MessageId } from "@effect-postmark/core/Ids"
import type { WaitKind } from "@effect-postmark/core/WaitStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { MessageOutcome } from "../../api/MessagesApi.ts"

interface Asked {
  readonly kind: WaitKind
  readonly pending: Extract<MessageOutcome, { readonly status: "pending" }>
}

/** None when Postmark knows nothing, or does not answer: then the outcome is pending as far as anybody knows. */
export const fromHistory = (
  connections: Connections.Service,
  connectionId: string,
  { kind, pending: { messageId, recipient } }: Asked
): Effect.Effect<Option.Option<MessageOutcome>> =>
  connections.client(connectionId).pipe(
    Effect.flatMap((client) => client.outboundMessages.details(MessageId.make(messageId))),
    Effect.map(({ messageEvents }) => {
      const found = messageEvents.filter((event) =>
        event.type === "Delivered" || event.type === "Bounced" || event.type === "Opened"
      ).find((event) =>
        wanted[kind].includes(event.type) &&
        (recipient === null || event.recipient.trim().toLowerCase() === recipient.trim().toLowerCase())
      )
      return Option.map(Option.fromNullable(found), (event): MessageOutcome => ({
        status: event.type === "Delivered" ? "delivered" : event.type === "Bounced" ? "bounced" : "opened",
        messageId,
        recipient: event.recipient,
        at: event.receivedAt,
        source: "postmark",
        event: null
      }))
    }),
    Effect.timeout("3 seconds"),
    Effect.catchAll(() => Effect.succeedNone)
  )

const wanted: Readonly<Record<WaitKind, ReadonlyArray<string>>> = {
  outcome: ["Delivered", "Bounced"],
  open: ["Opened"],
  // The history does not tell a person from a machine.
  humanOpen: []
}

/**
 * What Postmark forgets with time (docs/postmark.md#limits). It is decided when something is read, and frees no memory.
 */
import type { Call } from "../routes/call.ts"
import type { Bounce, Message, MessageStream, Server } from "./state.ts"
import type { Instant } from "./time.ts"

const day = 86_400_000

/** Archived streams are purged after 45 days. */
export const purgeAt = (archivedAt: Instant): number => archivedAt.millis + 45 * day

/** Dumps of bounces are kept for 30 days. */
export const hasDump = ({ at }: Bounce, now: Instant): boolean => now.millis - at.millis <= 30 * day

/** Whether activity of that moment is still remembered. */
export const isRecent = (at: Instant, { behaviour, now }: Call): boolean =>
  now.millis - at.millis <= behaviour.retention

/** Whether a message is still found: it is recent, and its stream was not purged. */
export const isKept = (message: Message, call: Call): boolean =>
  isRecent(message.at, call) && !message.server.purged.has(message.id)

/**
 * Drops the streams whose time has come, with their suppressions and webhooks, before a call sees them. Their messages
 * stay, because statistics are kept for ever.
 */
export const purgeStreams = (server: Server, now: Instant): void => {
  for (const stream of server.streams.values()) {
    if (!isDue(stream, now)) continue
    server.streams.delete(stream.id)
    server.purged.add(stream.id)
    server.suppressions.delete(stream.id)
    for (const webhook of server.webhooks.values()) {
      if (webhook.stream === stream.id) server.webhooks.delete(webhook.id)
    }
    for (const message of server.messages) {
      if (message.stream === stream.id) server.purged.add(message.id)
    }
  }
}

const isDue = ({ archivedAt }: MessageStream, now: Instant): boolean =>
  archivedAt !== undefined && now.millis > purgeAt(archivedAt)

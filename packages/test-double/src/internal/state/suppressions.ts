/** The suppression lists of a server's streams (https://postmarkapp.com/developer/api/suppressions-api). */
import type { Server, Suppression } from "./state.ts"

export const isSuppressed = (server: Server, stream: string, email: string): boolean =>
  server.suppressions.get(stream)?.has(email.toLowerCase()) ?? false

export const suppress = (server: Server, stream: string, suppression: Suppression): void => {
  const list = server.suppressions.get(stream) ?? new Map<string, Suppression>()
  list.set(suppression.email.toLowerCase(), suppression)
  server.suppressions.set(stream, list)
}

/** Who is behind a suppression if nobody says otherwise. */
export const originOf = (reason: Suppression["reason"]): Suppression["origin"] =>
  reason === "ManualSuppression" ? "Customer" : "Recipient"

/** The URL that Postmark posts a connection's webhooks to; null when the server does not know its own address. */
export const receiverUrl = (publicUrl: string | undefined, connectionId: string): string | null =>
  publicUrl === undefined ? null : `${publicUrl.replace(/\/+$/, "")}/v1/webhooks/${encodeURIComponent(connectionId)}`

/** Returns the URL that Postmark posts a connection's webhooks to, or null if the server has no public URL. */
export const receiverUrl = (publicUrl: string | undefined, connectionId: string): string | null =>
  publicUrl === undefined ? null : `${publicUrl.replace(/\/+$/, "")}/v1/webhooks/${encodeURIComponent(connectionId)}`

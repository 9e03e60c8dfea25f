/** Where each secret is stored. A text opens in its own place only, so a place never changes. */
export const token = (connectionId: string): string => `connection/${connectionId}/token`

export const webhookSecret = (connectionId: string): string => `connection/${connectionId}/webhook-secret`

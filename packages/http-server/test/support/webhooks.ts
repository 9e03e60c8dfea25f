/** Webhook bodies as Postmark posts them. */
export const delivery = (recipient: string, messageId = "0a1b2c3d-0000-4000-8000-000000000001") => ({
  RecordType: "Delivery",
  ServerID: 101,
  MessageStream: "outbound",
  MessageID: messageId,
  Recipient: recipient,
  Tag: "welcome",
  DeliveredAt: "2026-05-01T12:00:00.1234567Z",
  Details: "250 OK",
  Metadata: { order: "7" }
})

/** Inserts the bounce's id as text, because a JavaScript number cannot represent it. */
export const bounceText = (id: string) =>
  `{"RecordType":"Bounce","ID":${id},"Type":"HardBounce","TypeCode":1,"Name":"Hard bounce","Email":"gone@example.org",` +
  `"MessageID":"0a1b2c3d-0000-4000-8000-000000000002","ServerID":101,"MessageStream":"outbound","BouncedAt":"2026-05-01T12:00:00Z",` +
  `"Inactive":true,"CanActivate":true,"Metadata":{}}`

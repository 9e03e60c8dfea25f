import * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"

it("spells a domain email as Postmark does", () => {
  assert.deepStrictEqual(
    Schema.encodeSync(PostmarkApi.EmailRequest)({
      from: "a@example.com",
      to: ["b@example.com", "C <c@example.com>"],
      subject: "s",
      textBody: "t",
      headers: [{ name: "X-A", value: "b" }],
      metadata: { order_id: "1" },
      attachments: [{ name: "n", content: new Uint8Array([104, 105]), contentType: "text/plain", contentId: "cid:1" }]
    }),
    {
      From: "a@example.com",
      To: "b@example.com, C <c@example.com>",
      Subject: "s",
      TextBody: "t",
      Headers: [{ Name: "X-A", Value: "b" }],
      Metadata: { order_id: "1" },
      Attachments: [{ Name: "n", Content: "aGk=", ContentType: "text/plain", ContentID: "cid:1" }]
    }
  )
})

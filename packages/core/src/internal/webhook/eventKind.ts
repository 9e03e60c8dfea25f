/** Which kind of event a body is, and whether Postmark made it up to test the receiver. */
import * as Fields from "./fields.ts"

/**
 * The body's `RecordType`. Inbound mail has none; it is known by its sender's full form
 * (https://postmarkapp.com/developer/webhooks/inbound-webhook).
 */
export const recordTypeOf = (body: unknown): string | undefined => {
  if (!Fields.isObject(body)) return undefined
  const fields = Fields.make(body, [])
  const recordType = fields.has("RecordType") ? fields.text("RecordType")?.trim() : ""
  return recordType === "" && fields.has("FromFull") ? "Inbound" : recordType === "" ? undefined : recordType
}

/**
 * True for the bodies of the dashboard's test button and of verification. They have a `MessageID` of zeros. For what is
 * about a message, that is enough. A suppression or a deactivation by hand has no message either, and is real; the test
 * is known by what it says: John, bounce 42, and sample metadata. Bodies of the test as programs recorded them:
 * https://github.com/invoiceninja/invoiceninja, app/Http/Controllers/PostMarkController.php;
 * https://github.com/vormkracht10/laravel-mails, tests/PostmarkTest.php.
 */
export const isProbe = (body: unknown, recordType: string | undefined): boolean => {
  if (!Fields.isObject(body) || recordType === undefined) return false
  const fields = Fields.make(body, [])
  const messageId = fields.text("MessageID")?.trim()
  const isZeros = messageId === Fields.zeros
  switch (recordType.toLowerCase()) {
    case "bounce":
    case "spamcomplaint":
      // Older tests had no id at all.
      return (isZeros || messageId === undefined) &&
        fields.text("ID") === "42" && (isJohn(fields.text("Email")) || hasSampleMetadata(fields))
    case "subscriptionchange":
      return isZeros && (isJohn(fields.text("Recipient")) || hasSampleMetadata(fields))
    default:
      return isZeros
  }
}

const isJohn = (address: string | undefined) => address?.trim().toLowerCase() === "john@example.com"

const hasSampleMetadata = (fields: Fields.Fields) => {
  const metadata = fields.texts("Metadata")
  return Object.keys(metadata).length === 2 && metadata["example"] === "value" && metadata["example_2"] === "value"
}

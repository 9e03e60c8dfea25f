import { assert, it } from "@effect/vitest"
import { scrub } from "../src/internal/http/scrub.ts"

it("keeps the fields' names and drops what is quoted of a message", () => {
  const table: ReadonlyArray<readonly [string, string]> = [
    ["Zero recipients specified", "Zero recipients specified"],
    ["Invalid 'From' address: 'x'.", "Invalid 'From' address: '…'."],
    [
      "Error parsing 'To': Illegal email domain 'bad' in address 'x@bad'.",
      "Error parsing 'To': Illegal email domain '…'."
    ],
    [
      "Error parsing 'Cc': Illegal email address 'johne.xample.com'. It must contain the '@' symbol.",
      "Error parsing 'Cc': Illegal email address '…'. It must contain the '@' symbol."
    ],
    [
      "The Template's 'Alias' associated with this request is not valid or was not found.",
      "The Template's 'Alias' associated with this request is not valid or was not found."
    ],
    ["Invalid 'To' address: 'O'Brien's secret'.", "Invalid 'To' address: '…'."],
    [
      "The 'From' address you supplied (Ann <ann@example.com>) is not a Sender Signature on your account.",
      "The 'From' address you supplied (…) is not a Sender Signature on your account."
    ],
    [
      "Found inactive addresses: a@example.com, b@example.com. Inactive recipients are ones",
      "Found inactive addresses: … … Inactive recipients are ones"
    ]
  ]
  for (const [text, scrubbed] of table) assert.strictEqual(scrub(text), scrubbed)
})

/** What Postmark allows of attachments (https://postmarkapp.com/developer/user-guide/send-email-with-api). */
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"

/** File types that Postmark refuses with code 411. */
const forbidden = new Set(
  ("vbs exe bin bat chm com cpl crt hlp hta inf ins isp jse lnk mdb pcd pif reg scr sct shs vbe vba wsf wsh wsl msc msi " +
    "msp mst").split(" ")
)

/** Characters that show a name in another order than it has: `x\u202Egpj.exe` looks like `xexe.jpg`. */
const reordering = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/

export const attachmentIssues = (attachments: unknown): ReadonlyArray<Schema.FilterIssue> =>
  entries(attachments).flatMap(({ name }, index) => {
    if (typeof name !== "string") return []
    const path = ["attachments", index, "name"]
    if (reordering.test(name)) {
      return [{ path, message: "must not contain a character that changes the direction of text" }]
    }
    if (/[/\\]/.test(name)) return [{ path, message: "must be a file name without a path" }]
    const extension = extensionOf(name)
    return forbidden.has(extension)
      ? [{ path, message: `must not be a .${extension} file, which Postmark forbids` }]
      : []
  })

/** The attachments' length in a message: base64 makes 4 characters of 3 bytes. */
export const attachmentsLength = (attachments: unknown): number =>
  entries(attachments).reduce((total, { content }) =>
    total + (typeof content === "string"
      ? content.length
      : content instanceof Uint8Array
      ? Math.ceil(content.length / 3) * 4
      : 0), 0)

const entries = (attachments: unknown): ReadonlyArray<{ readonly [key: string]: unknown }> =>
  Array.isArray(attachments) ? attachments.filter(Predicate.isRecord) : []

/** What a mail program would take for the type: dots and spaces at the end are dropped by some. */
const extensionOf = (name: string): string => {
  const trimmed = name.normalize("NFKC").replace(/[\s.\u0000]+$/u, "")
  const dot = trimmed.lastIndexOf(".")
  return dot === -1 ? "" : trimmed.slice(dot + 1).toLowerCase()
}

/** The search of the page's list. */
import type { SentMessage } from "../../SentMessage.ts"

/** Every word has to be found, in any case and anywhere. */
export const words = (search: string): ReadonlyArray<RegExp> =>
  search.split(/\s+/).filter((word) => word !== "").map((word) =>
    new RegExp(word.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "iu")
  )

/** Metadata is found by its name, its value, or both with a colon between. */
export const matches = (message: SentMessage, wanted: ReadonlyArray<RegExp>): boolean =>
  wanted.every((word) => texts(message).some((text) => word.test(text)))

const texts = (message: SentMessage): ReadonlyArray<string> => [
  message.subject,
  message.from,
  ...message.recipients,
  message.tag ?? "",
  ...Object.entries(message.metadata).map(([name, value]) => `${name}:${value}`),
  message.messageId,
  message.textBody ?? "",
  message.htmlBody ?? ""
]

/** Turns the first line of a CSV file into a function that makes a message of each later line. */

export type MakeRow = (cells: ReadonlyArray<string>) => Readonly<Record<string, unknown>>

type Setter = (message: Record<string, unknown>, cell: string) => void

const simple = (name: string): Setter => (message, cell) => {
  message[name] = cell
}

const boolean = (name: string): Setter => (message, cell) => {
  const word = cell.trim().toLowerCase()
  message[name] = ["true", "yes", "1"].includes(word) ? true : ["false", "no", "0"].includes(word) ? false : cell
}

const fields: Readonly<Record<string, Setter>> = {
  from: simple("from"),
  to: simple("to"),
  cc: simple("cc"),
  bcc: simple("bcc"),
  replyto: simple("replyTo"),
  subject: simple("subject"),
  tag: simple("tag"),
  html: simple("htmlBody"),
  htmlbody: simple("htmlBody"),
  text: simple("textBody"),
  textbody: simple("textBody"),
  messagestream: simple("messageStream"),
  stream: simple("messageStream"),
  trackopens: boolean("trackOpens"),
  tracklinks: simple("trackLinks"),
  inlinecss: boolean("inlineCss"),
  template: simple("templateAlias"),
  templatealias: simple("templateAlias"),
  templateid: (message, cell) => {
    message["templateId"] = /^\s*\d+\s*$/.test(cell) ? Number(cell) : cell
  }
}

const nested = (field: string, path: ReadonlyArray<string>): Setter => (message, cell) => {
  let at = inside(message, field)
  for (const name of path.slice(0, -1)) at = inside(at, name)
  put(at, path.at(-1) ?? "", cell)
}

const inside = (at: Record<string, unknown>, name: string): Record<string, unknown> => {
  const known: unknown = Object.hasOwn(at, name) ? at[name] : undefined
  if (isRecord(known)) return known
  const made: Record<string, unknown> = {}
  put(at, name, made)
  return made
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

/** Not by assignment, which does not add a field with the name `__proto__`. */
const put = (at: object, name: string, value: unknown): void => {
  Object.defineProperty(at, name, { value, enumerable: true, configurable: true, writable: true })
}

const setterOf = (column: string, isTemplate: boolean): Setter | undefined => {
  const name = column.trim()
  const key = name.toLowerCase().replace(/[\s_-]/g, "")
  if (Object.hasOwn(fields, key)) return fields[key]
  const [, kind = "", rest = ""] = /^(metadata|header|model)[.:](.+)$/i.exec(name) ?? []
  switch (kind.toLowerCase()) {
    case "metadata":
      return nested("metadata", [rest])
    case "model":
      return nested("templateModel", rest.split("."))
    case "header":
      return (message, cell) => {
        const before = message["headers"]
        message["headers"] = [...(Array.isArray(before) ? before : []), { name: rest, value: cell }]
      }
    default:
      return isTemplate && name !== "" ? nested("templateModel", name.split(".")) : undefined
  }
}

/** Whether the columns name a template. */
export const namesTemplate = (line: ReadonlyArray<string>): boolean =>
  line.some((column) => /^(template(alias|id)?|model[.:].+)$/.test(column.trim().toLowerCase().replace(/[\s_-]/g, "")))

/** Answers why the line is no header, if it is none. It quotes nothing: the line may be a person's data. */
export const headerOf = (columns: ReadonlyArray<string>, isTemplate: boolean): MakeRow | string => {
  const seen = new Set<string>()
  const setters: Array<Setter> = []
  for (const [index, column] of columns.entries()) {
    const setter = setterOf(column, isTemplate)
    if (setter === undefined) {
      return `column ${index + 1} of the first line must be a field of a message, such as to, subject or metadata.order`
    }
    const key = column.trim().toLowerCase()
    if (seen.has(key)) return `column ${index + 1} of the first line repeats an earlier column`
    seen.add(key)
    setters.push(setter)
  }
  return (cells) => {
    const message: Record<string, unknown> = isTemplate ? { templateModel: {} } : {}
    for (const [index, setter] of setters.entries()) {
      const cell = cells[index] ?? ""
      // An empty cell is a field that is left out.
      if (cell !== "") setter(message, cell)
    }
    return message
  }
}

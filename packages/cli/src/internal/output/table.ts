/** Draws tables that fit the width of the terminal. */
import type { Column, Screen } from "../../View.ts"
import { cellAt } from "./values.ts"

export const style = (color: boolean) => {
  const with_ = (code: number) => (text: string) => color && text !== "" ? `\u001B[${code}m${text}\u001B[0m` : text
  return { bold: with_(1), dim: with_(2), red: with_(31), green: with_(32), yellow: with_(33), cyan: with_(36) }
}

/** A cell must not move the cursor or send commands to the terminal, so control characters become spaces. */
// oxlint-disable-next-line no-control-regex
export const clean = (text: string): string =>
  text.replace(/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]+/g, " ")

/** How many columns of the terminal a text takes. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

const widthOfCharacter = (character: string): number =>
  /^[ -~]$/.test(character) ? 1 : zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{20000}-\u{3FFFD}]$/u

const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let kept = ""
  let used = 0
  for (const character of text) {
    used += widthOfCharacter(character)
    if (used > width - 1) break
    kept += character
  }
  return `${kept}…`
}

const pad = (text: string, width: number, right: boolean): string => {
  const space = " ".repeat(Math.max(0, width - widthOf(text)))
  return right ? space + text : text + space
}

/** A time in the form of the person's locale and time zone; text that is not a time stays. */
export const localTime = (text: string): string => {
  const time = Date.parse(text)
  return Number.isNaN(time) || !/^\d{4}-/.test(text) ? text : format.format(time)
}

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" })

const shown = (row: unknown, { kind, path }: Column): string => {
  const text = clean(cellAt(row, path))
  return kind === "time" ? text.split(", ").map(localTime).join(", ") : text
}

const good = /^(sent|delivered|accepted|opened|ok|active|\*)$/i
const bad = /^(bounced|rejected|unknown|failed)$/i

const colored = (text: string, { kind }: Column, color: boolean): string => {
  if (kind !== "state") return text
  const { green, red, yellow } = style(color)
  const word = text.trim()
  return good.test(word) ? green(text) : bad.test(word) ? red(text) : yellow(text)
}

const titleOf = ({ path, title }: Column): string =>
  title ?? path.replace(/\./g, " ").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The widths of the columns: the widest ones give way until the table fits. */
const widths = (cells: ReadonlyArray<ReadonlyArray<string>>, columns: ReadonlyArray<Column>, screen: Screen) => {
  const natural = columns.map((column, index) =>
    Math.max(widthOf(titleOf(column)), ...cells.map((row) => widthOf(row[index] ?? "")))
  )
  const room = screen.columns - 2 * (columns.length - 1)
  const give = (canGive: (column: Column) => boolean) => {
    while (natural.reduce((sum, width) => sum + width, 0) > room) {
      const candidates = natural.map((width, index) => {
        const column = columns[index]
        return column !== undefined && canGive(column) ? width : 0
      })
      const widest = Math.max(...candidates)
      if (widest <= 6) return
      natural[candidates.indexOf(widest)] = widest - 1
    }
  }
  give(({ kind, whole }) => whole !== true && kind !== "time")
  // A very narrow terminal leaves no choice.
  give(({ whole }) => whole !== true)
  return natural
}

export const table = (
  rows: ReadonlyArray<unknown>,
  columns: ReadonlyArray<Column>,
  screen: Screen,
  heading = true
): string => {
  const cells = rows.map((row) => columns.map((column) => shown(row, column)))
  const width = widths(cells, columns, screen)
  const { dim } = style(screen.color)
  const line = (texts: ReadonlyArray<string>, finish: (text: string, index: number) => string) =>
    texts.map((text, index) => {
      const column = columns[index]
      const size = width[index] ?? 0
      const last = index === columns.length - 1 && column?.kind !== "number"
      return finish(last ? cut(text, size) : pad(cut(text, size), size, column?.kind === "number"), index)
    }).join("  ").trimEnd()
  const head = line(columns.map((column) => titleOf(column).toUpperCase()), (text) => dim(text))
  return [
    ...(heading ? [head] : []),
    ...cells.map((texts) =>
      line(texts, (text, index) => {
        const column = columns[index]
        return column === undefined ? text : colored(text, column, screen.color)
      })
    )
  ].join("\n")
}

/** One result: a line for each field. */
export const card = (row: unknown, columns: ReadonlyArray<Column>, screen: Screen): string => {
  const lines = columns.map((column) => ({ title: titleOf(column), text: shown(row, column), column }))
    .filter(({ text }) => text !== "")
  const width = Math.max(0, ...lines.map(({ title }) => title.length))
  const { dim } = style(screen.color)
  return lines.map(({ column, text, title }) =>
    `${dim(title.padEnd(width))}  ${colored(cut(text, Math.max(20, screen.columns - width - 2)), column, screen.color)}`
  ).join("\n")
}

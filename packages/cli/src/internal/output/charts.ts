/** Draws counts as bars, and a series as a line of blocks. */
import type { Screen } from "../../View.ts"
import { style } from "./table.ts"

export interface Bar {
  readonly name: string
  readonly count: number
  readonly whole: number
  /** What `whole` counts, or undefined if the bar is the whole itself. */
  readonly of: string | undefined
}

const blocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

const bar = (share: number, width: number): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  return "█".repeat(Math.floor(eighths / 8)) + (blocks[eighths % 8] ?? "")
}

export const bars = (rows: ReadonlyArray<Bar>, screen: Screen): string => {
  const { cyan, dim } = style(screen.color)
  const names = Math.max(...rows.map(({ name }) => name.length))
  const counts = Math.max(...rows.map(({ count }) => number(count).length))
  const width = Math.max(5, Math.min(40, screen.columns - names - counts - 24))
  return rows.map(({ count, name, of, whole }) => {
    const share = whole > 0 ? count / whole : 0
    const rate = of === undefined || whole === 0 ? "" : dim(`${(share * 100).toFixed(1)} % of ${of}`)
    return `${name.padEnd(names)}  ${number(count).padStart(counts)}  ${cyan(bar(share, width).padEnd(width))}  ${rate}`
      .trimEnd()
  }).join("\n")
}

const number = (count: number): string => new Intl.NumberFormat().format(count)

const heights = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

/** The last days that fit. */
export const sparkline = (values: ReadonlyArray<number>, width: number): string => {
  const shown = values.slice(-Math.max(1, width))
  const highest = Math.max(1, ...shown)
  return shown.map((value) => heights[Math.round((value / highest) * (heights.length - 1))] ?? "").join("")
}

/** Reads the lines of a file, with the offset where each ends. A last line without its end is left out. */
import { createReadStream } from "node:fs"

export interface Line {
  readonly text: string
  readonly end: number
}

export async function* linesOf(path: string): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0)
  let offset = 0
  for await (const part of createReadStream(path)) {
    let bytes = Buffer.concat([rest, Buffer.from(part)])
    let at = bytes.indexOf(10)
    while (at !== -1) {
      offset += at + 1
      yield { text: bytes.toString("utf8", 0, at), end: offset }
      bytes = bytes.subarray(at + 1)
      at = bytes.indexOf(10)
    }
    rest = Buffer.from(bytes)
  }
}

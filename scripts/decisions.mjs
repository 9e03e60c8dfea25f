/** Every record in docs/adr has a status and a date, and a row in the index that says the same. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const row = /^\|\s*(\d+)\s*\|\s*\[(.+)\]\(([\w.-]+\.md)\)\s*\|\s*(.+?)\s*\|\s*(\S+)\s*\|$/

/** What is wrong with the records of a directory and their index, README.md. */
export const decisionProblems = (directory) => {
  const rows = new Map(
    readFileSync(join(directory, "README.md"), "utf8").split("\n").flatMap((line) => {
      const [, number, title, file, status, date] = row.exec(line) ?? []
      return file === undefined ? [] : [[file, { number, title, status, date }]]
    })
  )
  const files = readdirSync(directory).filter((name) => name.endsWith(".md") && name !== "README.md").sort()
  return [
    ...[...rows.keys()].filter((file) => !files.includes(file)).map((file) => `${file}: is in the index only`),
    ...files.flatMap((file) => {
      const text = readFileSync(join(directory, file), "utf8")
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(text) ?? []
      const status = /^Status: (accepted|superseded by .+?)\\?$/m.exec(text)?.[1]
      const date = /^Date: (\d{4}-\d{2}-\d{2})$/m.exec(text)?.[1]
      const entry = rows.get(file)
      const wrong = Object.entries({ number, title, status, date }).filter(([, value]) => value === undefined)
      return wrong.length > 0
        ? wrong.map(([key]) => `${file}: has no ${key}`)
        : Number(file.slice(0, 4)) !== Number(number)
        ? [`${file}: is number ${number}`]
        : entry === undefined
        ? [`${file}: is not in the index`]
        : Object.entries({ number, title, status, date })
          .filter(([key, value]) => entry[key] !== value)
          .map(([key, value]) => `${file}: the index has another ${key} than ${value}`)
    })
  ]
}

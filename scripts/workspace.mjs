/**
 * What `npm start`, `npm test` and `npm run check` have in common: which Node, an install when one is due, a build.
 * Node's own modules only, since all of this runs before anything is installed.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { constants, tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))

const windows = process.platform === "win32"

/** Says what is wrong with this Node, or nothing. */
export const nodeProblem = (version = process.versions.node) => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > 20 || (major === 20 && minor >= 19)
    ? undefined
    : `This workspace takes Node 20.19 or newer; this is Node ${version}.`
}

export const requireNode = () => {
  const problem = nodeProblem()
  if (problem !== undefined) {
    console.error(problem)
    process.exit(1)
  }
}

/** Nothing here may ever send real mail, so no account and no address of a caller's shell gets through. */
export const cleanEnvironment = (env) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.toUpperCase().startsWith("POSTMARK_")))

/**
 * Where Node's headers lie, if they came with Node. A native package that has to be compiled then needs no download
 * of them.
 */
export const headersDirectory = (execPath = process.execPath) => {
  const prefix = dirname(dirname(execPath))
  return existsSync(join(prefix, "include", "node", "node.h")) ? prefix : undefined
}

/** The environment of every child: turbo finds pnpm on the path, and all children run the same Node as we do. */
export const childEnvironment = (env = process.env) => {
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH"
  const path = [join(root, "node_modules", ".bin"), dirname(process.execPath), env[pathName] ?? ""].join(delimiter)
  const headers = env.npm_config_nodedir === undefined ? headersDirectory() : undefined
  return {
    ...cleanEnvironment(env),
    [pathName]: path,
    ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    DO_NOT_TRACK: "1"
  }
}

/** The exit code a shell would give. */
export const exitCode = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0)

/**
 * Runs a command of the workspace to its end. With `capture` its output is kept, otherwise it goes where ours goes.
 * With `seconds` it is stopped when it takes longer.
 */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...childEnvironment(), ...options.env },
      stdio: options.capture ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
      // On Windows the commands of packages are .cmd files, which only a shell runs.
      shell: windows && command !== process.execPath
    })
    let output = ""
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout?.setEncoding("utf8").on("data", keep)
    child.stderr?.setEncoding("utf8").on("data", keep)
    let tooLong = false
    const timers = options.seconds === undefined ? [] : [
      setTimeout(() => {
        tooLong = true
        child.kill("SIGTERM")
      }, options.seconds * 1000),
      setTimeout(() => child.kill("SIGKILL"), (options.seconds + 5) * 1000)
    ]
    const end = (code, text = "") => {
      timers.forEach(clearTimeout)
      resolve({ code, tooLong, output: output + text })
    }
    child.on("error", (error) => {
      if (!options.capture) {
        console.error(`${command}: ${error.message}`)
      }
      end(127, `${command}: ${error.message}\n`)
    })
    child.on("close", (code, signal) => end(tooLong ? 124 : exitCode(code, signal)))
  })

const read = (path) => readFileSync(join(root, path), "utf8")

/** The folders of the workspace's packages, as pnpm-workspace.yaml lists them, relative to the root. */
export const workspaceDirectories = (directory = root) => {
  const text = readFileSync(join(directory, "pnpm-workspace.yaml"), "utf8")
  const patterns = [...(/^packages:\n((?: +- .*\n)+)/m.exec(text)?.[1] ?? "").matchAll(/- +["']?([^"'\n]+?)["']? *\n/g)]
  return patterns.flatMap(([, pattern]) => {
    if (!pattern.endsWith("/*")) {
      return [pattern]
    }
    const parent = pattern.slice(0, -2)
    return existsSync(join(directory, parent))
      ? readdirSync(join(directory, parent)).sort().map((name) => `${parent}/${name}`)
      : []
  }).filter((path) => existsSync(join(directory, path, "package.json")))
}

/** The release of pnpm that package.json pins, without its hash, which `npx` does not understand. */
export const pnpmVersion = (packageManager) => {
  const version = /^pnpm@(\d+\.\d+\.\d+)/.exec(packageManager ?? "")?.[1]
  if (version === undefined) {
    throw new Error("package.json has no packageManager of the form pnpm@1.2.3.")
  }
  return version
}

const stampPath = join(root, "node_modules", ".effect-postmark-install")

/** Changes whenever an install might give another result. */
const fingerprint = () => {
  const hash = createHash("sha256")
  const manifests = workspaceDirectories().map((path) => `${path}/package.json`)
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests]) {
    hash.update(`${path}\0${read(path)}\0`)
  }
  return hash.digest("hex")
}

/** Native packages are compiled for one binary interface of Node. */
const machine = `${process.platform}-${process.arch}-${process.versions.modules}`

const installHelp = `
The install did not succeed. It needs the npm registry, and where no ready-made better-sqlite3 can be downloaded it
compiles one, for which it needs a C++ compiler, make, Python 3 and Node's headers (on Debian: g++ make python3).`

/** Installs what the lockfile says, unless nothing has changed since that was last done. */
export const install = async () => {
  const wanted = fingerprint()
  const [installed, installedFor] = existsSync(stampPath) ? readFileSync(stampPath, "utf8").split("\n") : []
  const complete = existsSync(join(root, "node_modules", ".bin", windows ? "turbo.cmd" : "turbo"))
  if (installed === wanted && installedFor === machine && complete) {
    return
  }
  rmSync(stampPath, { force: true })
  const pnpm = ["-y", `pnpm@${pnpmVersion(JSON.parse(read("package.json")).packageManager)}`]
  console.log("Installing what pnpm-lock.yaml lists. The first time takes a minute or two.")
  const steps = [["install", "--frozen-lockfile", "--config.confirm-modules-purge=false"]]
  if (installedFor !== undefined && installedFor !== machine) {
    steps.push(["rebuild", "--recursive"])
  }
  for (const step of steps) {
    // Started from elsewhere, or npx would take the pnpm of node_modules, which may be about to replace itself.
    const { code } = await run("npx", [...pnpm, "--dir", root, "--loglevel=info", ...step], {
      cwd: tmpdir(),
      env: { npm_config_local_prefix: undefined, npm_config_update_notifier: "false" }
    })
    if (code !== 0) {
      console.error(installHelp)
      process.exit(1)
    }
  }
  mkdirSync(dirname(stampPath), { recursive: true })
  writeFileSync(stampPath, `${wanted}\n${machine}\n`)
}

/** Runs a command of the workspace quietly, and shows what it said when it failed. */
export const runQuietly = async (command, args) => {
  const result = await run(command, args, { capture: true })
  if (result.code !== 0) {
    process.stdout.write(result.output)
  }
  return result.code
}

/** The folder that a package is compiled from, and the file in which tsc notes what it has compiled. */
const compilations = [["src", "src.tsbuildinfo"], [".", "main.tsbuildinfo"]]

/**
 * Where somebody removed what was built, tsc believes its own notes and builds only what has changed since, and turbo
 * would keep that half of a build. Without the notes tsc builds everything.
 */
const forgetHalfBuilds = () => {
  for (const path of workspaceDirectories()) {
    for (const [folder, notes] of compilations) {
      const sources = join(root, path, folder)
      const missing = existsSync(sources) && readdirSync(sources, { recursive: folder === "src" })
        .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
        .some((name) => !existsSync(join(root, path, "dist", name.replace(/ts$/, "js"))))
      if (missing) {
        rmSync(join(root, path, "build", notes), { force: true })
      }
    }
  }
}

/** Builds every package and example; turbo takes from its cache what has not changed. */
export const build = async () => {
  forgetHalfBuilds()
  const code = await runQuietly("turbo", ["run", "build", "--output-logs=errors-only"])
  if (code !== 0) {
    console.error("The build failed.")
  }
  return code
}

/** The files under `deploy/` against linters, and the metrics that they name against the sources. */
import { parser } from "@prometheus-io/lezer-promql"
import { validate } from "dockerfile-utils"
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { parse } from "yaml"
import { root } from "../workspace.mjs"

const read = (...path) => readFileSync(join(root, ...path), "utf8")

/** Every metric of the sources, with the names of its series. */
const seriesOfSources = () => {
  const all = new Set()
  for (const name of readdirSync(join(root, "packages"))) {
    const folder = join(root, "packages", name, "src")
    for (const file of readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(".ts"))) {
      const text = readFileSync(join(folder, file), "utf8")
      for (const [, type, metric] of text.matchAll(/\bMetric(?:Key)?\.(\w+)\(\s*"([a-z_]+)"/g)) {
        if (type === "histogram") ["_bucket", "_sum", "_count"].forEach((suffix) => all.add(metric + suffix))
        else all.add(metric)
      }
    }
  }
  return all
}

/** The series that an expression names. Throws if it is not PromQL. */
const seriesOf = (expression) => {
  const names = []
  // Grafana puts a duration here.
  const text = expression.replaceAll("$__rate_interval", "5m").replaceAll("$job", ".*")
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${text}`)
      if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector") {
        names.push(text.slice(node.from, node.to))
      }
    }
  })
  return names
}

const alerts = () => parse(read("deploy", "alerts.yaml")).groups.flatMap(({ rules }) => rules)

const panels = () => JSON.parse(read("deploy", "grafana", "effect-postmark.json")).panels

test("an expression that is not PromQL, and an unknown metric, would be found", () => {
  assert.throws(() => seriesOf("sum(rate(postmark_store_up[5m])"))
  assert.deepEqual(seriesOf("sum by (le) (rate(a_total{b=~\"c\"}[5m])) / time() > d"), ["a_total", "d"])
  const known = seriesOfSources()
  assert.ok(known.has("postmark_requests_total") && known.has("postmark_store_duration_seconds_bucket"))
  assert.ok(!known.has("postmark_request_total") && !known.has("postmark_store_duration_seconds"))
})

test("every alert is PromQL, names metrics that exist, and says what to do", () => {
  const known = seriesOfSources()
  const names = alerts().map(({ alert }) => alert)
  assert.equal(new Set(names).size, names.length)
  for (const { alert, annotations, expr, labels } of alerts()) {
    const series = seriesOf(expr)
    assert.ok(series.length > 0, alert)
    for (const name of series) assert.ok(known.has(name), `${alert}: no metric ${name}`)
    assert.ok(["critical", "warning", "info"].includes(labels.severity), alert)
    assert.ok(annotations.summary && annotations.description, alert)
  }
})

test("every panel of the dashboard is PromQL and names metrics that exist", () => {
  const known = seriesOfSources()
  const ids = panels().map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const { targets = [], title, type } of panels()) {
    assert.equal(targets.length === 0, type === "row", title)
    for (const { expr } of targets) {
      for (const name of seriesOf(expr)) assert.ok(known.has(name), `${title}: no metric ${name}`)
    }
  }
})

test("the Containerfile has no fault that a linter finds, and runs as nobody", () => {
  const text = read("deploy", "Containerfile")
  const problems = validate(text, {}).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)
  assert.deepEqual(problems, [])
  const stages = text.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "").split("\n").reduce((all, line) => {
    const [, keyword, content = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (keyword === "FROM") return [...all, { name: content.split(/\s+/).at(-1), instructions: [] }]
    all.at(-1)?.instructions.push([keyword, content])
    return all
  }, [])
  for (const name of ["server", "double"]) {
    const { instructions } = stages.find((stage) => stage.name === name)
    const last = (keyword) => instructions.filter(([one]) => one === keyword).at(-1)?.[1]
    assert.equal(last("USER"), "65532:65532", name)
    assert.ok(last("ENTRYPOINT").startsWith("["), name)
  }
  const server = stages.find((stage) => stage.name === "server")
  assert.ok(server.instructions.some(([keyword]) => keyword === "HEALTHCHECK"))
  // An image without a fixed version is another one each day.
  assert.match(text, /^ARG NODE=\S+:\d+\.\d+/m)
})

test("the compose file has no fault or warning that a linter finds", () => {
  const { output, status, stderr } = run("dclint", [join("deploy", "compose.yaml"), "--max-warnings", "0"])
  assert.equal(status, 0, output + stderr)
  const { services, "x-server": server } = parse(read("deploy", "compose.yaml"), { merge: true })
  assert.deepEqual(Object.keys(services), ["double", "postgres", "server-1", "server-2"])
  assert.equal(server.read_only, true)
})

test("every setting of the deploy files exists", () => {
  const documented = new Set(
    Array.from(
      read("packages", "http-server", "README.md").matchAll(/^\| `(EFFECT_POSTMARK_\w+)`/gm),
      ([, name]) => name
    )
  )
  for (const file of ["Containerfile", "compose.yaml", "effect-postmark-server.service"]) {
    for (const [name] of read("deploy", file).matchAll(/EFFECT_POSTMARK_\w+/g)) {
      assert.ok(documented.has(name), `${file}: no setting ${name}`)
    }
  }
})

test("systemd accepts the unit", (context) => {
  if (spawnSync("systemd-analyze", ["--version"]).status !== 0) return context.skip("systemd is not installed")
  const folder = mkdtempSync(join(tmpdir(), "unit-"))
  try {
    const unit = join(folder, "effect-postmark-server.service")
    // It looks for the program as well, which is not installed here.
    writeFileSync(
      unit,
      read("deploy", "effect-postmark-server.service").replaceAll(/^(Exec\w+=)\S+/gm, `$1${process.execPath}`)
    )
    const { output, status, stderr } = run("systemd-analyze", ["verify", unit])
    assert.equal(status, 0, output + stderr)
    assert.equal(stderr.split("\n").filter((line) => line.includes("effect-postmark")).join("\n"), "")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test("the image script says why it builds nothing", (context) => {
  const { status, stderr } = run(process.execPath, [join("scripts", "image.mjs"), "other"])
  assert.equal(status, 1)
  assert.match(stderr, /unknown image: other/)
  const none = spawnSync(process.execPath, [join(root, "scripts", "image.mjs")], {
    encoding: "utf8",
    env: { ...process.env, PATH: "" }
  })
  assert.equal(none.status, 2)
  assert.match(none.stderr, /podman: not installed\n {2}docker: not installed/)
  context.diagnostic("an image is only built by `npm run image`")
})

function run(command, args) {
  const { stderr, stdout: output, status } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}` }
  })
  return { output, stderr, status }
}

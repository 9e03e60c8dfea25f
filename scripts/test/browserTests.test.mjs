import assert from "node:assert/strict"
import { test } from "node:test"
import { chromiumPath, noChromium } from "../browserTests.mjs"

test("CHROMIUM_PATH goes before what is installed, and must be there", () => {
  const installed = (path) => path === "/usr/bin/chromium" || path === "/opt/own"
  assert.equal(chromiumPath({}, installed), "/usr/bin/chromium")
  assert.equal(chromiumPath({ CHROMIUM_PATH: "/opt/own" }, installed), "/opt/own")
  assert.equal(chromiumPath({ CHROMIUM_PATH: "/opt/none" }, installed), undefined)
  assert.equal(chromiumPath({}, () => false), undefined)
})

test("without a browser, one line says how to get one", () => {
  assert.match(noChromium({}), /apt-get install -y --no-install-recommends chromium.*CHROMIUM_PATH/)
  assert.match(noChromium({ CHROMIUM_PATH: "/opt/none" }), /\/opt\/none/)
  assert.doesNotMatch(noChromium({}), /\n/)
})

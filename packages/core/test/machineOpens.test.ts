import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { table } from "../src/internal/webhook/machineOpens.ts"
import * as Bodies from "./fixtures/webhookBodies.ts"

const verdict = (UserAgent: unknown) =>
  Either.getOrThrow(PostmarkTriggers.EmailOpened.fromWebhook({ ...Bodies.open, UserAgent })).machineOpen

describe("an open by a machine is likely, and never dropped", () => {
  for (const { example, name, pattern, source } of table) {
    it(`by ${name}`, () => {
      assert.match(example.trim(), pattern)
      assert.strictEqual(verdict(example), "likely")
      assert.match(source, /^https:\/\//)
    })
  }
})

describe("an open by a person is not called a machine's", () => {
  const people: Readonly<Record<string, unknown>> = {
    "Apple Mail": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    Outlook: "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.14931; Pro)",
    Firefox: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "a Cubot phone":
      "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
    "an unknown agent": undefined,
    "no agent": null
  }
  for (const [name, userAgent] of Object.entries(people)) {
    it(`with ${name}`, () => assert.strictEqual(verdict(userAgent), "unknown"))
  }
})

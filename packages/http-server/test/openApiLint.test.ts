import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkActions from "@effect-postmark/core/PostmarkActions"
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Api from "@effect-postmark/http-server/Api"
import { OpenApi } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { createConfig, lintFromString } from "@redocly/openapi-core"

it("passes an independent linter, examples included, without an error or a warning", async () => {
  const spec = OpenApi.fromApi(
    Api.make(ActionRegistry.make(PostmarkActions.handlers), TriggerRegistry.make(PostmarkTriggers.all))
  )
  const config = await createConfig({
    extends: ["recommended-strict"],
    rules: {
      "no-invalid-media-type-examples": "error",
      "no-invalid-parameter-examples": "error",
      "operation-operationId-unique": "error",
      "tag-description": "error",
      // The paths of one resource that differ only in a parameter differ in the method too.
      "no-ambiguous-paths": "off",
      // A health check has no error of the client's.
      "operation-4xx-response": "off"
    }
  })
  const problems = await lintFromString({ source: JSON.stringify(spec), absoluteRef: "openapi.json", config })
  const lines = problems.map(({ location, message, ruleId }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ""}`)
  assert.deepStrictEqual(lines, [])
}, 60_000)

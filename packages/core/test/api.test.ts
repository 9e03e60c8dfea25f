import * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { assert, describe, it } from "@effect/vitest"
import { check, type Row } from "./kit/row.ts"
import { account } from "./kit/rows/account.ts"
import { messages } from "./kit/rows/messages.ts"
import { sending } from "./kit/rows/sending.ts"
import { settings } from "./kit/rows/settings.ts"
import { statistics } from "./kit/rows/statistics.ts"

const ofServer: ReadonlyArray<Row> = [...sending, ...messages, ...settings, ...statistics]

describe("each call writes what Postmark documents and reads what Postmark answers", () => {
  for (const row of [...ofServer, ...account]) it.effect(`${row.name}: ${row.request}`, () => check(row))
})

it("leaves no endpoint of the contract out", () => {
  const endpoints = (api: { readonly groups: Readonly<Record<string, { readonly endpoints: object }>> }) =>
    Object.values(api.groups).flatMap((group) => Object.keys(group.endpoints)).sort()
  const names = (rows: ReadonlyArray<Row>) => [...new Set(rows.map(({ name }) => name))].sort()
  assert.deepStrictEqual(names(ofServer), endpoints(PostmarkApi.PostmarkApi))
  assert.deepStrictEqual(names(account), endpoints(PostmarkApi.PostmarkAccountApi))
})

import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

it.effect("posts to the hooks in a server's own fields", () =>
  Effect.gen(function*() {
    const posts: Array<string> = []
    yield* Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const hooks = { DeliveryHookUrl: "d", BounceHookUrl: "b", OpenHookUrl: "o", ClickHookUrl: "c" }
      const body = Object.fromEntries(
        Object.entries(hooks).map(([name, path]) => [name, `http://u:p@localhost/${path}`])
      )
      assert.strictEqual((yield* call("PUT", "/server", { body: { ...body, PostFirstOpenOnly: true } })).status, 200)
      const html = { HtmlBody: "<a href='http://shop.example/'>x</a>", TrackOpens: true, TrackLinks: "HtmlOnly" }
      yield* send({ ...html, MessageStream: "broadcast" })
      const id = yield* send(html)
      yield* double.clock.advance("1 second")
      yield* double.open(id, mail.To)
      yield* double.open(id, mail.To)
      yield* double.click(id, mail.To)
      yield* double.bounce(id, mail.To)
      yield* call("PUT", "/server", { body: { BounceHookUrl: "" } })
      yield* double.clock.advance("1 day")
    }).pipe(Effect.provide(layerDouble({
      paused: true,
      webhookSender: ({ body, headers, url }) =>
        Effect.sync(() =>
          posts.push(`${url} ${headers["Authorization"]} ${/"RecordType":"(\w+)"/.exec(body)?.[1]}`) === 4 ? 503 : 200
        )
    })))
    const auth = `Basic ${btoa("u:p")}`
    // The bounce is not taken, and its hook is gone when it would be posted again.
    assert.deepStrictEqual(posts, [
      `http://localhost/d ${auth} Delivery`,
      `http://localhost/o ${auth} Open`,
      `http://localhost/c ${auth} Click`,
      `http://localhost/b ${auth} Bounce`
    ])
  }))

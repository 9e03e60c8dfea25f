import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, layer } from "@effect/vitest"
import { Chromium, row, subjects, withPage } from "./kit.ts"

layer(Chromium.layer, { excludeTestServices: true })((it) => {
  it.scoped("says how to send the first message, and shows messages as they come, newest first", () =>
    withPage({}, async ({ page, problems, requests, send, url }) => {
      const command = await page.getByLabel("Command that sends a message").textContent() ?? ""
      assert.include(command, `curl ${url}/email`)
      assert.include(command, `X-Postmark-Server-Token: ${PostmarkDouble.demoServerToken}`)
      // What the command sends is what the double takes.
      const body = /-d '(.*)'/.exec(command)?.[1] ?? ""
      const fields: object = JSON.parse(body)
      await send(fields)
      await row(page, "Hello").waitFor()
      await send({ Subject: "second" })
      await row(page, "second").waitFor()
      assert.deepStrictEqual(await subjects(page), ["second", "Hello"])
      assert.isFalse(await page.getByText("No messages yet").isVisible())
      await page.getByRole("status").getByText("1 new message. The newest: second").waitFor()
      assert.strictEqual(await page.title(), "(2) Postmark double")
      assert.deepStrictEqual(requests.filter((address) => !address.startsWith(`${url}/`)), [])
      assert.deepStrictEqual(problems, [])
    }))

  it.scoped("shows no token but the one that everybody knows", () =>
    withPage({ token: "secret-of-somebody" }, async ({ page, send }) => {
      const command = page.getByLabel("Command that sends a message")
      assert.include(await command.textContent() ?? "", "<your server token>")
      await send()
      await row(page, "s").waitFor()
      assert.notInclude(await page.content(), "secret-of-somebody")
    }))

  it.scoped("shows the worst state among a message's recipients, and for how many it is true", () =>
    withPage({}, async ({ double, page, problems, run, send }) => {
      const id = await send({ To: "ann@example.com, bob@example.com, cid@example.com" })
      await row(page, "s").getByText("Waiting", { exact: true }).waitFor()
      await run(double.deliver(id, "ann@example.com"))
      await run(double.deliver(id, "cid@example.com"))
      await row(page, "s").getByText("Waiting 1 of 3", { exact: true }).waitFor()
      await run(double.bounce(id, "bob@example.com"))
      const chip = row(page, "s").getByText("Bounced 1 of 3", { exact: true })
      await chip.waitFor()
      assert.strictEqual(await chip.getAttribute("title"), "1 bounced, 2 delivered")
      assert.deepStrictEqual(problems, [])
    }))

  it.scoped("finds messages by every part of them", () =>
    withPage({}, async ({ page, problems, send }) => {
      await send({ Subject: "by-recipient", To: "zoe@example.com", Bcc: "hidden@example.com" })
      await send({ Subject: "by-sender", From: "billing@example.org" })
      await send({ Subject: "by-tag", Tag: "Welcome" })
      await send({ Subject: "by-metadata", Metadata: { order: "991" } })
      await send({ Subject: "by-text", TextBody: "The (blue) teapot" })
      await send({ Subject: "by-html", HtmlBody: "<p>saucer</p>" })
      const search = page.getByRole("searchbox", { name: "Search messages" })
      const cases = [
        ["ZOE@", "by-recipient"],
        ["hidden@example.com", "by-recipient"],
        ["billing", "by-sender"],
        ["by-tag", "by-tag"],
        ["welcome", "by-tag"],
        ["order:991", "by-metadata"],
        ["(BLUE) teapot", "by-text"],
        ["saucer", "by-html"]
      ] as const
      for (const [wanted, subject] of cases) {
        await search.fill(wanted)
        await page.getByRole("status").getByText("1 message found").waitFor()
        await row(page, subject).waitFor()
        assert.deepStrictEqual(await subjects(page), [subject], wanted)
        await search.fill("")
        await page.getByRole("status").getByText("6 messages found").waitFor()
      }
      await search.fill("nobody has this")
      await page.getByText("No message has “nobody has this” in it.").waitFor()
      assert.deepStrictEqual(problems, [])
    }))

  it.scoped("pages through 10,000 messages", () =>
    withPage({}, async ({ page, problems, url }) => {
      for (let batch = 0; batch < 20; batch++) {
        const messages = Array.from({ length: 500 }, (_, i) => ({
          From: "shop@example.org",
          To: "ann@example.com",
          Subject: `message ${batch * 500 + i + 1}`,
          TextBody: i === 250 && batch === 3 ? "needle" : "hay ".repeat(250)
        }))
        const response = await fetch(`${url}/email/batch`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "x-postmark-server-token": PostmarkDouble.demoServerToken
          },
          body: JSON.stringify(messages)
        })
        assert.strictEqual(response.status, 200)
        await response.text()
      }
      await page.getByText("1–50 of 10,000").waitFor()
      assert.strictEqual((await subjects(page)).length, 50)
      await page.getByRole("button", { name: "Older" }).click()
      await page.getByText("51–100 of 10,000").waitFor()
      assert.strictEqual((await subjects(page))[0], "message 9950")
      await page.getByRole("searchbox").fill("needle")
      await row(page, "message 1751").waitFor()
      assert.deepStrictEqual(problems, [])
    }))

  it.scoped("says that the connection is lost, and catches up once it is back", () =>
    withPage({}, async ({ page, send }) => {
      await page.context().route("**/_double/**", (route) => route.abort())
      // Hidden and shown again, a page connects anew.
      const toggle = "document.dispatchEvent(new Event('visibilitychange'))"
      await page.evaluate(toggle)
      await page.getByText("Not connected").waitFor()
      await send({ Subject: "missed" })
      await page.context().unroute("**/_double/**")
      await page.evaluate(toggle)
      await page.getByText("Live", { exact: true }).waitFor()
      await row(page, "missed").waitFor()
    }))

  it.scoped("goes back to the beginning when that is confirmed, and not before", () =>
    withPage({}, async ({ double, page, problems, run, send }) => {
      await send({ Subject: "kept" })
      await row(page, "kept").click()
      await page.getByRole("heading", { name: "kept" }).waitFor()
      await page.getByRole("button", { name: "Reset…" }).click()
      const dialog = page.getByRole("dialog", { name: "Reset the double?" })
      await dialog.getByRole("button", { name: "Keep everything" }).click()
      await dialog.waitFor({ state: "hidden" })
      assert.strictEqual((await run(double.sent)).length, 1)
      await page.getByRole("button", { name: "Reset…" }).click()
      await dialog.getByRole("button", { name: "Reset", exact: true }).click()
      await page.getByRole("heading", { name: "No messages yet" }).waitFor()
      assert.strictEqual((await run(double.sent)).length, 0)
      assert.strictEqual(await page.getByRole("heading", { name: "kept" }).count(), 0)
      assert.deepStrictEqual(problems, [])
    }))
})

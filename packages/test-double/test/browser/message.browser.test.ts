import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Chromium, openTab, row, withPage } from "./kit.ts"

const receipt = {
  From: "The Shop <shop@example.org>",
  To: "Ann <ann@example.com>",
  Cc: "bob@example.com",
  ReplyTo: "help@example.org",
  Subject: "Your receipt",
  Tag: "receipt",
  Metadata: { order: "991" },
  Headers: [{ Name: "X-Campaign", Value: "autumn" }],
  Attachments: [{ Name: "receipt.pdf", Content: "YQ==", ContentType: "application/pdf" }],
  TrackOpens: true,
  TrackLinks: "HtmlOnly",
  TextBody: "See https://example.org/text",
  HtmlBody: "<h1>Thank you</h1><p><a href=\"https://example.org/a\">a</a> <a href='mailto:help@example.org'>b</a></p>"
}

layer(Chromium.layer, { excludeTestServices: true })((it) => {
  it.scoped("shows a message in all its parts", () =>
    withPage({}, async ({ page, problems, requests, send, url }) => {
      const id = await send(receipt)
      await row(page, "Your receipt").click()
      await page.getByRole("heading", { name: "Your receipt" }).waitFor()
      const frame = page.locator("iframe")
      assert.strictEqual(await frame.getAttribute("sandbox"), "")
      await page.frameLocator("iframe").getByRole("heading", { name: "Thank you" }).waitFor()
      const text = await openTab(page, "Text")
      assert.strictEqual(await text.textContent(), receipt.TextBody)
      const details = await openTab(page, "Details")
      const cell = (table: string, name: string) =>
        details.getByRole("table", { name: table }).getByRole("row", { name: new RegExp(`^${name} `) }).getByRole(
          "cell"
        ).textContent()
      assert.strictEqual(await cell("Message", "Reply-To"), "help@example.org")
      assert.strictEqual(await cell("Message", "Cc"), "bob@example.com")
      assert.strictEqual(await cell("Message", "Message ID"), id)
      assert.strictEqual(await cell("Headers", "X-Campaign"), "autumn")
      assert.strictEqual(await cell("Metadata", "order"), "991")
      await details.getByRole("listitem").getByText("receipt.pdf").waitFor()
      const links = await openTab(page, "Links (3)")
      assert.deepStrictEqual(
        await links.getByRole("listitem").allTextContents(),
        [
          "HTMLtrackedhttps://example.org/a",
          "HTMLnot trackedmailto:help@example.org",
          "Textnot trackedhttps://example.org/text"
        ]
      )
      const source = await (await openTab(page, "Source")).locator("pre").textContent() ?? ""
      for (
        const line of [
          "From: \"The Shop\" <shop@example.org>",
          "To: \"Ann\" <ann@example.com>",
          "X-Campaign: autumn",
          "Content-Type: text/html; charset=UTF-8",
          "Content-Disposition: attachment; filename=\"receipt.pdf\""
        ]
      ) assert.include(source.split(/\r?\n/), line)
      await (await openTab(page, "Events")).getByText("None for this message").waitFor()
      // A link in the frame leads nowhere, and the mail comes back.
      await openTab(page, "HTML")
      assert.deepStrictEqual(problems, [])
      await page.frameLocator("iframe").getByRole("link", { name: "a" }).click()
      await page.frameLocator("iframe").getByRole("heading", { name: "Thank you" }).waitFor()
      assert.deepStrictEqual(
        requests.filter((address) => !address.startsWith(`${url}/`) && !address.startsWith("https://example.org/a")),
        []
      )
      assert.strictEqual(page.url(), `${url}/#/messages/${id}`)
    }))

  it.scoped("makes things happen, and says why when they cannot", () =>
    withPage({ webhookSender: () => Effect.succeed(500) }, async ({ double, page, run, send, url }) => {
      await fetch(`${url}/webhooks`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-postmark-server-token": "double-demo-server-token" },
        body: JSON.stringify({ Url: "http://localhost:1/hook", Triggers: { Delivery: { Enabled: true } } })
      })
      const id = await send(receipt)
      await row(page, "Your receipt").click()
      const events = await openTab(page, "Events")
      const press = (name: string) => events.getByRole("button", { name, exact: true }).click()
      const ann = events.getByRole("region", { name: "Events of ann@example.com" })
      await press("Deliver")
      await ann.getByText("Delivered", { exact: true }).waitFor()
      await events.getByRole("region", { name: "Webhook calls" }).getByText("Delivery to http://localhost:1/hook")
        .waitFor()
      await press("Open")
      await ann.getByText("Opened", { exact: true }).waitFor()
      await press("Click")
      await ann.getByText("https://example.org/a (HTML)").waitFor()
      await press("Deliver")
      await events.getByText(`${id} was delivered to ann@example.com already`).waitFor()
      await events.getByLabel("Recipient").selectOption("bob@example.com")
      await events.getByLabel("Bounce type").selectOption("SoftBounce")
      await press("Bounce")
      const bob = events.getByRole("region", { name: "Events of bob@example.com" })
      await bob.getByText("Bounced", { exact: true }).waitFor()
      await press("Spam complaint")
      await events.getByText(`${id} has bounced and was never delivered to bob@example.com`).waitFor()
      await press("Deliver")
      await bob.getByText("Delivered", { exact: true }).waitFor()
      await press("Spam complaint")
      await bob.getByText("Suppressed", { exact: true }).waitFor()
      const [message] = await run(double.sent)
      assert.deepStrictEqual(message?.events.map(({ recipient, type }) => `${type} ${recipient}`), [
        "Delivered ann@example.com",
        "Opened ann@example.com",
        "LinkClicked ann@example.com",
        "Bounced bob@example.com",
        "Delivered bob@example.com",
        "SubscriptionChanged bob@example.com"
      ])
      await row(page, "Your receipt").getByText("Bounced").waitFor()
      const plain = await send({ Subject: "untracked" })
      await row(page, "untracked").click()
      await page.getByRole("heading", { name: "untracked" }).waitFor()
      await page.getByRole("button", { name: "Open", exact: true }).click()
      await page.getByText(`${plain} has no open tracking, which needs TrackOpens and an HtmlBody`).waitFor()
    }))

  it.scoped("is used by keyboard alone", () =>
    withPage({}, async ({ double, page, problems, run, send }) => {
      await send({ Subject: "first" })
      await send({ Subject: "second" })
      await row(page, "second").waitFor()
      const focused = () => page.locator(":focus").textContent()
      const { keyboard } = page
      await keyboard.press("j")
      assert.include(await focused(), "second")
      await keyboard.press("j")
      assert.include(await focused(), "first")
      await keyboard.press("k")
      await keyboard.press("ArrowDown")
      assert.include(await focused(), "first")
      const outline = await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle")
      assert.strictEqual(outline, "solid")
      // A new message does not take the focus away.
      await send({ Subject: "third" })
      await row(page, "third").waitFor()
      assert.include(await focused(), "first")
      await keyboard.press("Enter")
      await page.getByRole("heading", { name: "first" }).and(page.locator(":focus")).waitFor()
      await keyboard.press("Tab")
      assert.strictEqual(await focused(), "Text")
      await keyboard.press("ArrowRight")
      assert.strictEqual(await focused(), "Details")
      await keyboard.press("End")
      assert.strictEqual(await page.getByRole("tab", { name: "Events" }).getAttribute("aria-selected"), "true")
      await keyboard.press("Tab")
      assert.strictEqual(await page.locator(":focus").getAttribute("role"), "tabpanel")
      await keyboard.press("Tab")
      await keyboard.press("Tab")
      assert.strictEqual(await focused(), "Deliver")
      await keyboard.press("Enter")
      await page.getByRole("tabpanel").getByText("Delivered", { exact: true }).waitFor()
      // What happened is shown, and the button still has the focus.
      assert.strictEqual(await focused(), "Deliver")
      assert.strictEqual((await run(double.sent))[0]?.events.length, 1)
      await keyboard.press("Escape")
      assert.include(await focused(), "first")
      await keyboard.press("/")
      await keyboard.type("second")
      await page.getByRole("status").getByText("1 message found").waitFor()
      await keyboard.press("Enter")
      assert.include(await focused(), "second")
      await keyboard.press("Enter")
      await page.getByRole("heading", { name: "second" }).waitFor()
      assert.deepStrictEqual(problems, [])
    }))

  it.scoped("shows one thing at a time in a narrow window", () =>
    withPage({ viewport: { width: 390, height: 700 } }, async ({ page, problems, send }) => {
      await send(receipt)
      await row(page, "Your receipt").click()
      await page.getByRole("heading", { name: "Your receipt" }).waitFor()
      assert.isFalse(await row(page, "Your receipt").isVisible())
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")
      assert.strictEqual(overflow, 0)
      await page.getByRole("button", { name: "All messages" }).click()
      await row(page, "Your receipt").waitFor()
      assert.deepStrictEqual(problems, [])
    }))

  it.scoped("names all that can be used", () =>
    withPage({}, async ({ page, send }) => {
      await send(receipt)
      await row(page, "Your receipt").click()
      await openTab(page, "Events")
      for (
        const [role, selector] of [
          ["button", "button:not([role])"],
          ["tab", "[role=tab]"],
          ["combobox", "select"],
          ["searchbox", "input"],
          ["link", "a[href]"],
          ["tabpanel", "[role=tabpanel]"]
        ] as const
      ) {
        const all = await page.locator(selector).filter({ visible: true }).count()
        assert.isAbove(all, 0, role)
        assert.strictEqual(await page.getByRole(role, { name: /\S/ }).count(), all, role)
      }
      await page.getByRole("main", { name: "Message" }).waitFor()
      await page.getByRole("tablist", { name: "Parts of the message" }).waitFor()
      const selected = page.getByRole("tab", { selected: true })
      assert.strictEqual(
        await selected.getAttribute("aria-controls"),
        await page.getByRole("tabpanel").getAttribute("id")
      )
      await openTab(page, "HTML")
      assert.strictEqual(await page.locator("iframe").getAttribute("title"), "HTML body of the message")
    }))
})

import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:http"
import { type AddressInfo, isIP } from "node:net"
import { Chromium, openTab, row, withPage } from "./kit.ts"

/** A server that a hostile mail would like to reach. It notes every connection, with or without a request. */
const canary = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly touched: ReadonlyArray<string>; readonly close: () => void }>(
    (resume) => {
      const touched: Array<string> = []
      const server = createServer((request, response) => {
        touched.push(`${request.method} ${request.url}`)
        response.end("")
      })
      server.on("connection", () => touched.push("connection"))
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = isAddress(address) ? address.port : 0
        resume(Effect.succeed({ url: `http://localhost:${port}`, touched, close: () => server.close() }))
      })
    }
  ),
  ({ close }) => Effect.sync(close)
)

const isAddress = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === "object" && address !== null && isIP(address.address) > 0

const hostileBody = (evil: string) => `
<!doctype html><html><head>
<base href="${evil}/base/">
<meta http-equiv="refresh" content="0;url=${evil}/refresh">
<link rel="stylesheet" href="${evil}/style.css">
<link rel="preconnect" href="${evil}">
<LINK rel=dns-prefetch href=${evil}>
<link
rel="prefetch" href="${evil}/prefetch">
<link/rel="preload" as="image" href="${evil}/preload">
<link rel="prerender" href="${evil}/prerender"><link rel="icon" href="${evil}/icon">
<link rel="modulepreload" href="${evil}/module.js"><link rel="manifest" href="${evil}/manifest">
<style>@import "${evil}/import.css"; @font-face { font-family: f; src: url(${evil}/font) }
body { font-family: f; background: url(${evil}/background); cursor: url(${evil}/cursor), auto }
p::before { content: url(${evil}/content) } li { list-style-image: url(${evil}/bullet) }</style>
<script>parent.document.title = "taken"; top.location = "${evil}/top"; alert(1)</script>
<script src="${evil}/script.js"></script><script type="module" src="${evil}/module.js"></script>
<script type="speculationrules">{"prerender":[{"source":"list","urls":["${evil}/speculate"]}]}</script>
</head><body background="${evil}/body" onload="alert(2)">
<p id="marker">You have been hacked</p><ul><li>x</li></ul>
<img src="${evil}/image"><img src=x onerror="alert(3)"><img srcset="${evil}/set 2x"><img loading=lazy src="${evil}/lazy">
<picture><source srcset="${evil}/source"><img></picture>
<input type="image" src="${evil}/input" autofocus onfocus="alert(4)">
<svg onload="alert(5)"><image href="${evil}/svg"/><use href="${evil}/use#a"/><script>alert(6)</script></svg>
<svg><style>@import "${evil}/svgimport"</style><a xlink:href="javascript:alert(7)"><text y="20">t</text></a></svg>
<math><mtext><img src="${evil}/math"></mtext></math>
<iframe src="${evil}/frame"></iframe><iframe srcdoc="<img src='${evil}/srcdoc'><script>alert(8)</script>"></iframe>
<iframe src="javascript:alert(9)"></iframe><iframe src="data:text/html,<script>alert(10)</script>"></iframe>
<object data="${evil}/object"></object><embed src="${evil}/embed"><applet archive="${evil}/applet"></applet>
<fencedframe src="${evil}/fenced"></fencedframe>
<video poster="${evil}/poster" src="${evil}/video" autoplay></video><audio src="${evil}/audio" autoplay></audio>
<video><track default src="${evil}/track"></video>
<table background="${evil}/table"><tr><td background="${evil}/cell">x</td></tr></table>
<form action="${evil}/form" method="post"><button id="submit">send</button></form>
<form action="/_double/reset" method="post" enctype="text/plain"><button id="reset-it">reset</button></form>
<a id="to-top" href="${evil}/navigate" target="_top" ping="${evil}/ping">top</a>
<a id="to-window" href="${evil}/window" target="_blank">window</a>
<a id="to-script" href="javascript:alert(11)">script</a>
<div style="background:image-set('${evil}/image-set' 1x)">s</div><details open ontoggle="alert(12)"><summary>d</summary></details>
<p style="position:fixed;inset:0;z-index:9999">over</p>
</body></html>`

const script = "<img src=x onerror=\"document.title=1\"><script>document.title=1</script>"

layer(Chromium.layer, { excludeTestServices: true })((it) => {
  it.scoped("shows a hostile mail, which can do nothing", () =>
    Effect.flatMap(
      canary,
      ({ touched, url: evil }) =>
        withPage({}, async ({ answers, double, page, problems, run, send, url }) => {
          const id = await send({ Subject: "hostile", HtmlBody: hostileBody(evil) })
          const present = `${url}/#/messages/${id}`
          await row(page, "hostile").click()
          const frame = page.frameLocator("iframe")
          await frame.getByText("You have been hacked").waitFor()
          for (const place of ["#submit", "#reset-it", "#to-top", "#to-window", "#to-script"]) {
            await frame.locator(place).dispatchEvent("click")
            await frame.getByText("You have been hacked").waitFor()
          }
          assert.strictEqual(page.url(), present)
          assert.strictEqual(await page.title(), "(1) Postmark double")
          assert.deepStrictEqual(page.context().pages().length, 1)
          // The same by itself, in a window of its own.
          const alone = await page.context().newPage()
          const dialogs: Array<string> = []
          alone.on("dialog", (dialog) => {
            dialogs.push(dialog.message())
            void dialog.dismiss()
          })
          await alone.goto(`${url}/_double/messages/${id}/html`)
          await alone.getByText("You have been hacked").waitFor()
          await alone.locator("#submit").dispatchEvent("click")
          await alone.locator("#to-script").dispatchEvent("click")
          assert.strictEqual(alone.url(), `${url}/_double/messages/${id}/html`)
          assert.strictEqual(await alone.title(), "")
          assert.deepStrictEqual([...dialogs, ...problems.filter((problem) => problem.startsWith("dialog"))], [])
          assert.deepStrictEqual(
            answers.filter((address) => !address.startsWith(`${url}/`) && !address.startsWith("data:")),
            []
          )
          assert.strictEqual((await run(double.sent)).length, 1)
          // The canary answers, so what is not there did not come. By its second name it is another origin for the browser.
          await fetch(`${evil}/alive`)
          assert.deepStrictEqual(touched, ["connection", "GET /alive"])
        })
    ))

  it.scoped("shows everything that a sender can choose as text", () =>
    withPage({}, async ({ page, problems, requests, send, url }) => {
      await send({
        From: `"${script.replaceAll("\"", "\\\"")}" <shop@example.org>`,
        Subject: script,
        Tag: script,
        Metadata: { [script.slice(0, 20)]: script },
        Headers: [{ Name: "X-Evil", Value: script }],
        Attachments: [{ Name: `${script}.txt`, Content: "YQ==", ContentType: "text/plain" }],
        TextBody: `${script} javascript:alert(1)`,
        HtmlBody: "<a href=\"javascript:alert(1)\">a</a><a href=\"https://example.org/'onclick=alert(1)\">b</a>"
      })
      await row(page, script).click()
      await page.getByRole("heading", { name: script }).waitFor()
      for (const tab of ["Text", "Details", "Source"]) {
        assert.include(await (await openTab(page, tab)).textContent() ?? "", script, tab)
      }
      const details = await openTab(page, "Details")
      for (const table of ["Headers", "Metadata"]) {
        assert.include(await details.getByRole("table", { name: table }).textContent() ?? "", script)
      }
      await details.getByText(`${script}.txt`).waitFor()
      const links = await openTab(page, /^Links/)
      await links.getByText("javascript:alert(1)").waitFor()
      assert.deepStrictEqual(
        await links.getByRole("link").evaluateAll((all) => all.map((link) => link.getAttribute("href"))),
        ["https://example.org/'onclick=alert(1)"]
      )
      assert.strictEqual(await page.title(), "(1) Postmark double")
      assert.strictEqual(await page.locator("img, main script").count(), 0)
      assert.deepStrictEqual(requests.filter((address) => !address.startsWith(`${url}/`)), [])
      assert.deepStrictEqual(problems, [])
    }))
})

import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Context, Effect, Layer } from "effect"
import { type Browser, chromium, type Page } from "playwright-core"
import { mail } from "../kit.ts"

/** The browser, for all tests of a file. */
export class Chromium extends Context.Tag("test/Chromium")<Chromium, Browser>() {
  static readonly layer = Layer.scoped(
    Chromium,
    Effect.acquireRelease(
      Effect.promise(() =>
        chromium.launch({
          executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
          args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync"
          ]
        })
      ),
      (browser) => Effect.promise(() => browser.close())
    )
  )
}

export interface Opened {
  readonly page: Page
  readonly url: string
  readonly double: PostmarkDouble.PostmarkDouble["Type"]
  /** Every URL that something in the browser asked for, also where the browser refused to. */
  readonly requests: ReadonlyArray<string>
  /** Every URL that was answered. */
  readonly answers: ReadonlyArray<string>
  /** Errors on the console, uncaught errors, and dialogs. */
  readonly problems: ReadonlyArray<string>
  /** Sends a mail, which must be accepted, and answers with its id. */
  readonly send: (fields?: object) => Promise<string>
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<A>
}

export interface OpenOptions extends PostmarkDouble.Options {
  /** The size of the window. */
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly token?: string
}

/** Opens the page of a new double, and says whether everything it loaded came from there. */
export const withPage = (options: OpenOptions, body: (opened: Opened) => Promise<void>) =>
  Effect.gen(function*() {
    const browser = yield* Chromium
    const token = options.token ?? PostmarkDouble.demoServerToken
    const services = yield* Layer.build(
      NodePostmarkDouble.layerServer({ port: 0 }).pipe(
        Layer.provideMerge(
          PostmarkDouble.layer({ autoDeliver: false, servers: [{ token, name: "Demo" }], ...options })
        )
      )
    )
    const { url } = Context.get(services, NodePostmarkDouble.NodePostmarkDouble)
    const context = yield* Effect.acquireRelease(
      Effect.promise(() => browser.newContext({ viewport: options.viewport ?? { width: 1280, height: 800 } })),
      (context) => Effect.promise(() => context.close())
    )
    const page = yield* Effect.promise(() => context.newPage())
    const requests: Array<string> = []
    const answers: Array<string> = []
    const problems: Array<string> = []
    context.on("request", (request) => requests.push(request.url()))
    context.on("response", (response) => answers.push(response.url()))
    page.on("pageerror", (error) => problems.push(String(error)))
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text())
    })
    page.on("dialog", (dialog) => {
      problems.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    yield* Effect.promise(() => page.goto(`${url}/`))
    yield* Effect.promise(() => page.getByText("Live", { exact: true }).waitFor())
    yield* Effect.promise(() =>
      body({
        page,
        url,
        double: Context.get(services, PostmarkDouble.PostmarkDouble),
        requests,
        answers,
        problems,
        run: (effect) => Effect.runPromise(effect),
        send: async (fields = {}) => {
          const response = await fetch(`${url}/email`, {
            method: "POST",
            headers: { "content-type": "application/json", "x-postmark-server-token": token },
            body: JSON.stringify({ ...mail, ...fields })
          })
          const text = await response.text()
          const id = /"MessageID":"([^"]*)"/.exec(text)?.[1]
          if (response.status !== 200 || id === undefined) throw new Error(text)
          return id
        }
      })
    )
  })

/** The subjects of the list, as they stand. */
export const subjects = (page: Page): Promise<ReadonlyArray<string>> =>
  page.getByRole("navigation", { name: "Messages" }).locator("strong").allTextContents()

export const row = (page: Page, subject: string) =>
  page.getByRole("navigation", { name: "Messages" }).getByRole("link", { name: subject })

export const openTab = async (page: Page, name: string | RegExp) => {
  await page.getByRole("tab", { name }).click()
  return page.getByRole("tabpanel", { name })
}

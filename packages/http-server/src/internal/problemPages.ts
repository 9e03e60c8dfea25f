/** A page for each code of a problem, at the path that its `type` names: HTML for browsers, JSON for programs. */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createHash } from "node:crypto"
import * as ProblemCatalogue from "../api/ProblemCatalogue.ts"
import { NoSuchRoute } from "./failures.ts"
import * as Responses from "./responses.ts"

/** The paths of the pages, for the table of routes. */
export const paths: ReadonlyArray<string> = ["/problems", "/problems/:code"]

const answer = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const [, code] = /^(?:https?:\/\/[^/]*)?\/problems\/([a-z_]+)$/.exec(request.url.split(/[?#]/, 1)[0] ?? "") ?? []
  const entry = code === undefined ? undefined : ProblemCatalogue.get(code)
  if (code === undefined || entry === undefined) return yield* new NoSuchRoute()
  return wantsHtml(request.headers["accept"])
    ? html(page(code, entry))
    : HttpServerResponse.unsafeJson({ code, ...entry }, { headers: cached })
})

const list = Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
  wantsHtml(request.headers["accept"])
    ? html(listPage)
    : HttpServerResponse.unsafeJson(
      { problems: [...ProblemCatalogue.entries].map(([code, entry]) => ({ code, ...entry })) },
      { headers: cached }
    ))

export const layer = Layer.mergeAll(
  HttpLayerRouter.add("GET", "/problems", list),
  HttpLayerRouter.add("GET", "/problems/:code", Responses.orProblem(answer))
)

/** Browsers name HTML first; a program that accepts anything gets JSON. */
const wantsHtml = (accept = ""): boolean => /\btext\/html\b/i.test(accept)

const style = "body{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:3em auto;padding:0 1em}" +
  "code{background:#8882;padding:.1em .3em}:root{color-scheme:light dark}"

/** Nothing is loaded, and nothing runs. */
const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${
  createHash("sha256").update(style).digest("base64")
}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const cached = { "cache-control": "public, max-age=3600", vary: "accept" }

const html = (text: string) =>
  HttpServerResponse.text(text, {
    contentType: "text/html; charset=utf-8",
    headers: { ...cached, "content-security-policy": contentSecurityPolicy }
  })

const document = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>` +
  `<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>${body}</body></html>`

const page = (code: string, { advice, disposition, meaning, retryable, status, title }: ProblemCatalogue.Entry) =>
  document(
    title,
    `<h1>${escaped(title)}</h1><p><code>${code}</code>, HTTP status ${status}</p>` +
      `<h2>Meaning</h2><p>${escaped(meaning)}</p><h2>What to do</h2><p>${escaped(advice)}</p>` +
      `<h2>Retry</h2><p>${
        retries({ disposition, retryable })
      }</p><h2>What became of the request</h2><p><code>${disposition}</code>: ${
        dispositions[disposition]
      }</p><p><a href="/problems">All problems</a></p>`
  )

const retries = ({ disposition, retryable }: Pick<ProblemCatalogue.Entry, "disposition" | "retryable">): string =>
  retryable
    ? "Yes: the same request can succeed later."
    : disposition === "unknown"
    ? "Not blindly: it may have been carried out already."
    : "No: the same request fails again."

const dispositions: Readonly<Record<ProblemCatalogue.Entry["disposition"], string>> = {
  rejected: "it was rejected, and nothing was sent.",
  notSent: "nothing was sent or changed.",
  unknown: "it may have been carried out."
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

const listPage = document(
  "Problems",
  `<h1>Problems</h1><ul>${
    [...ProblemCatalogue.entries].map(([code, { status, title }]) =>
      `<li>${status} <a href="${ProblemCatalogue.pagePath(code)}"><code>${code}</code></a> ${escaped(title)}</li>`
    ).join("")
  }</ul>`
)

/** A client of server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html describes it. */
import { Effect } from "effect"

export interface ServerSent {
  readonly event: string
  readonly data: string
  readonly id: string
}

/** Connects until the scope ends. `next` is the next event, or undefined at the end of the stream. */
export const connect = (url: string, options: { readonly key: string; readonly lastEventId?: string | undefined }) =>
  Effect.gen(function*() {
    const abort = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (controller) => Effect.sync(() => controller.abort())
    )
    const response = yield* Effect.promise(() =>
      fetch(url, {
        signal: abort.signal,
        headers: {
          authorization: `Bearer ${options.key}`,
          ...(options.lastEventId === undefined ? {} : { "last-event-id": options.lastEventId })
        }
      })
    )
    const parsed = parse(response.body ?? new ReadableStream({ start: (controller) => controller.close() }))
    return {
      response,
      /** The id with which the client would connect again. */
      lastEventId: parsed.lastEventId,
      comments: parsed.comments,
      next: Effect.promise(() => parsed.next())
    }
  })

const parse = (body: ReadableStream<Uint8Array>) => {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const comments: Array<string> = []
  const ready: Array<ServerSent | { readonly id: string }> = []
  let [rest, id, event, lastEventId] = ["", "", "", ""]
  let data: Array<string> = []
  const dispatch = () => {
    ready.push(data.length > 0 ? { event: event === "" ? "message" : event, data: data.join("\n"), id } : { id })
    data = []
    event = ""
  }
  const read = (line: string) => {
    if (line === "") return dispatch()
    if (line.startsWith(":")) return void comments.push(line)
    const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === "data") data.push(value)
    if (field === "event") event = value
    if (field === "id") id = value
  }
  return {
    comments,
    lastEventId: () => lastEventId,
    next: async (): Promise<ServerSent | undefined> => {
      while (true) {
        const found = ready.shift()
        if (found !== undefined) {
          lastEventId = found.id
          if ("data" in found) return found
          continue
        }
        const { done, value } = await reader.read()
        if (done) return undefined
        const lines = `${rest}${decoder.decode(value, { stream: true })}`.split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) read(line)
      }
    }
  }
}

/** The sockets of the SMTP server: each session goes through the double's door. */
import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import type { SMTPServer, SMTPServerOptions } from "smtp-server"
import type { Door, Line, Login, Reply } from "../../SmtpExchange.ts"

type Run = <A>(effect: Effect.Effect<A>, options?: { readonly signal?: AbortSignal }) => Promise<A>

interface Session {
  readonly socket: Socket
  /** Interrupts what is done for the session when its client goes away. */
  readonly gone: AbortController
  login: Login | undefined
  busy: boolean
}

export interface Listener {
  readonly server: SMTPServer
  readonly sessions: Map<string, Session>
}

export interface Limits {
  readonly maxBytes: number
  readonly idleTimeout: number
}

export const makeListener = (
  Server: new(options: SMTPServerOptions) => SMTPServer,
  door: Door,
  run: Run,
  isAddress: (text: string) => boolean,
  { idleTimeout, maxBytes }: Limits
): Listener => {
  const sessions = new Map<string, Session>()
  const of = (at: { readonly remoteAddress: string; readonly remotePort: number }) => sessions.get(keyOf(at))

  /** Runs for a session; `fail` is told of a defect, so that no client waits for ever. */
  const work = <A>(
    session: Session,
    effect: Effect.Effect<A>,
    then: (value: A) => void,
    fail: (error: Error) => void
  ) =>
    void run(
      Effect.tapErrorCause(effect, (cause) => Effect.logError("the double failed to answer by SMTP", cause)),
      { signal: session.gone.signal }
    ).then(then, () => fail(smtpError({ code: 451, text: "Internal error" })))

  const server = new Server({
    name: "double.invalid",
    banner: "Postmark double",
    size: maxBytes,
    maxRecipients: 50,
    maxClients: 100,
    authMethods: ["PLAIN", "LOGIN", "CRAM-MD5"],
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    hideSMTPUTF8: true,
    disableReverseLookup: true,
    logger: false,
    socketTimeout: idleTimeout,
    closeTimeout: 2_000,
    onConnect: (at, callback) => {
      const session = of(at)
      if (session === undefined) return callback(smtpError({ code: 421, text: "Try again later" }))
      work(session, door.connect, (line) => callback(line && smtpError(line)), callback)
    },
    onAuth: ({ password, username, validatePassword }, at, callback) => {
      const session = of(at)
      if (session === undefined) return callback(smtpError({ code: 421, text: "Try again later" }))
      const hasPassword = (secret: string) =>
        password === undefined ? validatePassword?.(secret) === true : password === secret
      work(session, door.logIn(username ?? "", hasPassword), (result) => {
        if ("kind" in result) return callback(smtpError(result))
        session.login = result
        callback(null, { user: "known" })
      }, callback)
    },
    onRcptTo: ({ address }, at, callback) => {
      const session = of(at)
      if (session === undefined || !isAddress(address)) {
        return callback(smtpError({ code: 550, text: "The recipient is not an email address" }))
      }
      work(session, door.recipient(address), (line) => callback(line && smtpError(line)), callback)
    },
    onData: (stream, at, callback) => {
      const session = of(at)
      const login = session?.login
      if (session === undefined || login === undefined) {
        stream.resume()
        return callback(smtpError({ code: 530, text: "Authentication required" }))
      }
      session.busy = true
      let tooLarge = false
      const read = Effect.async<Uint8Array, "broken" | "tooLarge">((resume) => {
        const chunks: Array<Buffer> = []
        stream.on("data", (chunk: Buffer) => {
          // What is too much is read and dropped: a client listens for the reply only when it has sent all.
          if (stream.sizeExceeded) chunks.length = 0
          else chunks.push(chunk)
        })
        stream.once("error", () => resume(Effect.fail("broken")))
        stream.once("end", () => {
          tooLarge = stream.sizeExceeded
          resume(tooLarge ? Effect.fail("tooLarge") : Effect.succeed(Buffer.concat(chunks)))
        })
      })
      const recipients = at.envelope.rcptTo.map(({ address }) => address)
      const end = (error: Error | null, text?: string) => {
        session.busy = false
        callback(error, text)
        if (!server.server.listening) session.socket.end()
      }
      work(session, door.receive({ login, recipients, read }), (reply: Reply) => {
        if (tooLarge) return end(smtpError({ code: 552, text: `The message is larger than ${maxBytes} bytes` }))
        if (reply.kind === "reset") return session.socket.resetAndDestroy()
        if (reply.kind === "close") return session.socket.destroy()
        if (reply.code >= 400) return end(smtpError(reply))
        end(null, reply.text)
      }, end)
    }
  })
  // Before the server's own listener, which asks for the session at once.
  server.server.prependListener("connection", (socket: Socket) => {
    const key = keyOf(socket)
    const session: Session = { socket, gone: new AbortController(), login: undefined, busy: false }
    sessions.set(key, session)
    // A client may go away at any moment: that is no trouble of the double.
    socket.on("error", () => {})
    socket.once("close", () => {
      sessions.delete(key)
      session.gone.abort()
    })
  })
  return { server, sessions }
}

const keyOf = ({ remoteAddress, remotePort }: {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}): string => `${(remoteAddress ?? "").replace(/^::ffff:/, "")} ${remotePort}`

const smtpError = ({ code, text }: Pick<Line, "code" | "text">): Error =>
  Object.assign(new Error(text), { responseCode: code })

export const start = ({ server }: Listener, port: number, host: string): Effect.Effect<void, Error> =>
  Effect.async((resume) => {
    const onError = (error: Error) => resume(Effect.fail(error))
    server.once("error", onError)
    server.listen(port, host, () => {
      server.off("error", onError)
      // Errors of single connections come here, too, and end the process if nobody listens.
      server.on("error", () => {})
      resume(Effect.void)
    })
  })

/** Cuts idle sessions at once; those with a message under way have the server's `closeTimeout`. */
export const stop = ({ server, sessions }: Listener): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
    for (const { busy, socket } of sessions.values()) {
      if (!busy) socket.destroy()
    }
  })

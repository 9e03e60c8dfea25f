/** The way into an engine for SMTP: credentials, and messages by the rules of a REST send. */
import * as Effect from "effect/Effect"
import type { Door, Line, Login } from "../../SmtpExchange.ts"
import type { Engine } from "../engine/engine.ts"
import { schedule } from "../engine/jobs.ts"
import { smtpApiErrors } from "../engine/outcomes.ts"
import { isRefusal } from "../http/response.ts"
import { acceptContent } from "../routes/sendRoutes.ts"
import { readDraft } from "../rules/sendFields.ts"
import { judge } from "../rules/sendRules.ts"
import { purgeStreams } from "../state/retention.ts"
import { findServer, type Server, stamp, type World } from "../state/state.ts"
import { readMime, sendFields } from "./readMime.ts"
import { line, receiveWithFaults, refusalLine } from "./smtpFaults.ts"

export const makeDoor = (engine: Engine): Door => ({
  connect: Effect.sync(() => refusalLine(engine.faults.takeSmtp("connect", []))),
  logIn: (username, hasPassword) =>
    Effect.suspend((): Effect.Effect<Login | Line> => {
      const fault = refusalLine(engine.faults.takeSmtp("auth", []))
      if (fault !== undefined) return Effect.succeed(fault)
      const login = findLogin(engine.world, username, hasPassword)
      return login === undefined
        ? Effect.map(
          engine.guard.warn(engine.world, [username]),
          (warning) => line(535, `Authentication failed${warning === undefined ? "" : `. ${warning}`}`)
        )
        : Effect.succeed(login)
    }),
  recipient: (email) => Effect.sync(() => refusalLine(engine.faults.takeSmtp("recipient", [email]))),
  receive: ({ login, read, recipients }) =>
    Effect.suspend(() =>
      receiveWithFaults(
        engine.faults.takeSmtp("message", recipients),
        read,
        (source) =>
          Effect.promise(() =>
            readMime(source).then((email) => sendFields(email, recipients, login.stream), () => undefined)
          )
            .pipe(Effect.map((fields) => fields === undefined ? unreadable : accept(engine, login, fields)))
      )
    ).pipe(Effect.tap((reply) =>
      Effect.sync(() => {
        engine.requests.push({ method: "SMTP", path: "/", status: reply.kind === "line" ? reply.code : undefined })
        engine.scheduler.changed()
      })
    ))
})

const unreadable = line(554, "The message cannot be read: its headers are too long or its parts nested too deeply")

/** A server token is both name and password; an SMTP token has a secret of its own. */
const findLogin = (world: World, username: string, hasPassword: (secret: string) => boolean): Login | undefined => {
  const server = findServer(world, username)
  if (server !== undefined) {
    const { token } = server.settings
    const known = hasPassword(username) || hasPassword(token)
    return known && server.fields.SmtpApiActivated ? { token, stream: undefined } : undefined
  }
  for (const { fields, settings } of world.servers) {
    const found = settings.smtpTokens?.find(({ accessKey }) => accessKey === username)
    if (found !== undefined) {
      return hasPassword(found.secretKey) && fields.SmtpApiActivated
        ? { token: settings.token, stream: found.stream ?? "outbound" }
        : undefined
    }
  }
  return undefined
}

const accept = (engine: Engine, { token }: Login, fields: object): Line => {
  const { world } = engine
  const server = findServer(world, token)
  if (server === undefined) return line(535, "Authentication failed")
  const now = stamp(world, engine.scheduler.now())
  purgeStreams(server, now)
  const draft = readDraft(fields, false)
  const content = isRefusal(draft) ? draft : judge(draft, server, false, "keep")
  // Not published: what SMTP clients are told of a message that REST would refuse. Here it is the same text.
  if (isRefusal(content)) return line(550, content.message)
  // The test token judges, and keeps nothing.
  if (server === world.sandbox) return line(250, "Test job accepted")
  return keep(engine, server, content, now.millis)
}

const keep = (engine: Engine, server: Server, content: Parameters<typeof acceptContent>[2], now: number): Line => {
  const message = acceptContent(engine.world, server, content, now)
  engine.dispatch.fire(smtpApiErrors(engine.world, message, now))
  schedule(engine, [message])
  engine.scheduler.changed()
  return line(250, `OK ${message.id}`)
}

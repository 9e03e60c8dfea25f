import * as NodeSmtpServer from "@effect-postmark/test-double/NodeSmtpServer"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { Effect, Layer } from "effect"
import { connect } from "node:net"
import { createTransport, type SendMailOptions } from "nodemailer"

/** A double that is reached by SMTP and in process. */
export const layerSmtp = (
  options: PostmarkDouble.Options = {},
  server: Partial<NodeSmtpServer.Options> = {}
) => Layer.provideMerge(NodeSmtpServer.layer({ port: 0, ...server }), PostmarkDouble.layerTest(options))

export const mail: SendMailOptions = {
  from: "shop@example.org",
  to: "ann@example.com",
  subject: "Your receipt",
  text: "Thanks."
}

const token = PostmarkDouble.demoServerToken

/** Sends with nodemailer, and answers with the last reply, or that which refused. */
export const sendMail = (
  options: SendMailOptions = {},
  auth: { user: string; pass: string } = { user: token, pass: token }
) =>
  Effect.flatMap(NodeSmtpServer.NodeSmtpServer, ({ host, port }) =>
    Effect.promise(async () => {
      const transport = createTransport({ host, port, auth })
      try {
        return (await transport.sendMail({ ...mail, ...options })).response
      } catch (error) {
        if (!(error instanceof Error)) throw error
        return "response" in error && typeof error.response === "string" ? error.response : `error: ${error.message}`
      } finally {
        transport.close()
      }
    }))

/** Says lines one by one, each when the server has replied to the one before, and answers with all replies. */
export const talk = (lines: ReadonlyArray<string | Buffer>) =>
  Effect.flatMap(NodeSmtpServer.NodeSmtpServer, ({ host, port }) =>
    Effect.async<ReadonlyArray<string>>((resume) => {
      const replies: Array<string> = []
      const left = [...lines]
      let text = ""
      const socket = connect(port, host)
      socket.on("data", (chunk) => {
        text += chunk
        for (let end = text.indexOf("\r\n"); end >= 0; end = text.indexOf("\r\n")) {
          const line = text.slice(0, end)
          text = text.slice(end + 2)
          // A reply of several lines ends with the one that has a space after its code.
          if (line.charAt(3) === "-") continue
          replies.push(line)
          const next = left.shift()
          if (next === undefined) socket.destroy()
          else socket.write(typeof next === "string" ? `${next}\r\n` : next)
        }
      })
      socket.on("error", () => {})
      socket.on("close", () => resume(Effect.succeed(replies)))
      return Effect.sync(() => socket.destroy())
    }))

const login = `AUTH PLAIN ${Buffer.from(`\0${token}\0${token}`).toString("base64")}`

/** What is said up to `DATA`. */
export const envelope = (...recipients: ReadonlyArray<string>) => [
  "EHLO client.example.org",
  login,
  "MAIL FROM:<shop@example.org>",
  ...recipients.map((email) => `RCPT TO:<${email}>`)
]

/** A plain server that takes every mail; to a batch it answers for 500, without a look at it. */
import { createServer } from "node:http"

const accepted = {
  To: "ann@example.com",
  SubmittedAt: "2026-09-30T16:04:08.5123401Z",
  MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
  ErrorCode: 0,
  Message: "OK"
}
const one = Buffer.from(JSON.stringify(accepted))
const batch = Buffer.from(JSON.stringify(Array.from({ length: 500 }, () => accepted)))

const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => {
    const answer = request.url === "/email/batch" ? batch : one
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length })
    response.end(answer)
  })
})

server.listen(0, "127.0.0.1", () => process.send?.(server.address().port))

/** A plain server that takes every mail. */
import { createServer } from "node:http"

const answer = JSON.stringify({
  To: "ann@example.com",
  SubmittedAt: "2026-09-30T16:04:08.5123401Z",
  MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
  ErrorCode: 0,
  Message: "OK"
})

const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) })
    response.end(answer)
  })
})

server.listen(0, "127.0.0.1", () => process.send?.(server.address().port))

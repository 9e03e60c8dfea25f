// Five targets in a process of their own: they read, answer 204, and count.
import { createServer } from "node:http"
let received = 0
process.on("message", () => process.send(received))
const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => {
    received++
    response.writeHead(204).end()
  })
})
server.listen(0, "127.0.0.1", () => process.send(server.address().port))

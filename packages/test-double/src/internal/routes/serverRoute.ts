/** `GET` and `PUT /server` (https://postmarkapp.com/developer/api/server-api). */
import { isRefusal, ok } from "../http/response.ts"
import { presentServer, readServerFields } from "../rules/serverFields.ts"
import type { Handler } from "./call.ts"

export const getServer: Handler = ({ server }) => ok(presentServer(server))

export const editServer: Handler = ({ body, server, world }) => {
  const fields = readServerFields(world, body, server)
  if (isRefusal(fields)) return fields
  server.fields = fields
  return ok(presentServer(server))
}

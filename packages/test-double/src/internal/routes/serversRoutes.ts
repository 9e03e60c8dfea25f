/** The servers of the account (https://postmarkapp.com/developer/api/servers-api). */
import { nextUuid } from "../engine/random.ts"
import { isRefusal, ok, parameter, refusal } from "../http/response.ts"
import { cut, includes, numericId, readPage } from "../rules/fields.ts"
import { presentServer, readServerFields } from "../rules/serverFields.ts"
import { addServer, removeServer, type Server } from "../state/state.ts"
import type { AccountCall, AccountHandler } from "./call.ts"

export const list: AccountHandler = ({ query, world }) => {
  const page = readPage(query, { code: 600 })
  if (isRefusal(page)) return page
  const name = parameter(query, "name")
  const found = world.servers.filter(({ fields }) => name === undefined || includes(fields.Name, name))
  return ok({ TotalCount: found.length, Servers: cut(found, page).map(presentServer) })
}

export const get: AccountHandler = (call) => {
  const server = find(call)
  return server === undefined ? notFound : ok(presentServer(server))
}

export const create: AccountHandler = ({ body, now, world }) => {
  const fields = readServerFields(world, body)
  if (isRefusal(fields)) return fields
  const server = addServer(world, { token: nextUuid(world.account.random), name: fields.Name }, now.millis)
  server.fields = fields
  return ok(presentServer(server))
}

export const edit: AccountHandler = (call) => {
  const server = find(call)
  if (server === undefined) return notFound
  const fields = readServerFields(call.world, call.body, server)
  if (isRefusal(fields)) return fields
  server.fields = fields
  return ok(presentServer(server))
}

export const remove: AccountHandler = (call) => {
  const server = find(call)
  if (server === undefined) return notFound
  removeServer(call.world, server)
  return ok({ ErrorCode: 0, Message: `Server ${server.fields.Name} removed.` })
}

// Not established (docs/postmark.md#error-codes): the code when there is no such server.
const notFound = refusal(601, "The server was not found.")

const find = ({ path, world }: AccountCall): Server | undefined => {
  const id = numericId(path)
  return world.servers.find((server) => server.id === id)
}
